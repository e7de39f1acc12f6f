#!/usr/bin/python3
"""Twenty steps of pretraining CLEF-small in PyTorch alone, for tests/training/learner_test.cpp.

    /usr/bin/python3 tests/data/training/make_clef_steps.py > tests/data/training/clef_steps.json

Needs Debian's python3-torch (1.13.1 made the committed file). Network, losses and optimiser are
written here from the articles (arXiv 2512.02180 for the losses, torch.optim.AdamW for the optimiser);
weights, views and risks are hashes of names, as in tests/procedural.hpp, so that both sides have the
same without a file.
"""
import json
import math
import zlib

import torch

PAIRS, SAMPLES, STEPS, RATE, DECAY, TEMPERATURE, ALPHA = 8, 1250, 20, 1e-4, 5e-4, 0.07, 0.2
WIDTHS, BLOCKS, BASE, RATIO, GROUP, KERNEL = [32, 64, 64, 128, 128, 256], [1, 1, 2, 2, 2, 2], 32, 0.5, 8, 16
MASK = (1 << 64) - 1


def mix(x):
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def u(name, count):
    base = zlib.crc32(name.encode()) << 32
    return [(mix((base + i) & MASK) >> 11) / 9007199254740992.0 * 2 - 1 for i in range(count)]


def parameter(name, *shape):
    count = math.prod(shape)
    values = torch.tensor(u(name, count), dtype=torch.float64).reshape(shape)
    if len(shape) > 1:
        values = values * math.sqrt(3 / (count / shape[0])) * math.sqrt(2)
    elif name.endswith(".weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return values.float().requires_grad_()


def same(x, kernel, stride):
    length = x.shape[-1]
    total = max(0, (math.ceil(length / stride) - 1) * stride + kernel - length)
    return torch.nn.functional.pad(x, (total // 2, total - total // 2))


class Net1d:
    def __init__(self):
        self.parameters = {}
        self.convolution("first_conv.", 1, BASE, KERNEL, 1)
        self.blocks = []
        channels = BASE
        for stage, (width, count) in enumerate(zip(WIDTHS, BLOCKS)):
            for block in range(count):
                prefix = f"stage_list.{stage}.block_list.{block}."
                middle, groups = int(width * RATIO), width // GROUP
                self.convolution(prefix + "conv1.", channels, middle, 1, 1)
                self.convolution(prefix + "conv2.", middle, middle, KERNEL, groups)
                self.convolution(prefix + "conv3.", middle, width, 1, 1)
                self.linear(prefix + "se_fc1.", width, width // 2)
                self.linear(prefix + "se_fc2.", width // 2, width)
                first = stage == 0 and block == 0
                self.blocks.append((prefix, channels, width, groups, 2 if block == 0 else 1, first))
                channels = width

    def convolution(self, prefix, inputs, outputs, kernel, groups):
        name = prefix + "conv."
        self.parameters[name + "weight"] = parameter(name + "weight", outputs, inputs // groups, kernel)
        self.parameters[name + "bias"] = parameter(name + "bias", outputs)

    def linear(self, prefix, inputs, outputs):
        self.parameters[prefix + "weight"] = parameter(prefix + "weight", outputs, inputs)
        self.parameters[prefix + "bias"] = parameter(prefix + "bias", outputs)

    def convolve(self, x, prefix, stride, groups):
        weight, bias = self.parameters[prefix + "conv.weight"], self.parameters[prefix + "conv.bias"]
        return torch.nn.functional.conv1d(same(x, weight.shape[2], stride), weight, bias, stride=stride, groups=groups)

    def __call__(self, x):
        p, swish = self.parameters, torch.nn.functional.silu
        x = swish(self.convolve(x, "first_conv.", 2, 1))
        for prefix, inputs, outputs, groups, stride, first in self.blocks:
            out = x if first else swish(x)
            out = self.convolve(out, prefix + "conv1.", 1, 1)
            out = self.convolve(swish(out), prefix + "conv2.", stride, groups)
            out = self.convolve(swish(out), prefix + "conv3.", 1, 1)
            gate = swish(out.mean(2) @ p[prefix + "se_fc1.weight"].t() + p[prefix + "se_fc1.bias"])
            gate = torch.sigmoid(gate @ p[prefix + "se_fc2.weight"].t() + p[prefix + "se_fc2.bias"])
            shortcut = x
            if stride != 1:
                shortcut = torch.nn.functional.max_pool1d(same(x, stride, stride), stride)
            extra = outputs - inputs
            if extra:
                shortcut = torch.nn.functional.pad(shortcut, (0, 0, extra // 2, extra - extra // 2))
            x = out * gate.unsqueeze(2) + shortcut
        return x.mean(2)


def clef_loss(z, risk, missing):
    """The article's form: L_w + L_d."""
    unit = z / z.norm(dim=1, keepdim=True)
    s = unit @ unit.t()
    difference = (risk[:, None] - risk[None, :]) ** 2
    d = (1 - ALPHA) * difference / difference.max() + ALPHA
    m = torch.exp(-(1 - missing)[:, None] * (1 - missing)[None, :])
    w, n = d * m, len(risk)
    contrast = 0
    for i in range(2 * n):
        negatives = sum(w[i % n, k % n] * torch.exp(s[i, k] / TEMPERATURE) for k in range(2 * n) if k % n != i % n)
        positive = torch.exp(s[i, (i + n) % (2 * n)] / TEMPERATURE)
        contrast = contrast - torch.log(positive / (positive + negatives)) / (2 * n)
    scaled = (s - s.min()) / (s.max() - s.min() + 1e-6)
    target = 1 - w
    target = target.clone()
    target.fill_diagonal_(1)
    return contrast + ((scaled - target.repeat(2, 2)) ** 2).mean()


def main():
    torch.set_num_threads(1)
    net = Net1d()
    optimiser = torch.optim.AdamW(net.parameters.values(), lr=RATE, weight_decay=DECAY)
    losses = []
    for step in range(STEPS):
        views = torch.tensor(u(f"input.step{step}", 2 * PAIRS * SAMPLES)).float().reshape(2 * PAIRS, 1, SAMPLES)
        # The second views resemble the first, so that there is something to learn.
        views[PAIRS:] = 0.7 * views[:PAIRS] + 0.3 * views[PAIRS:]
        risk = torch.tensor(u(f"risk.step{step}", PAIRS), dtype=torch.float64).abs() * 0.3
        missing = torch.tensor(u(f"missing.step{step}", PAIRS), dtype=torch.float64).abs()
        loss = clef_loss(net(views), risk.float(), missing.float())
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    json.dump({"torch": torch.__version__, "pairs": PAIRS, "samples": SAMPLES, "learning_rate": RATE,
               "weight_decay": DECAY, "temperature": TEMPERATURE, "alpha": ALPHA, "losses": losses},
              __import__("sys").stdout, indent=1)
    print()


main()
