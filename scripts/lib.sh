# Shared by the scripts of this directory; sourced, never run.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${JINGLECAM_CACHE:-${XDG_CACHE_HOME:-${HOME:-$root/.build}/.cache}/jinglecam}

# The edges in Package.swift are the architecture: importing past them is an error.
swift_flags=(--explicit-target-dependency-import-check error)
# What ships brings Swift's own libraries along: it runs where no Swift is installed, and calls them directly.
# Small code, and only what is called: 3 MB of memory less, at the same CPU time, since libvpx fills the caches.
release_flags=("${swift_flags[@]}" --configuration release --static-swift-stdlib
  -Xswiftc -Osize -Xswiftc -Xfrontend -Xswiftc -function-sections
  -Xcc -Os -Xcc -ffunction-sections -Xcc -fdata-sections
  # The same bytes wherever the checkout is.
  -Xswiftc -file-prefix-map -Xswiftc "$root=." -Xcc "-ffile-prefix-map=$root=.")

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

number_filter() { # for ffmpeg: each frame's number in sixteen light or dark blocks across its middle, which scripts/viewer reads
  local blocks='drawbox=x=0:y=ih*7/16:w=iw:h=ih/8:color=black:t=fill' bit
  for bit in {0..15}; do
    blocks+=",drawbox=x=iw*$((15 - bit))/16:y=ih*7/16:w=iw/16:h=ih/8:color=white:t=fill"
    blocks+=":enable='mod(floor(n/pow(2,$bit)),2)'"
  done
  printf '%s' "$blocks"
}

# A toolchain that scripts/setup unpacked is found even by a shell that does not know of it.
command -v swift >/dev/null || PATH=$PATH:/opt/swift/usr/bin
