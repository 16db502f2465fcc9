/* SPDX-License-Identifier: MIT
 *
 * Is foreign text printable after it is cleaned, and is a name shown byte by
 * byte?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ref/text.h"

static void each_byte_becomes_what_it_should(void **state)
{
    static const struct {
        const char *from, *text, *name, *line;
    } rows[] = {
        {"", "", "", ""},
        {"plain ~", "plain ~", "plain ~", "plain ~"},
        {"y ", "y ", "y ", "y"},
        {"y\t", "y?", "y?", "y"},
        {"a\nb\r\033c \n", "a\nb??c \n", "a?b??c ?", "a b  c"},
        {"\177\200\377.", "???.", "???.", "???."},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const size_t length = strlen(rows[r].from);
        char text[32];
        char name[32];
        char line[32];

        strcpy(text, rows[r].from);
        strcpy(name, rows[r].from);
        strcpy(line, rows[r].from);
        dc_text_clean(text, text, sizeof text); /* in place */
        dc_text_clean_name(name, length, name, sizeof name);
        dc_text_clean_line(line, length, line, sizeof line);
        assert_string_equal(text, rows[r].text);
        assert_string_equal(name, rows[r].name);
        assert_string_equal(line, rows[r].line);
    }
}

static void long_text_is_cut(void **state)
{
    char to[8] = "";

    (void)state;
    dc_text_clean("1234567890", to, sizeof to);
    assert_string_equal(to, "1234567");
    dc_text_clean_name("1234567890", 10, to, 4);
    assert_string_equal(to, "123");
    dc_text_clean_line("12  567890", 10, to, 5);
    assert_string_equal(to, "12");
    dc_text_clean_name("1234567890", 2, to, sizeof to);
    assert_string_equal(to, "12");
    dc_text_clean_name("a\0b", 3, to, sizeof to);
    assert_string_equal(to, "a?b");
}

/* A terminal obeys nothing of it, and other languages stay what they are. */
static void control_characters_are_tamed(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain\n", "plain\n"},
        {"\x1b[31m\t\r\x7f", "?[31m???"},
        {"\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac"},
        {"\xc2\x9b"
         "31m\xc2\xa0\xc2",
         "??31m\xc2\xa0\xc2"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char text[32];

        snprintf(text, sizeof text, "%s", rows[k].from);
        dc_text_tame(text);
        assert_string_equal(text, rows[k].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_becomes_what_it_should),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(control_characters_are_tamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
