"""Writes src/runtime/goldens.cpp: 32 of each encoder's outputs for procedural weights.

    python3 scripts/make-goldens.py ../shared/goldens/net1d.json > src/runtime/goldens.cpp

The source is a file of PyTorch's answers for the weights and inputs that
src/encoder/procedural.hpp describes: {name: {"shape": [1, leads, samples], "y": [...]}}.
"""
import json
import sys

KEPT = 32


def entry(name, golden):
    _, leads, samples = golden["shape"]
    architecture = "ecgfounder" if name.startswith("ecgfounder") else "-".join(name.split("-")[:2])
    y = golden["y"]
    kept = ", ".join(repr(y[i * len(y) // KEPT]) for i in range(KEPT))
    largest = max(map(abs, y))
    return (f'        {{"{name}", "{architecture}", {leads}, {samples}, {largest!r}, {len(y)},\n'
            f"         {{{kept}}}}},\n")


goldens = json.load(open(sys.argv[1]))
print("// Written by scripts/make-goldens.py from PyTorch's answers (goldens/net1d.json); do not edit.")
print('#include "runtime/goldens.hpp"\n\nnamespace clef {\n')
print("const std::vector<Golden>& goldens() {\n    static const std::vector<Golden> list = {")
print("".join(entry(name, golden) for name, golden in goldens.items()), end="")
print("    };\n    return list;\n}\n\n}  // namespace clef")
