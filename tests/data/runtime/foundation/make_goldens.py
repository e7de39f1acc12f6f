"""Answers for tests/runtime/foundation_lengths_test.cpp: ECGFounder, KED, ST-MEM and Moirai, by the
PyTorch networks of bench/foundation_peers.py in double precision.

    python3 make_goldens.py goldens.json [FOLDER]     (Debian's python3-torch)

FOLDER holds net1d.json, baselines.json and moirai.json, the answers of the published code for whole
windows ($CLEF_SHARED/goldens): the networks are held to those first. Weights and inputs follow from
their names (src/encoder/procedural.hpp); inputs are then scale · u + offset.
"""
import json
import os
import sys

import torch

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "../../../../bench"), os.path.join(here, "..")]
import foundation_peers as peers
from procedural import procedural, u

STEP = 4  # every fourth number of an embedding is written
NETWORKS = {
    "ecgfounder-1": lambda: peers.ecgfounder(1),
    "ecgfounder-12": lambda: peers.ecgfounder(12),
    "ked": peers.Ked,
    "st-mem": peers.StMem,
    "moirai-8": lambda: peers.Moirai(8),
    "moirai-32": lambda: peers.Moirai(32),
    "moirai-128": lambda: peers.Moirai(128),
}


def case(network, leads, samples, **rest):
    return {"network": network, "leads": leads, "samples": samples, **rest}


CONSTANT = {"scale": 0, "offset": 0.5}
CASES = {
    "ecgfounder-1-2500": case("ecgfounder-1", [0], 2500),
    "ecgfounder-1-333": case("ecgfounder-1", [0], 333),
    "ecgfounder-1-constant": case("ecgfounder-1", [0], 5000, **CONSTANT),
    "ecgfounder-12-1250": case("ecgfounder-12", list(range(12)), 1250),
    **{f"ecgfounder-1-batch-{i}": case("ecgfounder-1", [0], 1000) for i in range(5)},
    "ked-250": case("ked", list(range(12)), 250),
    "ked-999": case("ked", list(range(12)), 999),
    "ked-3": case("ked", list(range(12)), 3),
    "ked-one-lead": case("ked", [6], 1000),
    "ked-constant": case("ked", list(range(12)), 1000, **CONSTANT),
    **{f"ked-batch-{i}": case("ked", list(range(12)), 200) for i in range(5)},
    "st-mem-75": case("st-mem", [0], 75),
    "st-mem-750": case("st-mem", [1, 7], 750),
    "st-mem-1500": case("st-mem", list(range(12)), 1500),
    "st-mem-constant": case("st-mem", [11], 2250, **CONSTANT),
    **{f"st-mem-batch-{i}": case("st-mem", [2], 600) for i in range(5)},
    "moirai-5000": case("moirai-128", [0], 5000, scale=0.3, offset=0.1),
    "moirai-100": case("moirai-8", [0], 100),
    "moirai-1000-leads": case("moirai-32", [0, 1, 2], 1000),
    "moirai-1000-gaps": case("moirai-32", [0, 1], 1000, missing=[90, 420]),
    "moirai-1000-front": case("moirai-128", [0], 1000, missing=[0, 300]),
    "moirai-constant": case("moirai-128", [0], 5000, **CONSTANT),
    **{f"moirai-batch-{i}": case("moirai-32", [0], 500) for i in range(5)},
}


def network_of(name):
    network = NETWORKS[name]().eval()
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(procedural(key, tuple(tensor.shape))))
    return network


def window_of(key, golden):
    leads, samples = len(golden["leads"]), golden["samples"]
    scale, offset = golden.get("scale", 1), golden.get("offset", 0)
    values = u("input." + key, leads * samples).astype("float32")
    values = values * values.dtype.type(scale) + values.dtype.type(offset)
    return torch.from_numpy(values.reshape(1, leads, samples))


def embed(name, network, window, golden):
    with torch.no_grad():
        if name == "ked" and window.shape[1] < 12:  # the lead in its place
            whole = torch.zeros(window.shape[0], 12, window.shape[2], dtype=window.dtype)
            whole[:, golden["leads"]] = window
            window = whole
        if name == "st-mem":
            return network(window, golden["leads"])
        if "missing" in golden:
            observed = torch.ones_like(window)
            observed[..., golden["missing"][0] : golden["missing"][1]] = 0
            return network(window, observed)
        return network(window)


def error(found, expected):
    return float((found - expected).abs().max() / expected.abs().max())


def check(folder):
    """The networks against the published code's answers, whose float32 is as far off as stated."""
    published = {}
    for name in ("net1d", "baselines", "moirai"):
        with open(os.path.join(folder, name + ".json")) as file:
            published |= json.load(file)
    for name, key in (("ecgfounder-1", "ecgfounder-1lead"), ("ecgfounder-12", "ecgfounder-12lead"),
                      ("ked", "ked-12lead"), ("st-mem", "st-mem-12lead"), ("st-mem", "st-mem-1lead"),
                      ("moirai-128", "moirai-5000-128"), ("moirai-32", "moirai-1000-32-gap")):
        theirs = published[key]
        if "shape" in theirs:
            golden = case(name, list(range(theirs["shape"][1])), theirs["shape"][2])
        else:
            golden = case(name, [0], theirs["samples"], scale=theirs["scale"],
                          offset=theirs["offset"])
            if theirs["gap"]:
                golden["missing"] = theirs["gap"]
        network = network_of(name).double()
        found = embed(name, network, window_of(key, golden).double(), golden)[0]
        off = error(found, torch.tensor(theirs.get("y", theirs.get("mean"))))
        print(f"{key:24} against the published code: {off:.1e}", file=sys.stderr)
        assert off < 1e-4, key


def main(path, folder=None):
    if folder:
        check(folder)
    goldens = {}
    for name in NETWORKS:
        cases = {key: golden for key, golden in CASES.items() if golden["network"] == name}
        network = network_of(name)
        single = {key: embed(name, network, window_of(key, golden), golden)[0]
                  for key, golden in cases.items()}
        network.double()
        for key, golden in cases.items():
            exact = embed(name, network, window_of(key, golden).double(), golden)[0]
            off = error(single[key].double(), exact)
            print(f"{key:24} float32 against float64: {off:.1e}", file=sys.stderr)
            numbers = [float(f"{y:.7g}") for y in exact[::STEP]]
            goldens[key] = {**golden, "float32": float(f"{off:.1e}"), "y": numbers}
    with open(path, "w") as file:
        rows = (f'"{key}": {json.dumps(golden)}' for key, golden in goldens.items())
        file.write("{" + ",\n".join(rows) + "}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
