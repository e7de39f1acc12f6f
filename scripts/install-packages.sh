#!/bin/sh
# Installs the Debian packages named that are not there yet; says which and why before it does.
set -eu
missing=""
for package in "$@"; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These Debian packages are needed to build clef and there is no apt-get here:$missing" >&2
    exit 2
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "To install the packages that clef is built with, run as root: apt-get install$missing" >&2
        exit 2
    }
    as_root="sudo"
fi
echo "Installing the Debian packages that clef is built with (docs/dependencies.md says why each):$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
