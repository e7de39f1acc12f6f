#!/bin/sh
# Formatting, include floors, clang-tidy. Usage: scripts/lint.sh BUILD [FILE…]
set -eu
cd "$(dirname "$0")/.."
build=$1
shift
sh scripts/check-floors.sh
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
if [ $# -eq 0 ]; then
    set -- $(git ls-files 'src/*.cpp')
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-invalid-pch
echo "lint: clean"
