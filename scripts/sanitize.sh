#!/bin/sh
# Builds and runs rooms' tests under a sanitizer. Usage: scripts/sanitize.sh BUILD OPTION ROOM…
set -eu
cd "$(dirname "$0")/.."
build=$1
option=$2
shift 2
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release "-D$option=ON" -DCLEF_TRAINING=OFF >/dev/null
targets=""
for room in "$@"; do targets="$targets test_$room"; done
cmake --build "$build" --target $targets
sh scripts/run-room-tests.sh "$build" "$@"
