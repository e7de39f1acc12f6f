"""Makes the small checkpoints of this folder with PyTorch, and the list of what they hold.

    python3 make_checkpoints.py            # writes beside itself; torch 1.13 or later
    python3 make_checkpoints.py --digests CHECKPOINT > digests.tsv

Every checkpoint holds the same tiny state dict, saved in another way; expected.tsv has the name, the
element type, the shape and the SHA-256 of each tensor's bytes (little-endian, row-major).
"""
import collections
import hashlib
import pathlib
import sys

import torch

FOLDER = pathlib.Path(__file__).parent


def tiny(dtype=torch.float32):
    values = torch.arange(-12, 12, dtype=torch.float64) / 7
    return collections.OrderedDict(
        [
            ("conv.weight", values.reshape(4, 2, 3).to(dtype)),
            ("conv.bias", torch.tensor([1.5, -2.25, 1e-3, 60000.0], dtype=torch.float64).to(dtype)),
            ("bn.num_batches_tracked", torch.tensor(1234567890123, dtype=torch.int64)),
        ]
    )


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + name, value) for name, value in state.items())


def strided():
    """The same values as views: transposed, every second element, and of one shared storage."""
    state = tiny()
    weight = state["conv.weight"]
    moved = weight.permute(2, 0, 1).contiguous().permute(1, 2, 0)
    assert not moved.is_contiguous() and torch.equal(moved, weight)
    padded = torch.zeros(8)
    padded[::2] = state["conv.bias"]
    return collections.OrderedDict(
        [
            ("conv.weight", moved),
            ("conv.bias", padded[::2]),
            ("bn.num_batches_tracked", state["bn.num_batches_tracked"]),
        ]
    )


def shared():
    """Weight and bias are two parts of one storage, as torch saves flattened parameters."""
    state = tiny()
    flat = torch.cat([state["conv.weight"].flatten(), state["conv.bias"]])
    return collections.OrderedDict(
        [
            ("conv.weight", flat[:24].reshape(4, 2, 3)),
            ("conv.bias", flat[24:]),
            ("again.weight", flat[:24].reshape(4, 2, 3)),
            ("bn.num_batches_tracked", state["bn.num_batches_tracked"]),
        ]
    )


class Callback:
    """Stands for whatever a training framework leaves in its checkpoints."""

    def __init__(self):
        self.best = 0.5


def lightning():
    parameter = torch.nn.Parameter(torch.zeros(3))
    optimizer = torch.optim.AdamW([parameter])
    parameter.sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "state_dict": prefixed("backbone.", tiny()),
        "optimizer_states": [optimizer.state_dict()],
        "callbacks": {"Best": Callback()},
        "big": 1 << 100,
        "set": {1, 2},
        "bytes": b"\x00\xff",
        "parameter": parameter,
    }


def save(name, value, **options):
    torch.save(value, FOLDER / name, **options)


def main():
    legacy = {"_use_new_zipfile_serialization": False}
    save("bare.pth", tiny())
    save("under_model.pth", {"model": tiny(), "optimizer": {"lr": 1e-3}})
    save("under_ecg_model.pth", {"ecg_model": tiny()})
    save("lightning.ckpt", lightning())
    save("module_backbone.pth", {"state_dict": prefixed("module.backbone.", tiny())})
    save("half.pth", tiny(torch.float16))
    save("bfloat16.pth", tiny(torch.bfloat16))
    save("double.pth", tiny(torch.float64))
    save("strided.pth", strided())
    save("shared.pth", shared())
    save("protocol4.pth", lightning(), pickle_protocol=4)
    save("legacy.pth", tiny(), **legacy)
    save("legacy_shared_strided.pth", {"model": strided(), "ecg_model": shared()}, **legacy)
    save("legacy_protocol4.pth", tiny(), pickle_protocol=4, **legacy)
    save("parameters.pth", collections.OrderedDict(
        (name, torch.nn.Parameter(value, requires_grad=False)) for name, value in tiny().items()))
    rows = []
    for label, state in (("float32", tiny()), ("half", tiny(torch.float16)),
                         ("bfloat16", tiny(torch.bfloat16)), ("double", tiny(torch.float64))):
        rows += [label + "\t" + row for row in digests(state)]
    (FOLDER / "expected.tsv").write_text("\n".join(rows) + "\n")


def digests(state):
    for name, tensor in state.items():
        raw = tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        shape = ",".join(map(str, tensor.shape))
        yield f"{name}\t{str(tensor.dtype)[6:]}\t{shape}\t{hashlib.sha256(raw).hexdigest()}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--digests"]:
        state = torch.load(sys.argv[2], map_location="cpu", weights_only=False)
        state = state.get("state_dict", state)
        print("\n".join(digests({k.removeprefix("backbone."): v for k, v in state.items()})))
    else:
        main()
