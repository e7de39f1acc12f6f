"""Forward passes of CLEF's encoders and the foundation models against PyTorch
(bench/foundation_peers.py: MOMENT is its authors' own package, the others are written from their
published numbers): the same weights, the same windows, one thread each, in turn, in one run.

usage: foundation.py BENCH_SESSION

Of CLEF's, one window and many are compared each with PyTorch's time for as many at once. Of the others
ours takes one window after the other; PyTorch is tried with one and with several at once (eight of one
lead, four of twelve), and the faster of the two is what the ratio is of.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # torch.set_num_threads does not reach OpenBLAS's own
import numpy as np  # noqa: E402

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-torch, which has OpenBLAS
import torch  # noqa: E402

import foundation_peers as peers  # noqa: E402

WINDOWS = {1: 8, 12: 4}  # at once, by leads
PAIRS = {1: 9, 12: 3}
# Architecture, windows at once, pairs, the peer.
CLEF_CASES = [("clef-small", 1, 101, peers.clef_small), ("clef-small", 16, 21, peers.clef_small),
              ("clef-small", 64, 9, peers.clef_small), ("clef-medium", 1, 21, peers.clef_medium),
              ("clef-medium", 16, 3, peers.clef_medium), ("clef-large", 1, 5, peers.clef_large)]
# Architecture, its leads, leads of the window, samples, the peer.
CASES = [("ecgfounder", 1, 1, 5000, lambda: peers.ecgfounder(1)),
         ("ecgfounder", 12, 12, 5000, lambda: peers.ecgfounder(12)),
         ("ked", 12, 12, 1000, peers.Ked),
         ("st-mem", 12, 1, 2250, peers.StMem),
         ("st-mem", 12, 12, 2250, peers.StMem),
         ("moment-1-base", 12, 1, 512, peers.Moment),
         ("moment-1-base", 12, 12, 512, peers.Moment),
         ("moirai-1.1-r-base", 12, 1, 5000, peers.Moirai),
         ("moirai-1.1-r-base", 12, 12, 5000, peers.Moirai)]


def read_model(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            kind = {"F32": "<f4", "I64": "<i8"}[entry["dtype"]]
            begin, end = entry["data_offsets"]
            array = np.frombuffer(data[begin:end], dtype=kind).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(array.copy())
    return tensors


def peer_of(make, path):
    network = make().eval()
    tensors = read_model(path)
    tensors = {name: value for name, value in tensors.items()  # Net1D's batch norm is not used
               if not (isinstance(network, peers.Net1d) and "bn" in name)}
    network.load_state_dict(tensors)
    return network


def milliseconds(network, windows):
    begin = time.perf_counter()
    with torch.no_grad():
        output = network(windows)
    return 1e3 * (time.perf_counter() - begin) / len(windows), output.numpy()


class Ours:
    def __init__(self, program, model, windows_path, leads):
        self.process = subprocess.Popen([program, "run", model, "float32", windows_path, str(leads)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def prepared(program, folder, architecture, own_leads, leads, windows, make):
    """Both with the same weights and windows, their outputs compared."""
    model = os.path.join(folder, "model.safetensors")
    subprocess.run([program, "write", architecture, model, str(own_leads)], check=True)
    windows_path = os.path.join(folder, "windows.npy")
    np.save(windows_path, windows.reshape(len(windows), -1))
    ours = Ours(program, model, windows_path, leads if leads < own_leads else 0)
    network = peer_of(make, model)
    batch = torch.from_numpy(windows)
    output = os.path.join(folder, "output.npy")
    ours.ask("write " + output)
    expected = milliseconds(network, batch)[1]
    error = np.abs(np.load(output) - expected).max() / np.abs(expected).max()
    assert error < 1e-4, f"{architecture}, {leads} leads: the outputs differ by {error}"
    return ours, network, batch, error


def noise(count, leads, samples):
    return np.random.default_rng(1).standard_normal((count, leads, samples)).astype(np.float32)


def compare_clef(program, folder, architecture, count, pairs, make):
    ours, network, batch, error = prepared(program, folder, architecture, 1, 1, noise(count, 1, 5000), make)
    times = []
    for _ in range(pairs):
        times.append((float(ours.ask(count)) / count, milliseconds(network, batch)[0]))
    ours.end()
    own, other = (statistics.median(column) for column in zip(*times))
    ratio = statistics.median(b / a for a, b in times)
    name = f"{architecture}, {count} window{'s' if count > 1 else ''}"
    print(f"{name:<28}{own:>9.3f}{other:>9.3f}{'':>10}{1e3 / own:>9.1f}{ratio:>8.2f}x{error:>10.1e}",
          flush=True)


def compare(program, folder, architecture, own_leads, leads, samples, make):
    ours, network, batch, error = prepared(program, folder, architecture, own_leads, leads,
                                           noise(WINDOWS[leads], leads, samples), make)
    times = {"ours": [], "one": [], "several": []}
    for _ in range(PAIRS[leads]):
        times["ours"].append(float(ours.ask(2)) / 2)
        times["one"].append(milliseconds(network, batch[:1])[0])
        times["several"].append(milliseconds(network, batch)[0])
    ours.end()
    best = min(("one", "several"), key=lambda way: statistics.median(times[way]))
    ratio = statistics.median(b / a for a, b in zip(times["ours"], times[best]))
    own, one, several = (statistics.median(times[way]) for way in times)
    name = f"{architecture}, {leads} lead{'s' if leads > 1 else ''}"
    print(f"{name:<28}{own:>9.1f}{one:>9.1f}{several:>10.1f}{1e3 / own:>9.1f}{ratio:>8.2f}x"
          f"{error:>10.1e}", flush=True)


def main():
    torch.set_num_threads(1)
    print(f"{'ms a window, one thread':<28}{'clef':>9}{'PyTorch':>9}{'at once':>10}"
          f"{'windows/s':>10}{'ratio':>7}{'differ':>11}   (PyTorch {torch.__version__})")
    with tempfile.TemporaryDirectory() as folder:
        for case in CLEF_CASES:
            compare_clef(sys.argv[1], folder, *case)
        for case in CASES:
            compare(sys.argv[1], folder, *case)


if __name__ == "__main__":
    main()
