/* SPDX-License-Identifier: MIT
 *
 * Is what the judged prints kept, tamed and shown, however much it is?
 */
#include "tests/support/subject.h"

#include "oracle/subject/printed.h"

static void print(dc_printed *p, const char *text)
{
    dc_printed_take(p, text, (int64_t)strlen(text));
}

/* ==== The last bytes ===================================================== */

static void test_lines(void **state)
{
    static const struct {
        const char *before; /* the mark */
        const char *after;
        const char *lines; /* in 40 bytes */
        const char *line;
    } rows[] = {
        {"", "", "", ""},
        {"old\n", "", "", "old"},
        {"old\n", "new\n", "new", "new"},
        {"old\n", "one\n\n  \ntwo", "one\ntwo", "two"},
        {"", "\033[31mred\t\x80\r\n", " [31mred ?", " [31mred ?"},
        {"", "a line of ten\na line of fourteen\nthe end\n",
         "...\na line of fourteen\nthe end", "the end"},
        {"", "first\n0123456789012345678901234567890123456789012345\n",
         "...\n0123456789012345678901234567890123",
         "012345678901234567890123456789012345678"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_printed p = {.fill = 0};
        char text[40];

        print(&p, rows[k].before);
        dc_printed_mark(&p, "forward");
        print(&p, rows[k].after);
        dc_printed_lines(&p, text, sizeof text);
        assert_string_equal(text, rows[k].lines);
        dc_printed_line(&p, text, sizeof text);
        assert_string_equal(text, rows[k].line);
        dc_printed_forget(&p);
        dc_printed_lines(&p, text, sizeof text);
        assert_string_equal(text, "");
    }
}

/* Far more than the buffer holds, in pieces of every size. */
static void test_much(void **state)
{
    static char piece[3 * DC_PRINTED_TAIL];
    dc_printed p = {.fill = 0};
    char text[64];

    (void)state;
    memset(piece, 'x', sizeof piece);
    dc_printed_mark(&p, "forward");
    for (int64_t n = 1; n <= (int64_t)sizeof piece; n += 499)
        dc_printed_take(&p, piece, n);
    print(&p, "\nlast");
    assert_int_equal(p.fill, DC_PRINTED_TAIL);
    dc_printed_lines(&p, text, sizeof text);
    assert_string_equal(text, "...\nlast");
}

/* ==== As it comes ======================================================== */

static void test_shown(void **state)
{
    char *text;
    size_t size;
    dc_printed p = {.show = open_memstream(&text, &size)};

    (void)state;
    assert_non_null(p.show);
    dc_printed_mark(&p, "forward");
    print(&p, "one\nt");
    print(&p, "wo\033[0m");
    dc_printed_mark(&p, "grad_input");
    dc_printed_mark(&p, "grad_bias");
    print(&p, "three\n");
    fflush(p.show);
    assert_string_equal(text, "forward printed:\n  | one\n  | two?[0m\n"
                              "grad_bias printed:\n  | three\n");
    for (int k = 0; k < DC_PRINTED_SHOWN; k++)
        print(&p, "and on\n");
    fclose(p.show);
    assert_true(size < 2 * DC_PRINTED_SHOWN);
    assert_non_null(strstr(text, "\n  | ... what follows is not shown\n"));
    assert_string_equal(text + size - 13, "is not shown\n");
    free(text);
}

/* ==== From a process ===================================================== */

static void test_of_calls(void **state)
{
    static const struct {
        const char *mode;
        double timeout;
        dc_outcome outcome;
        dc_status status;
        const char *said; /* at its end */
    } rows[] = {
        {"good", PATIENT, DC_ANSWERED, DC_OK, ""},
        {"prints-fails", PATIENT, DC_ANSWERED, DC_FAILED,
         "looking for a device\n [31mno device"},
        {"prints-hangs", 2, DC_HUNG, DC_OK, "waiting for the device"},
        {"prints-dies", PATIENT, DC_CRASHED, DC_OK, "y is at an address"},
        {"abort", PATIENT, DC_CRASHED, DC_OK, "failed: it was wrong"},
        {"chat", PATIENT, DC_ANSWERED, DC_OK, "line 19999"},
    };
    material m = make(SMALL);
    const int before = open_descriptors();
    char file[4096];

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        dc_endpoint *const end = must_open(plugin(file, BAD), PATIENT);
        const size_t n = strlen(rows[k].said);
        dc_answer a;
        size_t had;

        mode(rows[k].mode);
        dc_endpoint_restart(end);
        dc_endpoint_set_timeout(end, rows[k].timeout);
        a = ask(end, &m);
        had = strlen(a.said);
        if (a.outcome != rows[k].outcome || a.status != rows[k].status ||
            had < n || strcmp(a.said + had - n, rows[k].said) || (!n && had))
            fail_msg("%s: outcome %d, status %d, said \"%s\"", rows[k].mode,
                     a.outcome, a.status, a.said);
        dc_endpoint_close(end);
        no_child(rows[k].mode);
        assert_int_equal(open_descriptors(), before);
    }
    mode("");
    drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_much),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_of_calls),
    };

    reap_orphans();
    return cmocka_run_group_tests_name("printed", tests, NULL, NULL);
}
