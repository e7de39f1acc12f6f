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
# clang cannot read g++'s precompiled header: a compilation database without it.
mkdir -p "$build/lint"
sed -E 's/ -Winvalid-pch -include [^ ]*cmake_pch\.hxx//' "$build/compile_commands.json" \
    > "$build/lint/compile_commands.json"
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy -p "$build/lint" --quiet \
    --extra-arg=-Wno-unknown-warning-option
echo "lint: clean"
