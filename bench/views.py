"""Views per second and core against the equivalent Python pipeline (wfdb, SciPy, NumPy): the same
records, the same steps, in turn, in one run.

usage: views.py BENCH_VIEWS SHARED
The Python pipeline reads a record, draws two leads, band-passes them (filtfilt), adds noise four
times in five, masks a stretch one time in five and z-scores. From files is how both begin; the cache
has no Python equivalent, so its ratio is against the same pipeline from files.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import scipy.signal
import wfdb

B, A = scipy.signal.butter(5, [0.67, 40], "band", fs=500)


def view(signal, lead, random):
    x = scipy.signal.filtfilt(B, A, signal[:, lead])
    if random.random() < 0.8:
        noise = numpy.sqrt(2) * numpy.sin(2 * numpy.pi * random.uniform(0.05, 0.5)
                                          * numpy.arange(len(x)) / 500)
        x = x + 0.1 * x.std() * noise
    if random.random() < 0.2:
        length = int(random.uniform(0.1, 0.3) * len(x))
        start = random.integers(len(x) - length + 1)
        x[start:start + length] = 0
    return ((x - x.mean()) / (x.std() + 1e-8)).astype(numpy.float32)


def theirs(records, pairs):
    start = time.perf_counter()
    for i in range(pairs):
        random = numpy.random.default_rng(i)
        signal = wfdb.rdrecord(records[i % len(records)]).p_signal
        for _ in range(2):
            view(signal, random.integers(signal.shape[1]), random)
    return (time.perf_counter() - start) * 1e3


def main():
    program, shared = sys.argv[1:]
    folder = os.path.join(os.path.abspath(shared), "data/ptbxl/records500/00000")
    records = sorted(os.path.join(folder, name[:-4]) for name in os.listdir(folder)
                     if name.endswith(".hea"))[:200]
    with tempfile.TemporaryDirectory() as scratch:
        cohort = os.path.join(scratch, "cohort.csv")
        with open(cohort, "w") as file:
            file.write("record\n" + "".join(record + "\n" for record in records))
        process = subprocess.Popen([program, cohort, os.path.join(scratch, "cache")],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def ours(source, pairs):
            print(source, pairs, file=process.stdin, flush=True)
            return float(process.stdout.readline())

        print(f"{'views per second, one thread':<44} {'clef':>10} {'Python':>10} {'ratio':>9}")
        for name, source, pairs in (("from WFDB files", "files", 1000), ("from the cache", "cache", 5000)):
            ours(source, pairs)
            theirs(records, 100)
            own, peer, ratios = [], [], []
            for _ in range(5):
                own.append(ours(source, pairs) / pairs)
                peer.append(theirs(records, 100) / 100)
                ratios.append(peer[-1] / own[-1])
            rate = [2e3 / statistics.median(times) for times in (own, peer)]
            print(f"{name:<44} {rate[0]:>10.0f} {rate[1]:>10.1f} {statistics.median(ratios):>8.1f}x")
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main()
