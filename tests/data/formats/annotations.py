"""Digests of annotation files as the Python package wfdb reads them: `python annotations.py DATA
> annotations.csv`, DATA being the folder of the real recordings. One row a file: its path, the
number of annotations, and a digest of the lines "tick symbol subtype channel number text". The
digest of bytes b1, b2, ... is h = 31 h + b modulo 2^32, beginning with 0."""

import os
import re
import sys

import wfdb

ENDINGS = re.compile(r"\.(atr|qrs|gqrsh|gqrsl|sqrs|wabp|wqrs|anI|i|ii|iii|av[rlf]|v[1-6])$")


def digest(data):
    value = 0
    for byte in data:
        value = (31 * value + byte) % 2**32
    return value


def symbol(annotation, i):
    """12726.wabp defines its code 42 outside of a table, which the package does not look at."""
    return annotation.symbol[i] if isinstance(annotation.symbol[i], str) else "CAL"


def lines(annotation):
    for i in range(annotation.ann_len):
        text = annotation.aux_note[i].encode("latin-1", "replace")
        yield b"%d %s %d %d %d %s\n" % (
            annotation.sample[i], symbol(annotation, i).encode(), annotation.subtype[i],
            annotation.chan[i], annotation.num[i], text)


root = sys.argv[1]
print("file,annotations,digest")
for folder in ("ludb/data", "mitdb", "wfdb-formats"):
    for name in sorted(os.listdir(os.path.join(root, folder))):
        if not ENDINGS.search(name):
            continue
        record, ending = os.path.join(root, folder, name).rsplit(".", 1)
        read = wfdb.rdann(record, ending)
        print("%s/%s,%d,%d" % (folder, name, read.ann_len, digest(b"".join(lines(read)))))
