#!/bin/sh
# The suite of CLEF's article, tried out where neither its weights nor most of its data are: every
# encoder of configs/suites/paper.toml with random weights, on the tasks of PTB-XL. The numbers are no
# results; that all encoders run, each at its own recipe, is.
#
#   examples/paper_here.sh
#
# Environment:
#   OUT      where everything goes      (default runs/paper)
#   CLEF     the program                (default build/clef)
#   DATA     folder of the data sets    (default $CLEF_SHARED/data, or ../shared/data)
#   THREADS  0: all processors          (default 0)
set -eu

out=${OUT:-runs/paper}
clef=${CLEF:-build/clef}
data=${DATA:-${CLEF_SHARED:-../shared}/data}
mkdir -p "$out"

# Not ptbxl-ext: it has lost its millivolts, which KED and Moirai want.
"$clef" index "$data/ptbxl" --dataset ptbxl -o "$out/ptbxl.csv"
"$clef" benchmark --suite configs/suites/paper.toml --folder "$out" --available --untrained \
    --threads "${THREADS:-0}" -o "$out/results"
