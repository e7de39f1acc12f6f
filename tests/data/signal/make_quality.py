"""Writes quality.json: what SciPy and NumPy, and a plain second implementation of the beat
correlation, say of windows of real leads. The recordings are read where they lie:

    CLEF_SHARED=../shared python3 tests/data/signal/make_quality.py
"""
import json
import os
import pathlib

import numpy as np
import scipy.io
import scipy.signal

shared = pathlib.Path(os.environ.get("CLEF_SHARED", "../shared")) / "data"


def matlab(path, gain):
    return scipy.io.loadmat(shared / path)["val"][0].astype(np.float64) / gain


def format16(path, leads, lead, gain):
    return np.fromfile(shared / path, "<i2").reshape(-1, leads)[:, lead] / gain


def format212(path, signal, gain, zero):
    raw = np.fromfile(shared / path, np.uint8).reshape(-1, 3).astype(int)
    value = raw[:, 2 * signal] | (raw[:, 1] << 8 if signal == 0 else raw[:, 1] << 4) & 0xF00
    return (np.where(value > 2047, value - 4096, value) - zero) / gain


def nearest(x):
    return int(x + 0.5)  # halves go up, as in C++


def moving_mean(x, half):
    return np.array([x[max(0, i - half): i + half + 1].mean() for i in range(len(x))])


def find_beats(y, rate):
    """Slope energy over 0.1 s above 0.3 of its 98th percentile, 0.3 s apart, moved to the largest
    magnitude within 0.06 s."""
    step = max(1, nearest(0.004 * rate))
    slope = np.zeros(len(y))
    slope[step:] = (y[step:] - y[:-step]) ** 2
    energy = moving_mean(slope, int(0.1 * rate / 2))
    threshold = 0.3 * np.sort(energy)[int(0.98 * (len(y) - 1))]
    tops = [i for i in range(1, len(y) - 1)
            if energy[i] > threshold and energy[i] > energy[i - 1] and energy[i] >= energy[i + 1]]
    kept = []
    for i in sorted(tops, key=lambda i: (-energy[i], i)):
        if all(abs(i - j) >= int(0.3 * rate) for j in kept):
            kept.append(i)
    reach = int(0.06 * rate)
    beats = []
    for i in sorted(kept):
        begin = max(0, i - reach)
        beats.append(begin + int(np.argmax(np.abs(y[begin: i + reach]))))
    return sorted(set(beats))


def beat_correlation(v, rate):
    y = (v - moving_mean(v, nearest(0.1 * rate))).astype(np.float32).astype(np.float64)
    half = nearest(0.15 * rate)
    rows = [y[b - half: b + half + 1] for b in find_beats(y, rate)
            if b >= half and b + half < len(y)]
    if len(rows) < 2:
        return 0.0, len(rows)
    found = [np.corrcoef(row, np.sum(rows, axis=0) - row)[0, 1] for row in rows]
    return float(np.mean(found)), len(rows)


def describe(x, rate):
    x = x.astype(np.float32).astype(np.float64)
    there = ~np.isnan(x)
    low, high = np.percentile(x[there], [0.5, 99.5])
    filled = np.interp(np.arange(len(x)), np.flatnonzero(there), x[there])
    filled = filled.astype(np.float32).astype(np.float64)
    block = max(1, int(rate // 125))
    v = filled[: len(x) // block * block].reshape(-1, block).mean(axis=1)
    f, p = scipy.signal.periodogram(v, rate / block, window="hann", detrend="constant")
    f = np.round(f, 9)

    def power(a, b):
        return p[(f >= a) & (f < b)].sum()

    correlation, beats = beat_correlation(v, rate / block)
    return {"missing": float(np.mean(~there)), "lowest": float(x[there].min()),
            "highest": float(x[there].max()), "low": float(low), "high": float(high),
            "noise": float(power(15, 40) / power(5, 40)),
            "baseline": float(power(0, 1) / power(0, 40)),
            "beat_correlation": correlation, "beats": beats}


cases = []


def case(record, lead, x, rate, start, seconds, gap=(0, 0)):
    begin, count = round(start * rate), round(seconds * rate)
    window = x[begin: begin + count].astype(np.float32)
    window[gap[0]: gap[1]] = np.nan
    cases.append({"record": record, "lead": lead, "rate": rate, "from": begin, "count": count,
                  "gap": list(gap), "expected": describe(window, rate)})


for name, rate, samples in (("records100/00000/00001_lr", 100, 1000),
                            ("records500/00000/00002_hr", 500, 5000)):
    for lead, place in (("I", 0), ("V2", 7)):
        x = format16(f"ptbxl/{name}.dat", 12, place, 1000.0)
        case(f"ptbxl/{name}", lead, x, rate, 0, 10)
case("ptbxl/records500/00000/00002_hr", "II", format16(
    "ptbxl/records500/00000/00002_hr.dat", 12, 1, 1000.0), 500, 0, 10, gap=(700, 1333))
x = format212("mitdb/100.dat", 0, 200.0, 1024)
case("mitdb/100", "MLII", x, 360, 60, 10)
case("mitdb/100", "MLII", x, 360, 100, 7.3055)  # 2630 samples: 5 × 263 after halving
case("cinc2017/training/A00002", "ECG", matlab("cinc2017/training/A00002.mat", 1000.0), 300, 0, 10)
case("cinc2017/training/A00004", "ECG", matlab("cinc2017/training/A00004.mat", 1000.0), 300, 10, 10)
here = pathlib.Path(__file__).parent
(here / "quality.json").write_text(json.dumps(cases, indent=1) + "\n")
