#!/bin/sh
# Do other programs run what `clef model export` writes? ONNX Runtime's outputs are compared with
# ours, and PyTorch and safetensors load the tensors. Python packages go into BUILD/exports-venv,
# which is kept. Exit 77, with a loud line, where they cannot be had.
#   scripts/check-exports.sh BUILD
# CLEF_TORCH_PYTHON: another Python with torch, to be tried besides python3.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
shared=${CLEF_SHARED:-../shared}
venv=$build/exports-venv
work=$(mktemp -d "$build/exports.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

ready() { # also where a kept environment has lost its Python
    "$venv/bin/python" -c 'import numpy, onnx, onnxruntime, safetensors' 2>/dev/null
}
if ! ready; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check \
            --retries 1 --timeout 20 onnxruntime onnx numpy safetensors && ready; } >"$work/pip.log" 2>&1; then
        rm -rf "$venv"
        tail -n 3 "$work/pip.log"
        echo "SKIPPED: exports are not compared with ONNX Runtime: its Python packages cannot be installed"
        exit 77
    fi
fi

check_lists() { # FOLDER LIST
    if ! [ -e "$shared/facts/tensor-names/$2.tsv" ]; then
        echo "SKIPPED: $2: $shared/facts/tensor-names is not here (set CLEF_SHARED)"
        return
    fi
    list=$shared/facts/tensor-names/$2.tsv
    "$venv/bin/python" tests/exports/check_tensors.py "$1/model.safetensors" "$list" || return 1
    tried=0
    for python in python3 /usr/bin/python3 ${CLEF_TORCH_PYTHON:-}; do
        "$python" -c 'import torch' 2>/dev/null || continue
        tried=1
        "$python" tests/exports/check_tensors.py "$1/model.pth" "$list" || return 1
    done
    [ $tried = 1 ] || echo "SKIPPED: model.pth is not loaded: no Python here has torch (python3-torch)"
}

failed=0
while read -r architecture leads windows list; do
    echo "$architecture, $leads lead(s)"
    "$build/export_fixtures" "$architecture" "$leads" "$windows" "$work/model"
    "$venv/bin/python" tests/exports/check_onnx.py "$work/model" || failed=1
    check_lists "$work/model" "$list" || failed=1
    rm -rf "$work/model"
done <<LIST
clef-small 1 8 clef_small
clef-medium 1 8 clef_medium
ecgfounder 1 8 ecgfounder_1lead
ecgfounder 12 2 ecgfounder_12lead
clef-large 1 1 clef_large
LIST
exit $failed
