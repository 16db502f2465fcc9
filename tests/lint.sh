#!/bin/sh
# SPDX-License-Identifier: MIT
# Do the rooms keep their rules?  `sh tests/lint.sh` checks the tree it stands
# in; each broken rule is one line: the rule, and where.  `sh tests/lint.sh
# rooms` checks the direction of includes alone.  Compiling is the Makefile's
# part.
LINES_MAX=450
PAGE_MAX=60
cd "$(dirname "$0")/.." || exit 1

# The floors.  A file belongs to the longest name below that its path begins
# with.  It may include its own room and any room on a lower floor; rooms on
# the same floor do not know each other.
FLOORS='
0   ref/
1   cases/random.
2   cases/catalog/ cases/data/ cases/profile/
3   cases/space/ cases/pack/
4   cases/ fast/isa. fast/geometry. fast/fast.h
5   fast/threads.
6   fast/plan.
7   fast/ops.
8   fast/template/
9   fast/
10  oracle/base/
11  oracle/mutants/ oracle/checkers/
12  oracle/truth/ oracle/subject/
13  oracle/judge/
14  oracle/explain/
15  oracle/report/
16  oracle/selfcheck/ oracle/bench/ oracle/fingerprint/
17  oracle/verbs/
18  oracle/
19  oracle/adapters/
'

# What the floors alone do not say: files whose path begins with the first
# word include, outside their own room, only what begins with one of the
# others.
ONLY='
fast/            fast/ ref/deconform.h
oracle/adapters/ ref/ oracle/bench/bench_plugin.h
oracle/mutants/  ref/ oracle/base/
oracle/checkers/ ref/ cases/random.
'

# The front of fast/ is all that the oracle sees of it, and only in these.
FRONT='fast/fast.h'
FRONT_SEEN_FROM='oracle/truth/ oracle/subject/ oracle/bench/ oracle/verbs/'

# Files of the oracle that may include mpfr.h or gmp.h: those that compute with
# them, and those whose threads must free MPFR's cache.
ARITHMETIC='oracle/truth/scatter.h oracle/selfcheck/selfcheck_ref.c'
CACHES='oracle/main.c oracle/base/pool.c'

broken=0

# rule SENTENCE PLACES...: a broken rule, if there is a place.
rule() {
    sentence=$1
    shift
    [ -z "$*" ] && return
    echo "lint: $sentence:" $*
    broken=1
}

# below ROOM...: the C files of the rooms, at any depth.
below() {
    find "$@" -type f \( -name '*.[ch]' -o -name '*.def' \) | LC_ALL=C sort
}

# includes: each include in quotes of the rooms, generated headers apart, as
# "FILE INCLUDED" with both paths from the top.  A name that is not there from
# the top is relative to the including file.
includes() {
    below ref cases fast oracle | xargs grep -nE '^ *# *include *"' |
        sed -e 's/:[0-9]*: *# *include *"/ /' -e 's/".*//' |
        while read -r file name; do
            case $name in
            *.pb-c.h) continue ;;
            esac
            if [ ! -e "$name" ]; then
                name=$(echo "$(dirname "$file")/$name" |
                    sed -e ':a' -e 's|[^/.][^/]*/\.\./||' -e 'ta' -e 's|/\./|/|g')
            fi
            echo "$file $name"
        done
}

included=$(includes)

# against: the includes that break FLOORS, ONLY or FRONT.
against() {
    echo "$included" | awk -v floors="$FLOORS" -v only="$ONLY" -v front="$FRONT" \
        -v seen_from="$FRONT_SEEN_FROM" '
        function begins(path, name) { return index(path, name) == 1 }
        function room_of(path, name, best) {
            best = ""
            for (name in floor)
                if (begins(path, name) && length(name) > length(best))
                    best = name
            return best
        }
        function allowed(file, to, row, word, n, k) {
            for (row in rows) {
                n = split(rows[row], word)
                if (n == 0 || !begins(file, word[1])) continue
                for (k = 2; k <= n; k++)
                    if (begins(to, word[k])) break
                if (k > n) return 0
            }
            return 1
        }
        BEGIN {
            n = split(floors, line, "\n")
            for (k = 1; k <= n; k++) {
                m = split(line[k], word)
                for (j = 2; j <= m; j++) floor[word[j]] = word[1] + 0
            }
            split(only, rows, "\n")
            split(seen_from, seers)
        }
        {
            from = room_of($1); to = room_of($2); bad = 0
            if (from == "" || to == "") bad = 1
            else if (from != to)
                bad = floor[from] <= floor[to] || !allowed($1, $2)
            if (begins($2, "fast/") && !begins($1, "fast/")) {
                for (k in seers) if (begins($1, seers[k])) break
                if ($2 != front || !begins($1, seers[k])) bad = 1
            }
            if (bad) print $1 "->" $2
        }'
}

rule 'includes against the direction' $(against)
rule 'includes of no file' $(
    echo "$included" | while read -r file name; do
        [ -e "$name" ] || echo "$file->$name"
    done)
if [ "$1" = rooms ]; then
    [ $broken = 0 ] && echo "lint: the rooms keep their direction"
    exit $broken
fi

all=$(below ref cases fast oracle tests)
others=$(find Makefile tests oracle coverage .ci .github -type f \
    ! -name '*.[ch]' ! -name '*.def' ! -name '*.md' ! -name '*.csv' \
    ! -name '*.txt')

rule 'the public header includes <stdint.h> alone' \
    $(grep -l '^ *# *include' ref/deconform.h | while read -r f; do
        grep '^ *# *include' "$f" | grep -qv '<stdint\.h>' && echo "$f"
    done)

# A page in each folder says what the room answers and names its files; a file
# that the page forgets, or a name on it that is not there, is found here.
folders=$(for f in $(below ref cases fast oracle); do dirname "$f"; done |
    LC_ALL=C sort -u)
rule "a room has a page, README.md, of at most $PAGE_MAX lines" $(
    for d in $folders; do
        [ -f "$d/README.md" ] && [ "$(wc -l <"$d/README.md")" -le $PAGE_MAX ] ||
            echo "$d"
    done)
rule 'the page of a room names every file of it' $(
    for d in $folders; do
        for f in "$d"/*.[ch] "$d"/*.def; do
            [ ! -f "$f" ] || grep -q "\`$(basename "${f%.*}")\.[]a-z[]*\`" \
                "$d/README.md" || echo "$f"
        done
    done 2>/dev/null)
rule 'the page of a room names files that are there' $(
    for d in $folders; do
        grep -o '^| `[a-z0-9_]*\.[]a-z[]*`' "$d/README.md" 2>/dev/null |
            sed 's/^| `\([a-z0-9_]*\)\..*/\1/' | while read -r stem; do
                ls "$d/$stem".* >/dev/null 2>&1 || echo "$d/README.md:$stem"
            done
    done)

rule 'mpfr.h and gmp.h belong to ref and to the files listed in lint.sh' $(
    for f in $(below cases fast oracle); do
        case " $(echo $ARITHMETIC $CACHES) " in
        *" $f "*) ;;
        *) grep -lE '^ *# *include *<(mpfr|gmp)\.h>' "$f" ;;
        esac
    done)

rule 'exit() belongs to main.c' $(
    below ref cases fast oracle | grep -v '^oracle/\(main\.c\|adapters\)' |
        xargs grep -lE '^[^*]*[^_a-z]exit\(')

rule 'clang-format leaves no change' $(
    for f in $(below ref cases fast oracle tests | grep '\.[ch]$'); do
        clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || echo "$f"
    done)
rule 'a line of C has at most 80 columns' $(
    grep -nE '^.{81}' $(echo "$all" | grep '\.[ch]$') | cut -d: -f1,2)
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

[ $broken = 0 ] && echo "lint: $(echo $all | wc -w) files keep the rules"
exit $broken
