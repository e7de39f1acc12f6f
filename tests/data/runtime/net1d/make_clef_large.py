"""CLEF-large's answer to goldens/net1d.json's input in double precision, for session_golden_test.cpp:
float32 sums of a hundred layers deep lie so far from it that PyTorch's own answer is no judge for the
last tenth of the tolerance.

    python3 make_clef_large.py clef_large_double.json [net1d.json]     (Debian's python3-torch)

net1d.json ($CLEF_SHARED/goldens): PyTorch's float32 answer; the distance from it is printed.
"""
import json
import os
import sys

import numpy as np

sys.path.append("/usr/lib/python3/dist-packages")
import torch  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "../../../../bench"), os.path.join(here, "..")]
import foundation_peers as peers  # noqa: E402
from procedural import procedural, u  # noqa: E402


def main():
    network = peers.clef_large().eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            tensor.copy_(torch.from_numpy(procedural(name, tuple(tensor.shape))))
        x = torch.from_numpy(u("input.clef-large", 5000).astype(np.float32).reshape(1, 1, 5000))
        y = network.double()(x.double())[0].numpy()
    with open(sys.argv[1], "w") as file:
        json.dump({"y": [float(f"{value:.9g}") for value in y]}, file)
        file.write("\n")
    if len(sys.argv) > 2:
        with open(sys.argv[2]) as file:
            golden = np.array(json.load(file)["clef-large"]["y"])
        print(f"PyTorch in float32 lies {np.abs(golden - y).max() / np.abs(y).max():.2e} from it")


if __name__ == "__main__":
    main()
