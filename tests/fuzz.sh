#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes the parsers of untrusted text: case strings and the lines of the pipe
# protocol, FUZZ_SECONDS each (default 30).  A crash fails and leaves its input
# in .build/fuzz.
set -u
cd "$(dirname "$0")/.." || exit 1
B=.build/fuzz
seconds=${FUZZ_SECONDS:-30}
failed=0

unset MAKEFLAGS MAKELEVEL # of a make that called us
make -s -j"$(nproc)" CC=clang FLAVOUR=fuzz SAN=address,undefined \
    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' "$B/rooms.a" || exit 1
libs=$(make -pn help 2>/dev/null | sed -n 's/^LIBS := //p')

mkdir -p "$B/case" "$B/wire"
printf 'n2_ci4_co6_g2_i3x4_k2x3_s3x2_d1x2_pb1x2_pe0x1_op2x1_b1_f32_int_r7' \
    >"$B/case/all"
printf 'u1_i3_k2_p1x_real_r18446744073709551615' >"$B/case/odd"
printf '%s' '{"deconform":1,"id":1,"op":"forward","dtype":"f32",' \
    '"problem":{"rank":1,"dtype":"f32","unbatched":0,"has_bias":0,"n":1,' \
    '"ci":1,"co":1,"g":1,"i":[3],"k":[2],"s":[1],"d":[1],"pb":[0],"pe":[0],' \
    '"op":[0],"o":[4]},"tensors":[{"name":"x","shape":[1,1,3]}]}' \
    >"$B/wire/request"
printf '{"deconform":1,"id":1,"op":"hello"}' >"$B/wire/hello"
printf '{"id":1,"status":"ok","tensors":[{"name":"y","shape":[2,4,4,5]}]}' \
    >"$B/wire/answer"
printf '{"id":1,"status":"ok","name":"a","version":"1","declares":["flush"]}' \
    >"$B/wire/greeting"

for target in case wire; do
    clang -std=c11 -D_GNU_SOURCE -I. -O1 -g -pthread \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        -o "$B/fuzz-$target" "tests/fuzz/$target.c" "$B/rooms.a" \
        $libs || exit 1
    echo "fuzz: $target for $seconds s"
    "$B/fuzz-$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -verbosity=0 -print_final_stats=1 -artifact_prefix="$B/" \
        "$B/$target" >"$B/$target.log" 2>&1 || {
        tail -n 40 "$B/$target.log"
        echo "fuzz: $target failed" >&2
        failed=1
    }
    sed -n 's/^stat::number_of_executed_units: */fuzz: inputs tried: /p' \
        "$B/$target.log"
done
exit $failed
