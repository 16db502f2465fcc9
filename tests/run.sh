#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the test programs that are named, TEST_JOBS (2) at a time, each for at
# most TEST_LIMIT (900) seconds, continues after a failure, and ends with one
# line.  What a program prints comes in one piece at its end.  BIN is the binary
# under test, PLUGINS the folder of shared objects.
if [ "$1" = --one ]; then
    log=$(mktemp "$2/log.XXXXXX")
    start=$(date +%s)
    timeout "${TEST_LIMIT:-900}" "$3" </dev/null >"$log" 2>&1
    code=$?
    seconds=$(($(date +%s) - start))
    [ "$seconds" -lt 10 ] || echo "$(basename "$3") took $seconds s" >>"$log"
    flock "$2" cat "$log"
    [ "$code" = 0 ] && echo "$3" >>"$2/passed" || echo "$3" >>"$2/failed"
    exit 0
fi
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM
touch "$results/passed" "$results/failed"
printf '%s\n' "$@" | xargs -P "${TEST_JOBS:-2}" -n 1 sh "$0" --one "$results"
passed=$(wc -l <"$results/passed")
failed=$(($# - passed))
[ "$failed" = 0 ] || echo "failed:" $(sed 's|.*/||' "$results/failed")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
