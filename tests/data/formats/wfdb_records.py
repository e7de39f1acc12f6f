"""Writes wfdb_records.csv: what the Python package wfdb (4.3.1) reads of the WFDB samples.

usage: python wfdb_records.py SHARED/data > wfdb_records.csv
One row per signal at its own rate: samples, how many are missing, and the sum of the others plus
the sum of each times its position, so that samples out of place show. In the header's unit.
"""
import pathlib
import sys

import numpy as np
import wfdb

root = pathlib.Path(sys.argv[1])
headers = sorted(root.glob("wfdb-formats/**/*.hea"))
headers += [root / name for name in ("cpsc2018/A0001.hea", "cinc2017/training/A00002.hea",
                                     "mitdb/100.hea", "ludb/data/1.hea",
                                     "ptbxl/records100/00000/00001_lr.hea")]
print("record,signal,samples,missing,sum,moment")
for header in headers:
    try:
        record = wfdb.rdrecord(str(header)[:-4], smooth_frames=False)
    except Exception as error:
        print(header.relative_to(root), type(error).__name__, error, file=sys.stderr)
        continue
    for i, signal in enumerate(record.e_p_signal):
        missing = np.isnan(signal)
        values = np.where(missing, 0, signal)
        place = np.arange(1, len(values) + 1) / len(values)
        print(f"{header.relative_to(root).with_suffix('')},{i},{len(values)},{missing.sum()},"
              f"{values.sum():.9g},{(values * place).sum():.9g}")
