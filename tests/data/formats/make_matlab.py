"""Makes the small MATLAB files and matlab.json of this folder: SciPy writes levels 4 and 5, h5py
level 7.3 (an HDF5 file behind a 512-byte header, as MATLAB itself writes it). matlab.json holds the
numbers that went in; SciPy reads its own files back to the same numbers, which is checked here.

Run with any Python that has numpy, scipy and h5py:  python make_matlab.py
"""
import json
import os

import h5py
import numpy as np
import scipy.io

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)
wide = rng.integers(-2000, 2000, size=(2, 40)).astype(np.int16)
tall = np.round(rng.standard_normal((40, 3)), 3)


def save(name, variables, **options):
    path = os.path.join(here, name)
    scipy.io.savemat(path, variables, **options)
    back = scipy.io.loadmat(path)
    for key, value in variables.items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(back[key], value), (name, key)


def save_73(name, variables):
    """MATLAB stores matrices transposed, and says the class in an attribute."""
    path = os.path.join(here, name)
    with h5py.File(path, "w", userblock_size=512, libver="earliest") as file:
        for key, value in variables.items():
            options = {"compression": "gzip"} if value.size > 1 else {}
            data = file.create_dataset(key, data=np.ascontiguousarray(value.T), **options)
            classes = {"float64": "double", "float32": "single"}
            name_of_class = classes.get(value.dtype.name, value.dtype.name).encode()
            kind = h5py.h5t.C_S1.copy()  # as MATLAB: no room for the zero byte at the end
            kind.set_size(len(name_of_class))
            space = h5py.h5s.create(h5py.h5s.SCALAR)
            attribute = h5py.h5a.create(data.id, b"MATLAB_class", kind, space)
            attribute.write(np.array(name_of_class), mtype=kind)
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 ."
    with open(path, "r+b") as file:
        file.write(text.ljust(116, b" ") + bytes(8) + b"\x00\x02IM")


save("level4.mat", {"val": wide}, format="4")
save("level5.mat", {"ecg": tall, "Fs": 250.0, "units": "mV"}, format="5")
save("level5_compressed.mat", {"val": wide}, format="5", do_compression=True)
save("level5_struct.mat", {"ECG": {"sex": "Male", "age": 50.0, "data": tall.T.copy()}}, format="5",
     do_compression=True)
save("several.mat", {"first": wide, "second": tall.astype(np.float32)}, format="5")
save_73("level73.mat", {"val": wide, "fs": np.array([[500.0]])})
with open(os.path.join(here, "matlab.json"), "w") as file:
    json.dump({"wide": wide.tolist(), "tall": tall.tolist()}, file)
    file.write("\n")
