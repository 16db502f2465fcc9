#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the adapters whose libraries are installed and names the others, one
# line each.  A missing library is no failure; a build that breaks is one.
#   CC       compiler (default cc)
#   PLUGINS  where shared objects go (default .build/plugins)
here=$(dirname "$0")
CC=${CC:-cc}
PLUGINS=${PLUGINS:-.build/plugins}
flags="-std=c11 -D_GNU_SOURCE -I$here/../.. -fPIC -O2 -g -Wall -Wextra -Werror"
python=/usr/bin/python3
rules="$here/../../ref/problem.c $here/../../ref/format.c" # of legal problems
broken=0
mkdir -p "$PLUGINS" || exit 1

# install PACKAGE...: quietly, if we may; the caller checks whether it worked.
install() {
    command -v apt-get >/dev/null || return 0
    as=env
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || return 0
        as='sudo -n env'
    fi
    as="$as DEBIAN_FRONTEND=noninteractive apt-get -qq"
    get="$as install -y --no-install-recommends"
    $get "$@" || { $as update && $get "$@"; } || return 0
} >/dev/null 2>&1 </dev/null

# has_dnnl: do the header and the library link?
has_dnnl() {
    printf '#include <dnnl.h>\nint main(void) { return !dnnl_version(); }\n' |
        $CC -x c - -o "$PLUGINS/probe" -ldnnl 2>/dev/null &&
        rm "$PLUGINS/probe"
}

has_xnnpack() {
    printf '#include <xnnpack.h>\nint main(void) {%s}\n' \
        ' return xnn_initialize(0) != xnn_status_success; ' |
        $CC -x c - -o "$PLUGINS/probe" -lXNNPACK -lpthreadpool -lm \
            2>/dev/null && rm "$PLUGINS/probe"
}

torch_version() {
    $python -I -c 'import numpy, torch; print(torch.__version__)' 2>/dev/null
}

# An old object must not pass for one that cannot be built now.
rm -f "$PLUGINS/onednn.so" "$PLUGINS/onednn-plain.so" "$PLUGINS/xnnpack.so"
has_dnnl || install libdnnl-dev
if has_dnnl; then
    for name in onednn onednn-plain; do
        plain=
        [ $name = onednn ] || plain=-DDC_ONEDNN_PLAIN
        if $CC $flags $plain -shared "$here/onednn.c" $rules \
            -o "$PLUGINS/$name.so" -ldnnl -lm; then
            echo "$name: built"
        else
            echo "$name: does not build"
            broken=1
        fi
    done
else
    echo "onednn: skipped, libdnnl-dev is not installed"
    echo "onednn-plain: skipped, libdnnl-dev is not installed"
fi

has_xnnpack || install libxnnpack-dev libpthreadpool-dev
if ! has_xnnpack; then
    echo "xnnpack: skipped, libxnnpack-dev is not installed"
elif $CC $flags -shared "$here/xnnpack.c" $rules -o "$PLUGINS/xnnpack.so" \
    -lXNNPACK -lpthreadpool -lm; then
    echo "xnnpack: built"
else
    echo "xnnpack: does not build"
    broken=1
fi

# Without an optimised BLAS torch would be slow in `bench`.
version=$(torch_version) || {
    install python3-torch python3-numpy libopenblas0-pthread
    version=$(torch_version)
}
if [ -n "$version" ]; then
    echo "torch: ready ($version)"
else
    echo "torch: skipped, python3-torch is not installed"
fi
exit $broken
