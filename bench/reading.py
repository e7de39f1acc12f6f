"""Reading speed against the Python wfdb package: the same records, in turn, in one run.

usage: reading.py BENCH_READING SHARED
Prints, per set of records, the medians of both in records per second on one thread, the median
ratio of the pairs, and the peak memory of ours as a multiple of the samples asked for.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

import wfdb


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def read(self, list_path):
        print(list_path, file=self.process.stdin, flush=True)
        milliseconds, samples, largest, peak = self.process.stdout.readline().split()
        return float(milliseconds), int(samples), int(largest), int(peak)


def theirs(records):
    start = time.perf_counter()
    samples = 0
    for record in records:
        samples += wfdb.rdrecord(record).p_signal.size
    return (time.perf_counter() - start) * 1e3, samples


def compare(program, name, records, pairs):
    ours = Ours(program)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
        file.write("".join(record + "\n" for record in records))
        file.flush()
        ours.read(file.name)
        theirs(records)
        own, peer, ratios = [], [], []
        for _ in range(pairs):
            milliseconds, samples, largest, peak = ours.read(file.name)
            peer_milliseconds, peer_samples = theirs(records)
            assert samples == peer_samples, (samples, peer_samples)
            own.append(milliseconds)
            peer.append(peer_milliseconds)
            ratios.append(peer_milliseconds / milliseconds)
    rate = [1e3 * len(records) / statistics.median(times) for times in (own, peer)]
    print(f"{name:<44} {rate[0]:>10.0f} {rate[1]:>10.1f} {statistics.median(ratios):>8.1f}x"
          f" {peak / largest:>8.2f}")


def main():
    program, shared = sys.argv[1:]
    data = os.path.join(shared, "data")
    folder = os.path.join(data, "ptbxl/records500/00000")
    ptbxl = sorted(os.path.join(folder, name[:-4]) for name in os.listdir(folder)
                   if name.endswith(".hea"))
    print(f"{'records per second, one thread':<44} {'clef':>10} {'wfdb ' + wfdb.__version__:>10}"
          f" {'ratio':>9} {'memory':>8}")
    compare(program, f"{len(ptbxl)} PTB-XL records, 12 leads, 500 Hz", ptbxl, 5)
    # Many times in a row: a rate of records, as above, and not what the other left in the caches.
    compare(program, "MIT-BIH record, 30 minutes, format 212",
            [os.path.join(data, "mitdb/100")] * 50, 7)
    print("memory: peak resident growth, as a multiple of the samples asked for (4 bytes each)")


if __name__ == "__main__":
    main()
