#!/bin/sh
# A room may include only rooms of lower floors (CONTRIBUTING.md has the table). Rooms that share a
# floor do not know each other.
set -eu
cd "$(dirname "$0")/.."
floor() {
    case $1 in
        base) echo 1 ;; signal | formats) echo 2 ;; clinical) echo 3 ;; cohort) echo 4 ;;
        encoder) echo 5 ;; runtime) echo 6 ;; evaluation) echo 7 ;; pretraining) echo 8 ;;
        training) echo 9 ;; commands) echo 10 ;;
        *) echo 0 ;;
    esac
}
failed=0
includes=$(grep -rnoE '^#include "[a-z]+/' src --include='*.cpp' --include='*.hpp' || true)
while IFS=: read -r file line text; do
    [ -n "$file" ] || continue
    from=$(echo "$file" | cut -d/ -f2)
    to=$(echo "$text" | sed -E 's/.*"([a-z]+)\//\1/')
    [ "$from" = "$to" ] && continue
    if [ "$(floor "$to")" -ge "$(floor "$from")" ] && [ "$(floor "$to")" -ne 0 ]; then
        echo "$file:$line: src/$from may not include src/$to (same or higher floor)"
        failed=1
    fi
done <<EOF
$includes
EOF
exit $failed
