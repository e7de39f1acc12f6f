"""Loads an exported .pth (with torch) or .safetensors (with safetensors) and compares names, order
and shapes with a list of the published weights, NAME<TAB>32,1,16 a line.

    check_tensors.py FILE LIST
"""
import sys


def shapes_of(path):
    if path.endswith(".pth"):
        import torch

        state = torch.load(path, map_location="cpu", weights_only=True)
        assert type(state).__name__ == "OrderedDict", type(state)
        assert all(tensor.is_contiguous() for tensor in state.values())
        # Read to the last element: a wrong offset ends here.
        assert all(torch.isfinite(tensor.float()).all() for tensor in state.values())
        return {name: tuple(tensor.shape) for name, tensor in state.items()}, torch.__version__
    from safetensors import __version__, safe_open

    with safe_open(path, framework="numpy") as file:
        return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}, __version__


def published(path):
    shapes = {}
    for line in open(path):
        name, _, sizes = line.rstrip("\n").partition("\t")
        shapes[name] = tuple(int(size) for size in sizes.split(",") if size)
    return shapes


def main():
    found, version = shapes_of(sys.argv[1])
    expected = published(sys.argv[2])
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            sys.exit(f"{sys.argv[1]}: {name}: {found.get(name)}, published {expected.get(name)}")
    print(f"  {sys.argv[1].rsplit('/', 1)[-1]}: {len(found)} tensors as published ({version})")


main()
