#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the test programs that are named, each under a time limit, continues
# after a failure, and ends with one line.  BIN is the binary under test,
# PLUGINS the folder of shared objects.
passed=0
failed=0
names=
for t in "$@"; do
    name=$(basename "$t")
    start=$(date +%s)
    if timeout "${TEST_LIMIT:-900}" "$t" </dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        names="$names $name"
    fi
    seconds=$(($(date +%s) - start))
    [ "$seconds" -lt 10 ] || echo "$name took $seconds s"
done
[ -z "$names" ] || echo "failed:$names"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
