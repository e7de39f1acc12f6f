#!/bin/sh
# A throw-away Python environment with the peers that benchmarks measure against:
# bench/python-peers.sh FOLDER PACKAGE…; prints its interpreter, or says why there is none (status 1).
set -eu
folder=$1
shift
if [ ! -x "$folder/bin/python" ]; then
    python3 -m venv "$folder" >&2 || { echo "no Python environment: python3-venv is missing" >&2; exit 1; }
fi
"$folder/bin/python" -m pip --disable-pip-version-check install -q "$@" >&2 ||
    { echo "no Python peers: $* cannot be installed here" >&2; exit 1; }
echo "$folder/bin/python"
