#!/bin/sh
# Pretrains CLEF-small on the training folds of PTB-XL, with InfoNCE beside it (same seeds, same
# steps), and probes both against random weights: superdiagnostic, rhythm, age.
#
#   examples/ptbxl.sh ROOT...
#
# ROOT: the folder of PTB-XL 1.0.3, or several folders that hold parts of it and are joined. Without
# one, the excerpts in $CLEF_SHARED/data (default ../shared/data). Environment:
#   OUT      where everything goes          (default runs/ptbxl)
#   CLEF     the program                    (default build/clef)
#   CINC2017 folder of PhysioNet/CinC 2017: its rhythm task is probed too (default: the shared one)
#   CONFIG   the pretraining preset         (default clef-small)
# A run that was interrupted is taken up where it stopped.
set -eu

shared=${CLEF_SHARED:-../shared}/data
out=${OUT:-runs/ptbxl}
clef=${CLEF:-build/clef}
config=${CONFIG:-clef-small}
cinc2017=${CINC2017:-$shared/cinc2017}
[ $# -gt 0 ] || set -- "$shared/ptbxl" "$shared/ptbxl-ext"
mkdir -p "$out"

"$clef" index "$@" --dataset ptbxl -o "$out/cohort.csv"
# Only age and sex are known: the rest is imputed, ages outside 40-89 count as the nearest defined
# one. Both are choices, written into the table's risk_model column.
"$clef" risk "$out/cohort.csv" --region moderate --missing impute --ages clamp -o "$out/risk.csv"

for objective in clef infonce; do
    run=$out/$objective
    if [ -e "$run/finished" ]; then
        continue
    elif [ -d "$run/checkpoint" ]; then
        "$clef" pretrain --cohort "$out/risk.csv" --resume "$run"
    else
        "$clef" pretrain --cohort "$out/risk.csv" --config "$config" \
            --set "objective.name=$objective" -o "$run"
    fi
    touch "$run/finished"
done

models="--model clef=$out/clef/model.safetensors --model infonce=$out/infonce/model.safetensors"
"$clef" embed "$out/cohort.csv" --model "$out/clef/model.safetensors" --lead I -o "$out/embeddings.npy"
"$clef" evaluate --cohort "$out/risk.csv" --task ptbxl-superdiagnostic --task ptbxl-rhythm \
    --task ptbxl-age $models -o "$out/results"
if [ -d "$cinc2017" ]; then
    "$clef" index "$cinc2017" --dataset cinc2017 -o "$out/cinc2017.csv"
    "$clef" evaluate --cohort "$out/cinc2017.csv" --task cinc2017-rhythm $models --pad \
        -o "$out/results-cinc2017"
fi
