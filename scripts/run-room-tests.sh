#!/bin/sh
# Runs the tests of rooms through ctest, which knows the emulator of a cross build.
# Usage: scripts/run-room-tests.sh BUILD ROOM…
set -eu
cd "$1"
shift
ctest --output-on-failure -R "^($(echo "$*" | tr ' ' '|'))\$"
