/* SPDX-License-Identifier: MIT
 *
 * Does a person read what the judged said, in the terminal and in every report,
 * and is nothing of ours broken by it?
 */
#include "tests/support/cli.h"

#define ONE      "--jobs 1 --no-shrink --op forward --case " CASE
#define TWO      ONE " --case ci2_i2_k2 "
#define BAD_IMPL "--impl \"$P/misbehave.so\" "

/* Nothing of an implementation without its device was computed: no defect is
 * guessed at. */
static void test_no_guess(void **state)
{
    static const char *const modes[] = {"prints-fails", "prints-dies"};

    (void)state;
    for (size_t k = 0; k < sizeof modes / sizeof *modes; k++) {
        outcome o;

        mode(modes[k]);
        o = run("verify " TWO BAD_IMPL);
        if (o.code != 1 ||
            !strstr(o.out, "forward: no case was computed (2 findings)") ||
            strstr(o.out, "looks like") || strstr(o.out, "closest"))
            fail_msg("%s: exit %d\n%s\n%s", modes[k], o.code, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
}

/* One case: it is shown as it comes.  Two: with the findings alone. */
static void test_shown(void **state)
{
    static const struct {
        const char *mode;
        const char *options;
        int code;
        const char *out; /* NULL: nothing is printed there */
        const char *err;
    } rows[] = {
        {"prints-fails", ONE, 1,
         "answered FAILED\n    it printed:\n    | looking for a device\n"
         "    |  [31mno device\n",
         "forward printed:\n  | looking for a device\n  | ?[31mno device\n"},
        {"prints-fails", TWO, 1, "    |  [31mno device\n", NULL},
        {"prints-refuses", ONE, 77, "", "  | ?[31mno device\n"},
        {"prints-dies", TWO, 1,
         "SIGSEGV: access close to NULL\n    it printed:\n"
         "    | y is at an address\n",
         NULL},
        {"prints-hangs", "--timeout 2 " TWO, 1,
         "within 2 s\n    it printed:\n    | waiting for the device\n", NULL},
        {"prints-much", "--op forward --no-shrink --case ci0_co2_i3_k2_f32_int",
         1, "1 fail", "\n  | ... what follows is not shown\n"},
        {"prints-much", TWO, 1, "forward: value: ", NULL},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char words[512];
        outcome o;

        mode(rows[k].mode);
        snprintf(words, sizeof words, "verify " BAD_IMPL "%s", rows[k].options);
        o = run(words);
        if (o.code != rows[k].code || !strstr(o.out, rows[k].out) ||
            (rows[k].err ? !strstr(o.err, rows[k].err) : *o.err != 0) ||
            strchr(o.out, '\033') || strchr(o.err, '\033'))
            fail_msg("%s %s: exit %d\n%s\n%s", rows[k].mode, rows[k].options,
                     o.code, o.out, o.err);
        drop_outcome(&o);
    }
    mode("");
    no_child("a talker");
}

/* JSON and JUnit hold it, whatever bytes it is made of. */
static void test_reports(void **state)
{
    outcome o;

    (void)state;
    mode("prints-fails");
    o = run("verify " TWO BAD_IMPL "--json $T/j --junit $T/x");
    assert_int_equal(o.code, 1);
    drop_outcome(&o);
    o = shell(
        "PATH=/usr/bin:/bin:$PATH; python3 -c 'import json, sys, "
        "xml.dom.minidom as x\n"
        "f = [json.loads(l) for l in open(sys.argv[1])][1][\"findings\"]\n"
        "print(f[0][\"printed\"].splitlines()[-1])\n"
        "d = x.parse(sys.argv[2]).getElementsByTagName(\"failure\")[0]\n"
        "print(d.firstChild.data.split(\"it printed:\")[1])' $T/j $T/x");
    if (o.code != 0 || !strstr(o.out, " [31mno device\n\nlooking for a dev"))
        fail_msg("%s%s", o.out, o.err);
    drop_outcome(&o);
    mode("");
}

/* The stderr of a pipe, and the reason that it gives. */
static void test_pipe(void **state)
{
    static const struct {
        const char *mode;
        const char *out;
    } rows[] = {
        {"flood", "  | ... what follows is not shown\n"},
        {"dies", "exited with status 1: out of luck\n    it printed:\n"
                 "    | out of luck\n"},
        {"error", "answered FAILED: bad luck\n"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        outcome o;

        mode(rows[k].mode);
        o = run("verify --jobs 1 --no-shrink --op forward --impl \"" PIPE
                "\" --case " CASE " 2>&1");
        if (o.code != 1 || !strstr(o.out, rows[k].out))
            fail_msg("%s: exit %d\n%s", rows[k].mode, o.code, o.out);
        drop_outcome(&o);
    }
    mode("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_guess),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_pipe),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("cli_says", tests, set_up, tear_down);
}
