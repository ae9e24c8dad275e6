#!/bin/sh
# Makes the jextract output again, or somewhere else for comparison.
#
#   IO_URING_H=/path/to/io_uring.h FUSE_H=/path/to/fuse_kernel.h src/jextract/generate.sh [OUTPUT]
#
# `jextract` must be on PATH. UAPI_VERSIONS says which headers the checked-in output came from.
# OUTPUT defaults to this module's src/main/java.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../main/java}
: "${IO_URING_H:?set it to a recent linux/io_uring.h}"
: "${FUSE_H:?set it to a recent linux/fuse.h}"
command -v jextract >/dev/null || { echo "generate.sh: jextract is not on PATH" >&2; exit 69; }

root=dev.dioring.bindings.generated
generate() { # PACKAGE HEADER-CLASS FILTER HEADER
  dir=$out/dev/dioring/bindings/generated/$1
  rm -rf "$dir"
  jextract --output "$out" --target-package "$root.$1" --header-class-name "$2" \
    "@$here/$3" "$4" 2>"$work/log" || { cat "$work/log" >&2; exit 70; }
  # findOrThrow came with JDK 23; the bindings run on 22.
  find "$dir" -name '*.java' -exec sed -i -E \
    's/\.findOrThrow\(([^()]*)\)/.find(\1).orElseThrow()/' {} +
  # A pointer to something needs native access as soon as the class is loaded. Nothing follows such
  # pointers, and without this the first refusal comes from NativeCalls, which says what to do.
  find "$dir" -name '*$shared.java' -exec sed -i -E \
    's/^( *)\.withTargetLayout\(MemoryLayout\.sequenceLayout\(.*C_CHAR\)\);$/\1;/' {} +
  # Trailing blanks, which jextract leaves.
  find "$dir" -name '*.java' -exec sed -i -E 's/[[:space:]]+$//' {} +
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
generate iouring IoUringH io_uring.includes "$IO_URING_H"
generate fuse FuseH fuse.includes "$FUSE_H"
generate libc LibcH libc.includes "$here/libc.h"
