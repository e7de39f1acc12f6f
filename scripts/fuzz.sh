#!/bin/sh
# Fuzzes every reader: scripts/fuzz.sh BUILD_FOLDER [SECONDS [TARGET…]]. Two targets at a time. What a
# target found is left in BUILD_FOLDER/findings/TARGET; a fixed one belongs into
# tests/data/fuzz/TARGET, which `make test` replays.
set -eu
build=$1
seconds=${2:-600}
shift
[ $# -gt 0 ] && shift
targets=${*:-$(cd "$build" && ls | sed -n 's/^fuzz_\([a-z0-9_]*\)$/\1/p' | grep -vx targets)}
sources=$(cd "$(dirname "$0")/.." && pwd)
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1

fuzz_one() {
    target=$1
    corpus=$build/corpus/$target findings=$build/findings/$target
    kept=$sources/tests/data/fuzz/$target
    mkdir -p "$corpus" "$findings"
    CLEF_WRITE_SEEDS=$corpus "$build/fuzz_$target" >/dev/null
    [ -d "$kept" ] || kept=
    if "$build/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -malloc_limit_mb=1024 -max_len=65536 -close_fd_mask=2 -print_final_stats=1 \
        -artifact_prefix="$findings/" "$corpus" $kept >"$build/fuzz_$target.log" 2>&1; then
        echo "$target: no finding; $(sed -n 's/.*number_of_executed_units: *//p' "$build/fuzz_$target.log") inputs," \
            "$(ls "$corpus" | wc -l) in the corpus, $(sed -n 's/.*peak_rss_mb: *//p' "$build/fuzz_$target.log") MB at most"
    else
        echo "$target: FINDING, see $build/fuzz_$target.log and $findings"
        return 1
    fi
}

failed=0
pids=
for target in $targets; do
    fuzz_one "$target" &
    pids="$pids $!"
    if [ "$(echo $pids | wc -w)" -ge "${FUZZ_JOBS:-2}" ]; then
        for pid in $pids; do wait "$pid" || failed=1; done
        pids=
    fi
done
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed
