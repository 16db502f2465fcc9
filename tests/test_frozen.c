/* SPDX-License-Identifier: MIT
 *
 * Do a plug-in and an answerer of the first release still get the verdicts that
 * they got then?  Each is judged as it is, and with a defect planted.
 */
#include "tests/support/cli.h"

static const char CASES[] = "--tier smoke --shard 1/8 --no-shrink";

static void expect(const char *what, const char *line, int code,
                   const char *says)
{
    outcome o = shell(line);

    if (o.code != code || !strstr(o.out, says))
        fail_msg("%s: exit %d, not %d, or no \"%s\"\n%s\n%s", what, o.code,
                 code, says, o.out, o.err);
    drop_outcome(&o);
}

static void plug_in(void **unused)
{
    char line[512];

    (void)unused;
    snprintf(line, sizeof line,
             "cp tests/frozen/* $T && cd $T && "
             "sed 's/if (at >= 0)/if (at > 0)/' plugin.c >wrong.c && "
             "for f in plugin wrong; do gcc -std=c11 -Wall -Wextra -Werror "
             "-shared -fPIC $f.c -o $f.so || exit 9; done; ! cmp -s plugin.c "
             "wrong.c && echo built");
    expect("build", line, 0, "built");
    snprintf(line, sizeof line, "$D verify --impl $T/plugin.so %s", CASES);
    expect("plug-in", line, 0, " pass, 0 fail, ");
    snprintf(line, sizeof line, "$D verify --impl $T/wrong.so %s", CASES);
    expect("wrong plug-in", line, 1, "elements of y are wrong");
}

static void answerer(void **unused)
{
    char line[512];

    (void)unused;
    snprintf(line, sizeof line,
             "PATH=/usr/bin:/bin:$PATH; $D verify --op forward "
             "--impl 'pipe:python3 tests/frozen/answerer.py' %s",
             CASES);
    expect("answerer", line, 0, " pass, 0 fail, ");
    snprintf(line, sizeof line,
             "PATH=/usr/bin:/bin:$PATH; "
             "sed 's/+= value \\*/+= 2 * value */' tests/frozen/answerer.py "
             ">$T/wrong.py; $D verify --op forward --impl 'pipe:python3 "
             "'$T/wrong.py %s",
             CASES);
    expect("wrong answerer", line, 1, "elements of y are wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plug_in),
        cmocka_unit_test(answerer),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
