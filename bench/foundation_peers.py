"""CLEF's encoders and the foundation models in PyTorch, eager, written from the published numbers (src/encoder/*.hpp),
with the tensors under their upstream names: what bench/foundation.py times clef against, and what
tests/data/runtime/foundation/make_goldens.py asks for answers. MOMENT is its authors' own package.

A peer takes windows (batch × leads × samples) and gives one row for each. Every one runs on
Debian's PyTorch 1.13.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


# CLEF and ECGFounder: Net1D (src/encoder/net1d.hpp).
class SameConvolution(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, groups=groups)

    def forward(self, x):
        return self.conv(same(x, self.kernel, self.stride))


def same(x, kernel, stride):
    total = max(0, (math.ceil(x.shape[-1] / stride) - 1) * stride + kernel - x.shape[-1])
    return F.pad(x, (total // 2, total - total // 2))


class Net1dBlock(nn.Module):
    def __init__(self, inputs, middle, outputs, group_width, stride, first):
        super().__init__()
        self.first, self.stride, self.extra = first, stride, outputs - inputs
        self.conv1 = SameConvolution(inputs, middle, 1)
        self.conv2 = SameConvolution(middle, middle, 16, stride, outputs // group_width)
        self.conv3 = SameConvolution(middle, outputs, 1)
        self.se_fc1 = nn.Linear(outputs, outputs // 2)
        self.se_fc2 = nn.Linear(outputs // 2, outputs)

    def forward(self, x):
        y = x if self.first else F.silu(x)
        y = self.conv3(F.silu(self.conv2(F.silu(self.conv1(y)))))
        y = y * torch.sigmoid(self.se_fc2(F.silu(self.se_fc1(y.mean(-1))))).unsqueeze(-1)
        if self.stride > 1:
            x = F.max_pool1d(same(x, self.stride, self.stride), self.stride)
        if self.extra:
            x = F.pad(x, (0, 0, self.extra // 2, self.extra - self.extra // 2))
        return y + x


class Net1d(nn.Module):
    def __init__(self, leads, base, ratio, stages, group_width, outputs=0):
        super().__init__()
        self.first_conv = SameConvolution(leads, base, 16, 2)
        self.stage_list = nn.ModuleList()
        inputs = base
        for channels, count in stages:
            stage = nn.Module()
            stage.block_list = nn.ModuleList()
            for i in range(count):
                first = not len(self.stage_list) and i == 0
                stage.block_list.append(Net1dBlock(inputs, int(channels * ratio), channels, group_width,
                                                   1 if i else 2, first))
                inputs = channels
            self.stage_list.append(stage)
        self.dense = nn.Linear(inputs, outputs) if outputs else None

    def forward(self, x):
        x = F.silu(self.first_conv(x))
        for stage in self.stage_list:
            for block in stage.block_list:
                x = block(x)
        x = x.mean(-1)
        return self.dense(x) if self.dense else x


MEDIUM = [(64, 2), (160, 2), (160, 2), (400, 3), (400, 3), (1024, 4), (1024, 4)]


def clef_small():
    return Net1d(1, 32, 0.5, [(32, 1), (64, 1), (64, 2), (128, 2), (128, 2), (256, 2)], 8)


def clef_medium():
    return Net1d(1, 64, 1, MEDIUM, 16)


def clef_large():
    return Net1d(1, 128, 1.5, [(128, 2), (256, 3), (256, 3), (512, 4), (512, 4), (1024, 5), (1024, 5),
                               (2048, 6), (2048, 6)], 32)


def ecgfounder(leads):
    return Net1d(leads, 64, 1, MEDIUM, 16, 150)


# KED: xresnet1d101 (src/encoder/xresnet1d.hpp).
def norm_convolution(inputs, outputs, kernel, stride=1, relu=True):
    layers = [nn.Conv1d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
              nn.BatchNorm1d(outputs)]
    return nn.Sequential(*layers, *([nn.ReLU()] if relu else []))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.convs = nn.Sequential(norm_convolution(inputs, width, 1),
                                   norm_convolution(width, width, 5, stride),
                                   norm_convolution(width, outputs, 1, relu=False))
        pool = [nn.AvgPool1d(2, ceil_mode=True)] if stride > 1 else []
        wide = [norm_convolution(inputs, outputs, 1, relu=False)] if inputs != outputs else []
        self.idpath = nn.Sequential(*pool, *wide)

    def forward(self, x):
        return F.relu(self.convs(x) + self.idpath(x))


class Ked(nn.Sequential):
    def __init__(self, leads=12):
        layers = [norm_convolution(leads, 32, 5, 2), norm_convolution(32, 32, 5),
                  norm_convolution(32, 64, 5), nn.MaxPool1d(3, 2, 1)]
        inputs = 64
        for stage, (count, width) in enumerate(zip((3, 4, 23, 3), (64, 128, 128, 192))):
            blocks = []
            for i in range(count):
                blocks.append(Bottleneck(inputs, width, 2 if stage and not i else 1))
                inputs = 4 * width
            layers.append(nn.Sequential(*blocks))
        super().__init__(*layers)

    def forward(self, x):
        return super().forward(x).mean(-1)


# ST-MEM: a vision transformer over patches of every lead (src/encoder/st_mem.hpp).
class PreNorm(nn.Module):
    def __init__(self, width, fn):
        super().__init__()
        self.norm, self.fn = nn.LayerNorm(width), fn

    def forward(self, x):
        return x + self.fn(self.norm(x))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Linear(width, 3 * width)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, x):
        q, k, v = self.to_qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        return self.to_out((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Identity(),
                                 nn.Linear(4 * width, width))

    def forward(self, x):
        return self.net(x)


class StMem(nn.Module):
    def __init__(self, width=768, depth=12, heads=12, patch=75, patches=30, leads=12):
        super().__init__()
        self.patch, self.depth = patch, depth
        self.pos_embedding = nn.Parameter(torch.zeros(1, patches + 2, width))
        self.sep_embedding = nn.Parameter(torch.zeros(width))
        self.to_patch_embedding = nn.Sequential(nn.Identity(), nn.LayerNorm(patch),
                                                nn.Linear(patch, width), nn.LayerNorm(width))
        self.lead_embeddings = nn.ParameterList([nn.Parameter(torch.zeros(width))
                                                 for _ in range(leads)])
        for i in range(depth):
            block = nn.Module()
            block.attn = PreNorm(width, Attention(width, heads))
            block.ff = PreNorm(width, Mlp(width))
            setattr(self, f"block{i}", block)
        self.norm = nn.LayerNorm(width)

    def forward(self, x, leads=None):
        leads = range(x.shape[1]) if leads is None else leads
        tokens = self.to_patch_embedding(x.unflatten(-1, (-1, self.patch)))
        patches = tokens.shape[2]
        tokens = tokens + self.pos_embedding[:, 1 : patches + 1]
        ends = [(self.sep_embedding + self.pos_embedding[:, i]).expand(*x.shape[:2], 1, -1)
                for i in (0, -1)]
        tokens = torch.cat([ends[0], tokens, ends[1]], 2)
        tokens = tokens + torch.stack([self.lead_embeddings[i] for i in leads])[:, None]
        tokens = tokens.flatten(1, 2)
        for i in range(self.depth):
            block = getattr(self, f"block{i}")
            tokens = block.ff(block.attn(tokens))
        tokens = tokens.unflatten(1, (x.shape[1], -1))[:, :, 1:-1]
        return self.norm(tokens.mean((1, 2)))


# Moirai (src/encoder/moirai.hpp).
class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def rotated(x, places):
    half = x.shape[-1] // 2
    angles = places[:, None] / 10000 ** (torch.arange(0, half, 2, dtype=x.dtype) / half)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0:half:2], x[..., 1:half:2]
    turned = torch.stack([cos * even - sin * odd, cos * odd + sin * even], -1).flatten(-2)
    return torch.cat([turned, x[..., half:]], -1)


class MoiraiAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(width, width, bias=False))
        self.q_norm, self.k_norm = RmsNorm(width // heads), RmsNorm(width // heads)
        self.var_attn_bias = nn.Module()
        self.var_attn_bias.emb = nn.Embedding(2, heads)

    def forward(self, x, places, same_lead, hidden):
        q, k, v = (layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
                   for layer in (self.q_proj, self.k_proj, self.v_proj))
        q, k = rotated(self.q_norm(q), places), rotated(self.k_norm(k), places)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        scores = scores + self.var_attn_bias.emb(same_lead).permute(2, 0, 1) + hidden
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class MoiraiLayer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.norm1, self.norm2 = RmsNorm(width), RmsNorm(width)
        self.self_attn = MoiraiAttention(width, heads)
        self.ffn = nn.Module()
        self.ffn.fc_gate = nn.Linear(width, hidden, bias=False)
        self.ffn.fc1 = nn.Linear(width, hidden, bias=False)
        self.ffn.fc2 = nn.Linear(hidden, width, bias=False)

    def forward(self, x, places, same_lead, hidden):
        x = x + self.self_attn(self.norm1(x), places, same_lead, hidden)
        y = self.norm2(x)
        return x + self.ffn.fc2(F.silu(self.ffn.fc_gate(y)) * self.ffn.fc1(y))


class Moirai(nn.Module):
    SIZES = (8, 16, 32, 64, 128)

    def __init__(self, patch=128, width=768, depth=12, heads=12, hidden=2048):
        super().__init__()
        self.patch = patch
        self.in_proj = nn.Module()
        self.in_proj.weight = nn.Parameter(torch.zeros(len(self.SIZES), width, 128))
        self.in_proj.bias = nn.Parameter(torch.zeros(len(self.SIZES), width))
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList([MoiraiLayer(width, heads, hidden)
                                             for _ in range(depth)])
        self.encoder.norm = RmsNorm(width)

    def forward(self, x, observed=None):
        observed = torch.ones_like(x) if observed is None else observed.to(x.dtype)
        before = -x.shape[-1] % self.patch
        x, observed = F.pad(x, (before, 0)), F.pad(observed, (before, 0))
        count = observed.sum(-1, keepdim=True)
        mean = (x * observed).sum(-1, keepdim=True) / count.clamp(min=1)
        variance = (((x - mean) ** 2) * observed).sum(-1, keepdim=True) / (count - 1).clamp(min=1)
        x = ((x - mean) / (variance + 1e-5).sqrt()).unflatten(-1, (-1, self.patch))
        at = self.SIZES.index(self.patch)
        weight = self.in_proj.weight[at, :, : self.patch]
        tokens = F.linear(x, weight, self.in_proj.bias[at]).flatten(1, 2)
        places = torch.arange(x.shape[2]).repeat(x.shape[1]).to(tokens.dtype)
        lead = torch.arange(x.shape[1]).repeat_interleave(x.shape[2])
        same_lead = (lead[:, None] == lead[None, :]).long()
        # Patches before the first observed sample of any lead are padding: no token attends to them.
        seen = observed.amax(1).unflatten(-1, (-1, self.patch)).amax(-1).cummax(-1).values
        real = seen.repeat(1, x.shape[1])
        hidden = torch.zeros_like(real).masked_fill(real == 0, -torch.inf)[:, None, None]
        for layer in self.encoder.layers:
            tokens = layer(tokens, places, same_lead, hidden)
        return (self.encoder.norm(tokens) * real[..., None]).sum(1) / real.sum(1, keepdim=True)


# MOMENT: its authors' package. The vocabulary is never looked at: one word is enough.
class Moment(nn.Module):
    def __init__(self, width=768, depth=12, heads=12, hidden=2048):
        from momentfm.models.moment import MOMENTPipeline

        super().__init__()
        t5 = {"vocab_size": 1, "d_model": width, "num_layers": depth, "num_heads": heads,
              "d_ff": hidden, "d_kv": 64, "feed_forward_proj": "gated-gelu",
              "layer_norm_epsilon": 1e-6, "relative_attention_num_buckets": 32,
              "relative_attention_max_distance": 128, "is_encoder_decoder": True}
        config = {"task_name": "embedding", "transformer_type": "encoder_only", "d_model": None,
                  "seq_len": 512, "patch_len": 8, "patch_stride_len": 8, "t5_config": t5,
                  "transformer_backbone": "google/flan-t5-base",
                  "enable_gradient_checkpointing": False}
        self.model = MOMENTPipeline(config, model_kwargs={"task_name": "embedding"})

    def load_state_dict(self, tensors, strict=True):
        own = self.model.state_dict()
        words = {name: own[name] for name in own if "embed_tokens" in name}
        heads = {name: own[name] for name in own if name.startswith("head.")}
        return self.model.load_state_dict({**words, **heads, **tensors}, strict)

    def forward(self, x, observed=None):
        mask = torch.ones(x.shape[0], x.shape[-1]) if observed is None else observed
        return self.model.embed(x_enc=x, input_mask=mask).embeddings
