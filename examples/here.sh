#!/bin/sh
# The table of docs/results.md: pretrains CLEF-small and SimCLR on PTB-XL's training folds, then every
# task that the data sets at hand allow, by probe and fine-tuning, beside random weights and training
# from scratch.
#
#   examples/here.sh
#
# Environment:
#   OUT      where everything goes      (default runs/here)
#   CLEF     the program                (default build/clef)
#   DATA     folder of the data sets    (default $CLEF_SHARED/data, or ../shared/data)
#   STEPS    of each pretraining        (default 400)
#   THREADS  0: all processors          (default 0)
# A run that was interrupted is taken up where it stopped.
set -eu

out=${OUT:-runs/here}
clef=${CLEF:-build/clef}
data=${DATA:-${CLEF_SHARED:-../shared}/data}
steps=${STEPS:-400}
threads=${THREADS:-0}
mkdir -p "$out"

"$clef" index "$data/ptbxl" "$data/ptbxl-ext" --dataset ptbxl -o "$out/ptbxl.csv"
"$clef" index "$data/cinc2017" --dataset cinc2017 -o "$out/cinc2017.csv"
"$clef" index "$data/cpsc2018" --dataset cpsc2018 -o "$out/cpsc2018.csv"
# Every fourth beat: the windows of neighbouring beats are nearly the same.
"$clef" index "$data/mitdb" --dataset mitdb-beat -o "$out/mitdb-all.csv"
awk 'NR == 1 || NR % 4 == 0' "$out/mitdb-all.csv" >"$out/mitdb-beat.csv"
# Only age and sex are known: the rest of the risk score is imputed.
"$clef" risk "$out/ptbxl.csv" --region moderate --missing impute --ages clamp -o "$out/ptbxl-risk.csv"

for preset in simclr clef-small; do
    run=$out/$preset
    if [ -e "$run/finished" ]; then
        continue
    elif [ -d "$run/checkpoint" ]; then
        "$clef" pretrain --cohort "$out/ptbxl-risk.csv" --resume "$run" --threads "$threads"
    else
        "$clef" pretrain --cohort "$out/ptbxl-risk.csv" --config "$preset" --threads "$threads" \
            --set views.crop_seconds=2.5 --set "run.steps=$steps" -o "$run"
    fi
    touch "$run/finished"
done

"$clef" benchmark --suite configs/suites/here.toml --folder "$out" --threads "$threads" \
    -o "$out/results"
