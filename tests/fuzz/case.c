/* SPDX-License-Identifier: MIT
 *
 * Reads any bytes as a case string: it must be refused with a sentence, or
 * print as a case string that reads as the same case.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ref/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(int ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    char printed[DC_CASE_MAX];
    dc_error e = {DC_OK, NULL, -1, ""};
    dc_case c;
    dc_case again;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (dc_case_parse(text, &c, &e) != DC_OK) {
        insist(e.text[0] != 0);
    } else {
        insist(dc_case_print(&c, printed) < DC_CASE_MAX);
        insist(dc_case_parse(printed, &again, &e) == DC_OK);
        insist(memcmp(&c, &again, sizeof c) == 0);
        insist(dc_problem_check(&c.p, &e) == DC_OK);
    }
    free(text);
    return 0;
}
