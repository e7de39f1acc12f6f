"""Weights and inputs that follow from their names, as src/encoder/procedural.hpp has them."""
import zlib

import numpy as np


def u(name, count):
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(zlib.crc32(name.encode()) << 32)
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) / 2**53 * 2 - 1


def procedural(name, shape):
    values = u(name, int(np.prod(shape))).reshape(shape)
    if len(shape) > 1:
        values = values * np.sqrt(3 / np.prod(shape[1:])) * np.sqrt(2)
    elif name.endswith("running_var"):
        values = 1 + 0.5 * np.abs(values)
    elif name.endswith(".weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return values.astype(np.float32)
