# The numbers of tests/runtime/moirai_test.cpp for windows of several leads: Moirai's encoder in
# double precision, with weights from their names (encoder/procedural.hpp). Needs NumPy.
import zlib

import numpy as np

WIDTH, DEPTH, HEADS, HEAD, HIDDEN, PATCH = 24, 2, 3, 8, 40, 8


def mix(x):
    mask = (1 << 64) - 1
    z = (x + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def u(name, count):
    base = zlib.crc32(name.encode()) << 32
    return np.array([(mix(base + i) >> 11) / 2**53 * 2 - 1 for i in range(count)])


def weight(name, *shape):
    values = u(name, int(np.prod(shape))).reshape(shape)
    if len(shape) > 1:
        values = values * np.sqrt(3 / np.prod(shape[1:])) * np.sqrt(2)
    elif name.endswith("weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return values.astype(np.float32).astype(float)


def rms(x, w):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w


def rotate(x, time):
    half = HEAD // 2
    out = x.copy()
    for i in range(half // 2):
        angle = time / 10000 ** (2 * i / half)
        a, b = x[:, 2 * i], x[:, 2 * i + 1]
        out[:, 2 * i] = np.cos(angle) * a - np.sin(angle) * b
        out[:, 2 * i + 1] = np.cos(angle) * b + np.sin(angle) * a
    return out


def embedding(window):
    tokens, variate, time = [], [], []
    w = weight("in_proj.weight", 5, WIDTH, 128)[0][:, :PATCH]
    b = weight("in_proj.bias", 5, WIDTH)[0]
    for lead, row in enumerate(window):
        before = -len(row) % PATCH
        scale = np.sqrt(row.var(ddof=1) + 1e-5)
        padded = (np.concatenate([np.zeros(before), row]) - row.mean()) / scale
        for i, patch in enumerate(padded.reshape(-1, PATCH)):
            tokens.append(w @ patch + b)
            variate.append(lead)
            time.append(i)
    x, variate, time = np.array(tokens), np.array(variate), np.array(time, float)
    same = variate[:, None] == variate[None, :]
    for layer in range(DEPTH):
        p = f"encoder.layers.{layer}."
        n = rms(x, weight(p + "norm1.weight", WIDTH))
        inner = HEADS * HEAD
        q, k, v = (n @ weight(p + f"self_attn.{c}_proj.weight", inner, WIDTH).T for c in "qkv")
        bias = weight(p + "self_attn.var_attn_bias.emb.weight", 2, HEADS)
        mixed = np.zeros_like(q)
        for h in range(HEADS):
            s = slice(h * HEAD, (h + 1) * HEAD)
            qh = rotate(rms(q[:, s], weight(p + "self_attn.q_norm.weight", HEAD)), time)
            kh = rotate(rms(k[:, s], weight(p + "self_attn.k_norm.weight", HEAD)), time)
            scores = qh @ kh.T / np.sqrt(HEAD) + np.where(same, bias[1, h], bias[0, h])
            e = np.exp(scores - scores.max(1, keepdims=True))
            mixed[:, s] = e / e.sum(1, keepdims=True) @ v[:, s]
        x = x + mixed @ weight(p + "self_attn.out_proj.weight", WIDTH, inner).T
        n = rms(x, weight(p + "norm2.weight", WIDTH))
        g = n @ weight(p + "ffn.fc_gate.weight", HIDDEN, WIDTH).T
        f = n @ weight(p + "ffn.fc1.weight", HIDDEN, WIDTH).T
        x = x + (g / (1 + np.exp(-g)) * f) @ weight(p + "ffn.fc2.weight", WIDTH, HIDDEN).T
    return rms(x, weight("encoder.norm.weight", WIDTH)).mean(0)


for leads, samples in ((3, 29), (2, 16)):
    window = u("input.leads", leads * samples).astype(np.float32).astype(float)
    print(leads, samples, ", ".join(f"{x:.6f}" for x in embedding(window.reshape(leads, samples))))
window = np.stack([np.full(24, 1.5), u("input.leads", 24).astype(np.float32).astype(float)])
print("constant", ", ".join(f"{x:.6f}" for x in embedding(window)))
