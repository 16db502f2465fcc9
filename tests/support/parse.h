/* SPDX-License-Identifier: MIT
 *
 * Case strings in tests: the case or the problem of a string, or the test
 * fails.
 */
#ifndef TESTS_PARSE_H
#define TESTS_PARSE_H

#include "ref/case.h"

static inline dc_case parse(const char *text)
{
    dc_case c;
    dc_error e = {.text = ""};

    if (dc_case_parse(text, &c, &e) != DC_OK)
        fail_msg("%s: %s", text, e.text);
    return c;
}

static inline dc_problem parse_problem(const char *text)
{
    return parse(text).p;
}

#endif
