"""Writes npy/*.npy, small arrays of every number type, byte order and memory order that NumPy saves,
and npy.json with their values, leads × samples, as NumPy sees them:

    python3 tests/data/formats/make_npy.py
"""
import json
import pathlib

import numpy

here = pathlib.Path(__file__).parent
(here / "npy").mkdir(exist_ok=True)
expected = {}
for kind in ["i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8",
             "<u8", ">u8", "<f4", ">f4", "<f8", ">f8"]:
    type_ = numpy.dtype(kind)
    if type_.kind == "f":
        ends = [-1.25, 1e-3, numpy.nan]
    else:
        # Beyond 2^24 a float32 no longer holds every integer: read as the nearest.
        ends = [numpy.iinfo(type_).min, numpy.iinfo(type_).max, 0]
    leads = numpy.array([ends + list(range(17)), list(range(60, 80))], dtype=type_)
    name = kind.replace("<", "little_").replace(">", "big_")
    arrays = {
        f"{name}_rows": leads,
        f"{name}_columns": numpy.ascontiguousarray(leads.T),
        f"{name}_fortran": numpy.asfortranarray(leads),
        f"{name}_one": leads[0],
    }
    for file, array in arrays.items():
        if name not in ("i1", "big_i2", "little_f8", "big_f4") and not file.endswith("_rows"):
            continue
        numpy.save(here / "npy" / f"{file}.npy", array)
        values = leads[:1] if array.ndim == 1 else leads
        expected[file] = [[None if numpy.isnan(v) else float(v) for v in lead]
                          for lead in values.astype(numpy.float32)]
with open(here / "npy.json", "w") as file:
    lines = [f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in expected.items()]
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
