"""PyTorch's side of bench/gpu.cpp: the same encoders, losses and optimiser, eager, as a training
loop in Python runs them: autocast for bfloat16, torch.optim.AdamW. Prints ms a step, medians.

    python bench/gpu_peer.py
"""
import time

import torch
import torch.nn.functional as F

SIZES = {  # base channels, stage channels, blocks, ratio, width of a group
    "clef-small": (32, [32, 64, 64, 128, 128, 256], [1, 1, 2, 2, 2, 2], 0.5, 8),
    "clef-medium": (64, [64, 160, 160, 400, 400, 1024, 1024], [2, 2, 2, 3, 3, 4, 4], 1, 16),
    "clef-large": (128, [128, 256, 256, 512, 512, 1024, 1024, 2048, 2048],
                   [2, 3, 3, 4, 4, 5, 5, 6, 6], 1.5, 32),
}
KERNEL = 16


def same(x, kernel, stride):
    outputs = -(-x.shape[-1] // stride)
    total = max(0, (outputs - 1) * stride + kernel - x.shape[-1])
    return F.pad(x, (total // 2, total - total // 2))


class Convolution(torch.nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.convolution = torch.nn.Conv1d(inputs, outputs, kernel, stride, groups=groups)

    def forward(self, x):
        return self.convolution(same(x, self.kernel, self.stride))


class Block(torch.nn.Module):
    def __init__(self, inputs, outputs, ratio, width, stride, first):
        super().__init__()
        middle = int(outputs * ratio)
        self.first, self.stride, self.extra = first, stride, outputs - inputs
        self.narrow = Convolution(inputs, middle, 1)
        self.grouped = Convolution(middle, middle, KERNEL, stride, outputs // width)
        self.widen = Convolution(middle, outputs, 1)
        self.squeeze = torch.nn.Linear(outputs, outputs // 2)
        self.excite = torch.nn.Linear(outputs // 2, outputs)

    def forward(self, x):
        out = x if self.first else F.silu(x)
        out = self.widen(F.silu(self.grouped(F.silu(self.narrow(out)))))
        gate = torch.sigmoid(self.excite(F.silu(self.squeeze(out.mean(-1)))))
        shortcut = x
        if self.stride != 1:
            shortcut = F.max_pool1d(same(x, self.stride, self.stride), self.stride)
        if self.extra:
            shortcut = F.pad(shortcut, (0, 0, self.extra // 2, self.extra - self.extra // 2))
        return out * gate.unsqueeze(-1) + shortcut


class Net1D(torch.nn.Module):
    def __init__(self, base, channels, blocks, ratio, width):
        super().__init__()
        self.stem = Convolution(1, base, KERNEL, 2)
        self.blocks = torch.nn.ModuleList()
        inputs = base
        for stage, (outputs, count) in enumerate(zip(channels, blocks)):
            for i in range(count):
                first = stage == 0 and i == 0
                self.blocks.append(Block(inputs, outputs, ratio, width, 2 if i == 0 else 1, first))
                inputs = outputs

    def forward(self, x):
        x = F.silu(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return x.mean(-1)


def clef_loss(embeddings, risk, missing, tau=0.07, alpha=0.2):
    """The article's loss, as bench/gpu.cpp's objective computes it."""
    views = embeddings.shape[0]
    unit = F.normalize(embeddings.float(), dim=1)
    similarities = unit @ unit.T
    difference = (risk[:, None] - risk[None, :]) ** 2
    scaled = (difference - difference.min()) / (difference.max() - difference.min() + 1e-12)
    weights = ((1 - alpha) * scaled + alpha) * torch.exp(-(1 - missing[:, None]) * (1 - missing[None, :]))
    weights, target = weights.repeat(2, 2), (1 - scaled).repeat(2, 2)
    self_mask = torch.eye(views, dtype=torch.bool, device=unit.device)
    positive = self_mask.roll(views // 2, 0)
    logits = similarities / tau
    weighted = (logits + weights.log().masked_fill(positive, 0)).masked_fill(self_mask, -torch.inf)
    contrast = (torch.logsumexp(weighted, 1) - logits[positive]).mean()
    low, high = similarities.min(), similarities.max()
    return contrast + (((similarities - low) / (high - low + 1e-6) - target) ** 2).mean()


def median_ms(work, repeats=15):
    times = []
    for i in range(repeats + 3):
        begun = time.perf_counter()
        work()
        torch.cuda.synchronize()
        if i >= 3:
            times.append(1000 * (time.perf_counter() - begun))
    return sorted(times)[len(times) // 2]


def step_ms(size, precision, pairs, samples):
    torch.manual_seed(1)
    model = Net1D(*SIZES[size]).cuda()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=5e-4)
    views = torch.randn(2 * pairs, 1, samples, device="cuda")
    risk, missing = 0.2 * torch.rand(pairs, device="cuda"), 0.5 * torch.rand(pairs, device="cuda")
    tensorfloat = precision == "tensorfloat32"
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tensorfloat

    def step():
        with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bfloat16"):
            embeddings = model(views)
        clef_loss(embeddings, risk, missing).backward()
        optimiser.step()
        optimiser.zero_grad()

    return median_ms(step)


if __name__ == "__main__":
    print(f"PyTorch {torch.__version__} eager on {torch.cuda.get_device_name()}, ms a step")
    for precision in ("float32", "tensorfloat32", "bfloat16"):
        for size, pairs, samples in (("clef-small", 64, 1250), ("clef-small", 512, 1250),
                                     ("clef-medium", 64, 1250), ("clef-medium", 64, 5000),
                                     ("clef-large", 64, 1250), ("clef-large", 64, 5000)):
            milliseconds = step_ms(size, precision, pairs, samples)
            print(f"{size:<12} {precision:<14} {2 * pairs:>5} {samples:>6} {milliseconds:>9.2f} ms "
                  f"{2000 * pairs / milliseconds:>10.0f} views/s", flush=True)
            torch.cuda.empty_cache()
