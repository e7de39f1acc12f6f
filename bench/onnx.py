"""A forward pass against ONNX Runtime: the same weights, exported by `clef model export`, the same
windows, one thread each, in turn, in one run.

usage: onnx.py CLEF BENCH_SESSION [FOLDER]
FOLDER keeps the models (1.3 GB each for the large one); without it they go when the run ends.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime

# Architecture, windows at once, pairs.
CASES = [("clef-small", 1, 201), ("clef-small", 64, 11), ("clef-medium", 1, 21),
         ("clef-medium", 64, 3), ("clef-large", 1, 7)]
WINDOWS = 8


class Ours:
    def __init__(self, program, model, precision, windows):
        self.process = subprocess.Popen([program, "run", model, precision, windows],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Theirs:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options,
                                                    providers=["CPUExecutionProvider"])

    def __call__(self, windows):
        begin = time.perf_counter()
        output = self.session.run(None, {"window": windows})[0]
        return 1e3 * (time.perf_counter() - begin), output


def prepare(clef, program, architecture, folder):
    model = os.path.join(folder, architecture + ".safetensors")
    onnx = os.path.join(folder, architecture + ".onnx")
    if not os.path.exists(onnx):
        subprocess.run([program, "write", architecture, model], check=True)
        subprocess.run([clef, "--quiet", "model", "export", model, "-o", onnx], check=True,
                       stdout=subprocess.DEVNULL)
    return model, onnx


def compare(program, model, theirs, windows, windows_path, architecture, batch, pairs, folder):
    ours = {name: Ours(program, model, name, windows_path)
            for name in ("float32", "bfloat16", "int8")}
    batch_windows = np.resize(windows, (batch, 1, windows.shape[-1]))
    output = os.path.join(folder, "ours.npy")
    ours["float32"].ask("write " + output)
    expected = theirs(windows)[1]
    error = np.abs(np.load(output) - expected).max() / np.abs(expected).max()
    assert error < 1e-4, f"{architecture}: the outputs differ by {error}"
    times = {name: [] for name in [*ours, "onnx"]}
    for name in ours:
        ours[name].ask(batch)
    theirs(batch_windows)
    for _ in range(pairs):
        for name in ours:
            times[name].append(float(ours[name].ask(batch)))
        times["onnx"].append(theirs(batch_windows)[0])
    for name in ours:
        ours[name].close()
    ratio = statistics.median(b / a for a, b in zip(times["float32"], times["onnx"]))
    own = "".join(f"{statistics.median(times[name]) / batch:>10.3f}" for name in ours)
    print(f"{architecture + ', ' + str(batch) + ' at once':<28}{own}"
          f"{statistics.median(times['onnx']) / batch:>10.3f}{ratio:>8.2f}x{error:>10.1e}", flush=True)


def main():
    clef, program = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as temporary:
        folder = sys.argv[3] if len(sys.argv) > 3 else temporary
        windows = np.random.default_rng(1).standard_normal((WINDOWS, 1, 5000)).astype(np.float32)
        windows_path = os.path.join(folder, "windows.npy")
        np.save(windows_path, windows.reshape(WINDOWS, -1))
        print(f"{'ms a window, one thread':<28}{'float32':>10}{'bfloat16':>10}{'int8':>10}{'ONNX':>10}"
              f"{'ratio':>9}{'differ':>10}   (ONNX Runtime {onnxruntime.__version__}; ratio: to float32)")
        for architecture in dict.fromkeys(case[0] for case in CASES):
            model, onnx = prepare(clef, program, architecture, folder)
            theirs = Theirs(onnx)
            for name, batch, pairs in CASES:
                if name == architecture:
                    compare(program, model, theirs, windows, windows_path, name, batch, pairs,
                            folder)
            del theirs


if __name__ == "__main__":
    main()
