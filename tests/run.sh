#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every test program named, each under a time limit, goes on after a
# failure, and closes with one line.  BIN and PLUGINS say where to find things.
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
