"""Writes a checkpoint as large as CLEF-large's published one, with random weights, to measure memory:

    python3 scripts/make-large-checkpoint.py large.ckpt names.tsv   # 3.6 GB; needs PyTorch
    /usr/bin/time -v clef model import large.ckpt -o large.safetensors
    /usr/bin/time -v clef embed RECORD --model large.safetensors -o out.npy

Line "Maximum resident set size" must stay below 1.5 times the float32 weights (1,187 MB): 1,780 MB.
names.tsv lists name<TAB>dimension,dimension,… (../shared/facts/tensor-names/clef_large.tsv).
"""
import sys

import torch

state = {}
for line in open(sys.argv[2]):
    name, _, shape = line.rstrip("\n").partition("\t")
    dims = [int(d) for d in shape.split(",")] if shape else []
    if name.endswith("num_batches_tracked"):
        state["backbone." + name] = torch.tensor(0)
    else:
        state["backbone." + name] = torch.randn(dims) * 0.01
moments = {i: {"step": torch.tensor(1.0), "exp_avg": v, "exp_avg_sq": v * v}
           for i, v in enumerate(state.values())}
for moment in moments.values():
    moment["exp_avg"] = moment["exp_avg"].clone()
torch.save({"epoch": 1, "state_dict": state,
            "optimizer_states": [{"state": moments, "param_groups": []}]}, sys.argv[1])
