#!/bin/sh
# Does TensorBoard read the event files of `clef pretrain`? A short run, interrupted and resumed, is
# compared number by number with its log.jsonl. Python packages go into BUILD/tensorboard-venv, which
# is kept. Exit 77, with a loud line, where they cannot be had.
#   scripts/check-tensorboard.sh BUILD
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
venv=$build/tensorboard-venv
work=$(mktemp -d "$build/tensorboard.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

ready() { "$venv/bin/python" -c 'import tensorboard' 2>/dev/null; }
if ! ready; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check \
            --retries 1 --timeout 20 tensorboard setuptools && ready; } >"$work/pip.log" 2>&1; then
        rm -rf "$venv"
        tail -n 3 "$work/pip.log"
        echo "SKIPPED: event files are not read by TensorBoard: its Python package cannot be installed"
        exit 77
    fi
fi

"$build/clef" --quiet simulate -o "$work/cohort" --patients 12 --recordings 1 >/dev/null
train() { "$build/clef" --quiet pretrain --cohort "$work/cohort/cohort.csv" "$@" >/dev/null; }
train --config quick --set run.batch=4 --set run.steps=4 --set run.log_every=1 -o "$work/run"
# Taken up again: two files, one run.
sed -i 's/^steps = 4 /steps = 6 /' "$work/run/config.toml"
train --resume "$work/run"
"$venv/bin/python" scripts/check_tensorboard.py "$work/run"
