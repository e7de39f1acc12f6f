#!/bin/sh
# Reads every recording below a folder with the real program, to the last sample, and says what came
# of it: by format the recordings, samples and checksums, then each recording that cannot be read,
# and why. Usage: scripts/read-everything.sh CLEF ROOT [OPTION OF clef index…]
set -eu
[ $# -ge 2 ] || { echo "usage: $0 CLEF ROOT [OPTION…]" >&2; exit 2; }
clef=$1
root=${2%/}
shift 2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$clef" --quiet index "$root" -o "$folder/cohort.csv" "$@" 2>"$folder/said" |
    sed "s|^$folder/||"
if [ ! -f "$folder/cohort.csv" ]; then
    cat "$folder/said" >&2
    exit 2
fi
if [ -f "$folder/skipped.csv" ]; then
    echo
    echo "Not read:"
    sed -e 1d -e 's/^\("[^"]*"\|[^,]*\),/  /' -e 's/^  "\(.*\)"$/  \1/' -e "s|$root/||g" "$folder/skipped.csv"
fi
grep -q mismatch "$folder/cohort.csv" || exit 0
echo
echo "Checksum mismatch:"
sed -n "s|$root/||g; s/^\([^,]*\),.*\(mismatch: [^,]*\).*/  \1  \2/p" "$folder/cohort.csv"
