#!/bin/sh
# The arm64 half of a Debian system that a cross build links with, unpacked into FOLDER; the machine's
# own packages are left as they are. Usage: scripts/arm64-sysroot.sh FOLDER
set -eu
folder=$1
[ ! -e "$folder/unpacked" ] || exit 0
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"  # mmdebstrap makes the last folder only
mmdebstrap --quiet --arch=arm64 --variant=extract \
    --include=libc6-dev,libstdc++-12-dev,libfmt-dev,libhwy-dev,zlib1g-dev,libflac-dev,libmatio-dev,libedf-dev,libgtest-dev,nlohmann-json3-dev,libcli11-dev,libtomlplusplus-dev,libeigen3-dev \
    "$suite" "$folder"
touch "$folder/unpacked"
