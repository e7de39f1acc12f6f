"""Answers of MOMENT's published code, for tests/runtime/moment_test.cpp.

    python3 -m venv --system-site-packages v        # PyTorch and NumPy: Debian's, 1.13 and 1.24
    v/bin/pip install --no-deps momentfm==0.1.4 transformers==4.33.3 tokenizers==0.13.3 \
        huggingface-hub==0.24.0 safetensors filelock fsspec tqdm regex pyyaml requests packaging
    v/bin/python make_goldens.py goldens.json
    v/bin/python make_goldens.py --buckets          # T5's buckets of distances 0 to 64

Weights and inputs follow from their names (src/encoder/procedural.hpp); the inputs are then
scale · u + offset. Every embedding is computed in double precision, which is what is written, and in
float32, whose largest difference from it over the largest number is written as "float32": by how
much the published code differs from itself.

T5 does not divide its scores, so weights as large as the procedural ones saturate every softmax, and
twelve layers of that turn the last bit of float32 into 5e-4 of the output. "queries" multiplies the
queries' weights: 1/8, as T5 draws them (1 / √(width of a head)), leaves a network whose answers are
known to float32.
"""
import json
import multiprocessing
import os
import sys

import numpy as np
import torch
from transformers.models.t5.modeling_t5 import T5Attention, T5LayerNorm

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "../../../../bench"), os.path.join(here, "..")]
from foundation_peers import Moment
from procedural import procedural, u

STEP = 4  # every fourth number of an embedding is written
# Those of Flan-T5's encoders.
SIZES = {
    "moment-1-small": {"width": 512, "depth": 8, "heads": 6, "hidden": 1024},
    "moment-1-base": {"width": 768, "depth": 12, "heads": 12, "hidden": 2048},
    "moment-1-large": {"width": 1024, "depth": 24, "heads": 16, "hidden": 2816},
}
CASES = [
    {"key": "moment-512", "size": "moment-1-base"},
    {"key": "moment-512-leads", "size": "moment-1-base", "leads": 12, "scale": 0.7},
    {"key": "moment-8", "size": "moment-1-base", "samples": 8},
    {"key": "moment-251", "size": "moment-1-base", "samples": 251, "scale": 3, "offset": -20},
    {"key": "moment-5000", "size": "moment-1-base", "samples": 5000},
    # 101 to 163 are missing: patches 12 to 20 are not whole.
    {"key": "moment-512-gap", "size": "moment-1-base", "missing": [101, 164]},
    {"key": "moment-512-short", "size": "moment-1-base", "leads": 2, "missing": [0, 330]},
    {"key": "moment-512-constant", "size": "moment-1-base", "scale": 0, "offset": 1.5},
    {"key": "moment-512-faint", "size": "moment-1-base", "scale": 3e-6, "offset": 0},
    {"key": "moment-512-small", "size": "moment-1-small", "leads": 3},
]
CASES += [
    {**case, "key": case["key"] + "-calm", "queries": 0.125}
    for case in CASES
] + [{"key": "moment-512-large-calm", "size": "moment-1-large", "queries": 0.125}]
BATCH = [{"key": f"moment-batch-{i}", "size": "moment-1-base", "samples": 256, "queries": 0.125}
         for i in range(5)]


def model_of(size, queries):
    model = Moment(**SIZES[size]).eval()
    with torch.no_grad():
        for name, tensor in model.model.state_dict().items():
            scale = queries if name.endswith("SelfAttention.q.weight") else 1
            tensor.copy_(torch.from_numpy(scale * procedural(name, tuple(tensor.shape))))
    return model


def window_of(case):
    leads, samples = case.get("leads", 1), case.get("samples", 512)
    values = u("input." + case["key"], leads * samples).astype(np.float32)
    scale, offset = np.float32(case.get("scale", 1)), np.float32(case.get("offset", 0))
    window = torch.from_numpy((scale * values + offset).reshape(1, leads, samples))
    mask = torch.ones(1, samples)
    if "missing" in case:
        mask[:, case["missing"][0] : case["missing"][1]] = 0
    return window, mask


def embed(model, window, mask):
    with torch.no_grad():
        return model(window, mask).double().numpy()


# T5 computes its norms and softmaxes in float32 whatever it is given; not here.
def make_exact(model):
    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))

    T5LayerNorm.forward = forward
    torch.Tensor.float = lambda self: self
    model.double()


def describe(case, exact, single):
    error = np.abs(exact - single).max() / np.abs(exact).max()
    print(f"{case['key']:28} float32 against float64: {error:.1e}", file=sys.stderr)
    entry = {"size": case["size"], "queries": case.get("queries", 1)}
    entry |= {"leads": case.get("leads", 1), "samples": case.get("samples", 512)}
    entry |= {"scale": case.get("scale", 1), "offset": case.get("offset", 0)}
    entry |= {"missing": case.get("missing"), "float32": float(f"{error:.1e}")}
    return entry | {"y": [float(f"{y:.7g}") for y in exact[::STEP]]}


def run(size, queries):
    """Goldens of all cases of one model, double after single: what is patched stays so."""
    def chosen(cases):
        return [c for c in cases if c["size"] == size and c.get("queries", 1) == queries]

    model = model_of(size, queries)
    parts = [[case] for case in chosen(CASES)] + [chosen(BATCH)]
    parts = [cases for cases in parts if cases]
    inputs = [[torch.cat(part) for part in zip(*map(window_of, cases))] for cases in parts]
    single = [embed(model, *pair) for pair in inputs]
    make_exact(model)
    goldens = {}
    for cases, (windows, masks), ys in zip(parts, inputs, single):
        exact = embed(model, windows.double(), masks)
        goldens |= {c["key"]: describe(c, e, y) for c, e, y in zip(cases, exact, ys)}
    return goldens


def main(path):
    pairs = {(case["size"], case.get("queries", 1)) for case in CASES + BATCH}
    goldens = {}
    for size, queries in sorted(pairs):  # each in a process of its own
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            goldens |= pool.apply(run, (size, queries))
    with open(path, "w") as file:
        rows = (f'"{key}": {json.dumps(entry)}' for key, entry in goldens.items())
        file.write("{" + ",\n".join(rows) + "}\n")


if __name__ == "__main__":
    if sys.argv[1] == "--buckets":
        bucket = T5Attention._relative_position_bucket
        distances = -torch.arange(65)
        print(bucket(distances, bidirectional=True, num_buckets=32, max_distance=128).tolist())
    else:
        main(sys.argv[1])
