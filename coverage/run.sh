#!/bin/sh
# SPDX-License-Identifier: MIT
# What was not exercised?  Builds a flavour of its own with counters, runs the
# tests, a smoke run and the self-check, writes HTML to .build/coverage/html,
# prints one line per room, and fails if a room is below its floor.
#   JOBS  of the build (default: the cores)
set -u
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MAKELEVEL # of a make that called us
B=.build/coverage
flags='CC=gcc FLAVOUR=coverage COVERAGE=1'
opt=-O1 # gcc 12 without optimisation dies in its own check of formats
jobs=${JOBS:-$(nproc)}

# lcov 1 names its options with the program's name, lcov 2 does not.
case $(lcov --version) in
*"version 1."*) branches=lcov_branch_coverage ;;
*) branches=branch_coverage ;;
esac
lcov="lcov --quiet --rc $branches=1"

# say WORDS: announces the next step.
say() {
    echo "coverage: $*"
}

# step COMMAND: runs it; its output goes to a log that is shown if it fails.
step() {
    "$@" >"$B/log" 2>&1 && return
    tail -n 40 "$B/log"
    echo "coverage: failed: $*" >&2
    exit 1
}

mkdir -p "$B"
find "$B" -name '*.gcda' -delete
say "building with counters"
step make -s -j"$jobs" $flags CFLAGS="$opt -g" all
say "running the tests"
step make -s -j"$jobs" $flags CFLAGS="$opt -g" test
say "a smoke run and the self-check"
step "$B/deconform" verify --tier smoke
step "$B/deconform" self-check

say "collecting"
$lcov --capture --directory "$B" --base-directory . --no-external \
    --output-file "$B/all.info" 2>"$B/log" || {
    cat "$B/log"
    exit 1
}
$lcov --extract "$B/all.info" "$PWD/ref/*" "$PWD/cases/*" "$PWD/oracle/*" \
    "$PWD/fast/*" --output-file "$B/rooms.info" || exit 1
genhtml --quiet --rc $branches=1 --branch-coverage --legend \
    --prefix "$PWD" --title deconform --output-directory "$B/html" \
    "$B/rooms.info" || exit 1

# One line a room, from the tracefile: files, lines, branches.
awk -v top="$PWD/" '
    NR == FNR {
        if ($1 != "" && $1 !~ /^#/) { floor[$1] = $2; order[++rooms] = $1 }
        next
    }
    /^SF:/ {
        name = substr($0, 4)
        sub(top, "", name)
        split(name, part, "/")
        room = part[1]
        files[room]++
        missed = ""
    }
    /^DA:/ {
        split(substr($0, 4), da, ",")
        lines[room]++
        if (da[2] > 0) hit[room]++
        else missed = missed " " da[1]
    }
    /^BRDA:/ {
        split($0, br, ",")
        branches[room]++
        if (br[4] != "-" && br[4] > 0) taken[room]++
    }
    /^end_of_record/ && missed != "" {
        left[room] = left[room] "\n  " name ":" missed
    }
    END {
        printf "%-7s %5s %13s %8s %6s %9s\n", "room", "files", "lines",
               "covered", "floor", "branches"
        for (k = 1; k <= rooms; k++) {
            r = order[k]
            percent = lines[r] ? 100 * hit[r] / lines[r] : 0
            low = percent < floor[r]
            printf "%-7s %5d %6d/%6d %7.1f%% %5s%% %8.1f%%%s\n", r, files[r],
                   hit[r], lines[r], percent, floor[r],
                   branches[r] ? 100 * taken[r] / branches[r] : 0,
                   low ? "  BELOW ITS FLOOR" : ""
            bad += low
        }
        for (k = 1; k <= rooms; k++)
            if (100 * hit[order[k]] < floor[order[k]] * lines[order[k]] ||
                !lines[order[k]])
                print "lines of " order[k] " that nothing ran:" left[order[k]]
        exit bad > 0
    }' coverage/floors.txt "$B/rooms.info"
code=$?
say "$B/html/index.html"
exit $code
