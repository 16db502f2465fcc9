/* SPDX-License-Identifier: MIT
 *
 * Does the page for authors of kernels say what happens?  Its files are
 * written, its commands typed, and what they print is what the page prints.
 */
#include "tests/support/cli.h"

#define PAGE   "oracle/adapters/TEN_MINUTES.md"
#define FOLLOW "PATH=/usr/bin:/bin:$PATH; python3 tests/pages/follow.py "

static void the_page_is_true(void **unused)
{
    outcome o;

    (void)unused;
    o = shell(FOLLOW PAGE " \"$D\"");
    print_message("%s", o.out);
    if (o.code != 0 || strncmp(o.out, "followed ", 9) || *o.err)
        fail_msg("exit %d\n%s\n%s", o.code, o.out, o.err);
    drop_outcome(&o);
}

/* A page is caught in a wrong text, a line too many, and a wrong kernel. */
static void untrue_pages_are_caught(void **unused)
{
    static const char *const edits[] = {
        "s/42 of 49 elements/41 of 49 elements/",
        "s/^      explains 1 of 1/&\\n&/",
        "s/s \\* p->d\\[0\\]/s/",
    };

    (void)unused;
    for (size_t k = 0; k < sizeof edits / sizeof *edits; k++) {
        char line[512];
        outcome o;

        /* what comes before C++ */
        snprintf(line, sizeof line,
                 "sed '/^## C++/,$d; %s' " PAGE " >$T/page.md; " FOLLOW
                 "$T/page.md \"$D\"",
                 edits[k]);
        o = shell(line);
        if (o.code != 1 || !strstr(o.out, "printed:"))
            fail_msg("%s: exit %d\n%s\n%s", edits[k], o.code, o.out, o.err);
        drop_outcome(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_true),
        cmocka_unit_test(untrue_pages_are_caught),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
