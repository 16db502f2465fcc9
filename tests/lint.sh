#!/bin/sh
# SPDX-License-Identifier: MIT
# Do the rooms keep their rules?  `sh tests/lint.sh FILE...` with the C files
# of the project; the other text files it finds itself.  Each rule that is
# broken is one line: the rule, and where.  Compiling is the Makefile's part.
LINES_MAX=450

# Files of the oracle that may speak MPFR or GMP themselves: its arithmetic,
# and those whose threads must free MPFR's cache.  The others get what they
# need through the headers of these.
ARITHMETIC='oracle/scatter.h oracle/selfcheck_ref.c'
CACHES='oracle/verify.c oracle/crew.c
oracle/matrix.c oracle/answers.c oracle/vectors.c oracle/power.c'

broken=0
all="$*"
others=$(ls Makefile tests/*.sh tests/pipes/* oracle/adapters/*.sh \
    oracle/adapters/*.py coverage/*.sh .ci/run .github/workflows/*.yml \
    2>/dev/null)

# rule SENTENCE PLACES...: says it where there is a place.
rule() {
    sentence=$1
    shift
    [ -z "$*" ] && return
    echo "lint: $sentence:" $*
    broken=1
}

# of ROOM: its files among those given, plug-ins and adapters not counted.
of() {
    for f in $all; do
        case $f in
        "$1"/*/*) ;;
        "$1"/*) echo "$f" ;;
        esac
    done
}

# ours FILE: what it includes in quotes, as paths from the top.
ours() {
    sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$1" | while read -r name; do
        case $name in
        *.pb-c.h) continue ;; # generated
        esac
        echo "$(dirname "$1")/$name" |
            sed -e ':a' -e 's|[^/.][^/]*/\.\./||' -e 'ta' -e 's|/\./|/|g'
    done
}

# strays ROOM PATTERN: files of ROOM that include of ours what does not match.
strays() {
    for f in $(of "$1"); do
        ours "$f" | grep -qvE "^($2)" && echo "$f"
    done
}

rule 'ref includes nothing of ours but ref' $(strays ref 'ref/')
rule 'cases includes ref and cases alone' $(strays cases 'ref/|cases/')
rule 'fast includes fast and ref/deconform.h alone' \
    $(strays fast 'fast/|ref/deconform\.h$')
rule 'oracle includes ref, cases, oracle, and of fast its front' \
    $(strays oracle 'ref/|cases/|oracle/|fast/fast\.h$')
rule 'the public header includes <stdint.h> alone' \
    $(grep -l '^ *# *include' ref/deconform.h | while read -r f; do
        grep '^ *# *include' "$f" | grep -qv '<stdint\.h>' && echo "$f"
    done)

for f in $(of cases) $(of fast) $(of oracle); do
    case " "$(echo $ARITHMETIC $CACHES)" " in
    *" $f "*) ;;
    *) grep -lE '^ *# *include *<(mpfr|gmp)\.h>' "$f" ;;
    esac
done >"${TMPDIR:-/tmp}/lint.$$"
rule 'mpfr.h and gmp.h belong to ref and to the files listed in lint.sh' \
    $(cat "${TMPDIR:-/tmp}/lint.$$")
rm -f "${TMPDIR:-/tmp}/lint.$$"

rule 'exit() belongs to main.c' $(
    for f in $(of ref) $(of cases) $(of fast) $(of oracle); do
        [ "$f" = oracle/main.c ] || grep -lE '^[^*]*[^_a-z]exit\(' "$f"
    done)

rule 'clang-format leaves no change' $(
    for f in $all; do
        clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || echo "$f"
    done)
rule "a file has at most $LINES_MAX lines" $(
    for f in $all $others; do
        [ "$(wc -l <"$f")" -le $LINES_MAX ] || echo "$f"
    done)
rule 'no note to oneself' $(
    grep -nwE 'TO[D]O|FIX[M]E|X[X]X|HA[C]K' $all $others | cut -d: -f1,2)
rule 'the licence is named at the top' $(
    for f in $all $others; do
        head -n 2 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
    done)
rule 'what coverage leaves out has its reason beside it' $(
    grep -nE 'LCOV_EXCL_(BR_)?(LINE|START)' $all |
        grep -vE 'LCOV_EXCL_[A-Z_]+: [a-z].{9}' | cut -d: -f1,2)
rule 'no path of one machine' $(
    grep -nE '(^|[^A-Za-z0-9_.$})-])/(home|root|work|Users|mnt)/' \
        $all $others | cut -d: -f1,2)
rule 'numbers are computed as written, on any machine' $(
    grep -nE -e '-ffast-math|-march=native|-Ofast|-funsafe-math' \
        Makefile oracle/adapters/*.sh coverage/*.sh 2>/dev/null |
        cut -d: -f1,2)

[ $broken = 0 ] && echo "lint: $# files keep the rules"
exit $broken
