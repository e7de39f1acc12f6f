#!/bin/sh
# The study of clinical guidance: CLEF's forms and ingredients against InfoNCE, on a simulated cohort
# whose risk shapes the waveform, on its control, where it does not, and on PTB-XL. The runs of a seed
# are judged side by side by `clef geometry` and `clef evaluate`; results.csv collects it all.
#
#   examples/ablation.sh [ROOT...]
#
# ROOT: the folder of PTB-XL 1.0.3, or several that hold parts of it (default: the excerpts in
# $CLEF_SHARED/data). Environment:
#   OUT       where everything goes                  (default runs/ablation)
#   CLEF      the program                            (default build/clef)
#   SEEDS     of the training, one run each          (default "1 2 3")
#   STEPS     of each run                            (default 600)
#   COHORTS   which of them                          (default "simulated control ptbxl")
#   VARIANTS  which of them; see settings_of below   (default: all)
#   PATIENTS  of the simulated cohorts               (default 600)
#   CONFIG    the preset that the rest comes from    (default quick)
#   RESAMPLES of geometry's bootstrap                (default 1000)
#   THREADS   of every command; 0: all processors    (default 0)
#   JOBS      runs and comparisons at the same time  (default 1)
#   SETTINGS  further --set of every run, words      (default none)
# Finished runs are skipped and interrupted ones taken up, so that the script can be started again.
# Needs python3 for the table at the end.
set -eu

shared=${CLEF_SHARED:-../shared}/data
out=${OUT:-runs/ablation}
clef=${CLEF:-build/clef}
seeds=${SEEDS:-1 2 3}
steps=${STEPS:-600}
cohorts=${COHORTS:-simulated control ptbxl}
patients=${PATIENTS:-600}
config=${CONFIG:-quick}
resamples=${RESAMPLES:-1000}
threads=${THREADS:-0}
jobs=${JOBS:-1}
more=${SETTINGS:-}
all="paper released interpolated infonce no-M no-Ld no-weights normalised alpha-0 alpha-0.5 tau-0.2 \
infonce-tau-0.2 missing-0 missing-60"
variants=${VARIANTS:-$all}
task=""  # what a copy of this script, started by itself, is to do
case ${1:-} in --run | --compare) task=$1; shift ;; esac
[ $# -gt 0 ] || set -- "$shared/ptbxl" "$shared/ptbxl-ext"

# What all runs share: the contrast alone, without the preset's beat prediction, and the article's
# alpha and tau. `paper` is the reference: alpha 0.2, tau 0.07, M, L_d, 30 % of the attributes missing
# (PTB-XL: four of six, in everybody).
common="--set objective.weight=1.0 --set beats.weight=0.0 --set beats.rhythm_weight=0.0 \
--set objective.risk_scale=risk --set objective.alignment_weight=1.0 --set objective.alignment_size=0 \
--set objective.temperature=0.07 --set objective.alpha=0.2"

settings_of() {
    case $1 in
        paper | missing-*) echo "" ;;
        released) echo "--set objective.form=released --set objective.missing_mask=false" ;;
        interpolated) echo "--set objective.form=interpolated" ;;
        infonce) echo "--set objective.name=infonce" ;;
        infonce-tau-0.2) echo "--set objective.name=infonce --set objective.temperature=0.2" ;;
        no-M) echo "--set objective.missing_mask=false" ;;
        no-Ld) echo "--set objective.alignment_weight=0.0" ;;
        no-weights) echo "--set objective.weighted_negatives=false" ;;
        normalised) echo "--set objective.normalise_weights=true" ;;
        alpha-*) echo "--set objective.alpha=${1#alpha-}" ;;
        tau-*) echo "--set objective.temperature=${1#tau-}" ;;
        *) echo "ablation.sh: no variant '$1'; known: $all" >&2; return 1 ;;
    esac
}

# The risks that pretraining sees: what is missing is imputed and counted as missing, ages outside of
# the score's count as the nearest defined one.
add_risk() {
    "$clef" --quiet risk "$1" --region moderate --missing impute --ages clamp -o "$2" >"$2.txt"
}

# simulate NAME MISSING MORE...: the same patients and recordings whatever is missing
simulate() {
    name=$1; missing=$2; shift 2
    folder=$out/cohorts/$name-$missing
    [ -e "$folder/risk.csv" ] && return
    "$clef" --quiet simulate -o "$folder" --patients "$patients" --recordings 2 --seed 1 \
        --missing "$missing" "$@" >"$out/cohorts/$name-$missing.txt"
    add_risk "$folder/cohort.csv" "$folder/risk.csv"
}

# drop_risks IN OUT PERCENT: takes the risk from so many of the patients, drawn by a hash of their id
drop_risks() {
    python3 - "$1" "$2" "$3" <<'PYTHON'
import csv, sys, zlib
source, target, percent = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(source, newline="") as file:
    rows = list(csv.DictReader(file))
for row in rows:
    if zlib.crc32(row["patient_id"].encode()) % 100 < percent:
        row["risk"], row["missing"] = "", "1"
with open(target, "w", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
PYTHON
}

prepare() {
    mkdir -p "$out/cohorts" "$out/cohorts/ptbxl"
    case $1 in
        simulated) for m in 0 0.3 0.6; do simulate simulated $m; done ;;
        control) for m in 0 0.3 0.6; do simulate control $m --independent-risk; done ;;
        ptbxl)
            folder=$out/cohorts/ptbxl
            [ -e "$folder/risk-60.csv" ] && return
            shift
            "$clef" --quiet index "$@" --dataset ptbxl -o "$folder/cohort.csv" >"$folder/index.txt"
            add_risk "$folder/cohort.csv" "$folder/risk.csv"
            drop_risks "$folder/risk.csv" "$folder/risk-60.csv" 60
            ;;
        *) echo "ablation.sh: no cohort '$1'; known: simulated control ptbxl" >&2; return 1 ;;
    esac
}

# training_table COHORT VARIANT: what the run learns from
training_table() {
    case $1,$2 in
        ptbxl,missing-60) echo "$out/cohorts/ptbxl/risk-60.csv" ;;
        ptbxl,*) echo "$out/cohorts/ptbxl/risk.csv" ;;
        *,missing-0) echo "$out/cohorts/$1-0/risk.csv" ;;
        *,missing-60) echo "$out/cohorts/$1-0.6/risk.csv" ;;
        *) echo "$out/cohorts/$1-0.3/risk.csv" ;;
    esac
}

# What every variant is judged by: the same patients, with all that is known of them.
judging_table() {
    case $1 in ptbxl) echo "$out/cohorts/ptbxl/risk.csv" ;; *) echo "$out/cohorts/$1-0/risk.csv" ;; esac
}

tasks_of() {
    case $1 in
        ptbxl) echo "--task ptbxl-superdiagnostic --task ptbxl-rhythm --task ptbxl-age" ;;
        *) echo "--task simulated-diagnosis --task simulated-risk --task simulated-age" ;;
    esac
}

# geometry TABLE FOLDER MODELS...  The held-out patients, lead I.
geometry() {
    table=$1; folder=$2; shift 2
    "$clef" --quiet geometry --cohort "$table" "$@" --resamples "$resamples" --lead I \
        --threads "$threads" -o "$folder" --json >"$folder.geometry.txt"
}
evaluate() {
    tasks=$1; table=$2; folder=$3; shift 3
    "$clef" --quiet evaluate --cohort "$table" $tasks "$@" --random-seeds 1 \
        --threads "$threads" -o "$folder" >"$folder.evaluate.txt"
}

run_variant() {
    cohort=$1; variant=$2; seed=$3
    run=$out/$cohort/$variant-$seed
    [ -e "$run/finished" ] && return
    echo "$cohort: $variant, seed $seed"
    mkdir -p "$out/$cohort"
    settings=$(settings_of "$variant")
    table=$(training_table "$cohort" "$variant")
    if [ -d "$run/checkpoint" ]; then
        "$clef" --quiet pretrain --cohort "$table" --threads "$threads" --resume "$run"
    else
        # shellcheck disable=SC2086  # settings are words
        "$clef" --quiet pretrain --cohort "$table" --config "$config" $common $settings $more \
            --set "run.steps=$steps" --set "run.seed=$seed" --threads "$threads" -o "$run"
    fi
    touch "$run/finished"
}

# All variants of one seed side by side, and random weights: paired differences, Holm-corrected.
compare() {
    cohort=$1; seed=$2
    together=$out/$cohort/together-$seed
    models=""
    for variant in $variants; do
        models="$models --model $variant=$out/$cohort/$variant-$seed/model.safetensors"
    done
    mkdir -p "$together"
    judged=$(judging_table "$cohort")
    if [ "$(cat "$together/variants" 2>/dev/null)" = "$variants" ]; then return; fi
    echo "$cohort: comparison, seed $seed"
    # shellcheck disable=SC2086  # models are words
    geometry "$judged" "$together/geometry" $models
    # shellcheck disable=SC2086
    evaluate "$(tasks_of "$cohort")" "$judged" "$together/results" $models
    echo "$variants" >"$together/variants"
}

collect() {
    python3 - "$out" <<'PYTHON'
import csv, glob, json, os, sys
out = sys.argv[1]
header = ["cohort", "seed", "measured_by", "model", "task", "measure", "value", "low", "high"]
rows = []
for done in sorted(glob.glob(os.path.join(out, "*", "together-*", "variants"))):
    together = os.path.dirname(done)
    start = [os.path.basename(os.path.dirname(together)), together.rsplit("-", 1)[1]]
    with open(os.path.join(together, "geometry", "geometry.json")) as file:
        for model in json.load(file)["models"]:
            name = model["model"]
            rows.append(start + ["geometry", name, "", "effective_rank", model["effective_rank"], "", ""])
            for measure, v in model["values"].items():
                rows.append(start + ["geometry", name, "", measure, v["value"], v["low"], v["high"]])
    with open(os.path.join(together, "results", "results.json")) as file:
        for result in json.load(file)["results"]:
            for measure, v in result["metrics"].items():
                rows.append(start + ["evaluate", result["model"], result["task"], measure,
                                     v["value"], v.get("low"), v.get("high")])
path = os.path.join(out, "results.csv")
with open(path + ".new", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
os.replace(path + ".new", path)
print(f"{path}: {len(rows)} rows")
PYTHON
}

command -v python3 >/dev/null || { echo "ablation.sh: needs python3" >&2; exit 1; }
mkdir -p "$out"
if [ "$task" = --run ]; then run_variant "$@"; exit; fi
if [ "$task" = --compare ]; then compare "$@"; exit; fi
for cohort in $cohorts; do prepare "$cohort" "$@"; done
for seed in $seeds; do
    for cohort in $cohorts; do
        for variant in $variants; do echo "--run $cohort $variant $seed"; done
    done
done | xargs -r -P "$jobs" -L 1 sh "$0"
for seed in $seeds; do
    for cohort in $cohorts; do echo "--compare $cohort $seed"; done
done | xargs -r -P "$jobs" -L 1 sh "$0"
collect
