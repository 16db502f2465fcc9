/* SPDX-License-Identifier: MIT
 *
 * Converts declarations between words and flags.
 */
#include "oracle/base/declare.h"

#include <stdio.h>
#include <string.h>

const char *const dc_declare_names[DC_DECLARATIONS] = {
    "transform", "truncating", "flush",       "nondeterministic",
    "tf32",      "split",      "compensated", "zero-taps"};

dc_status dc_declare_read(const char *list, const char *from,
                          dc_declared *flags, dc_error *e)
{
    while (*list) {
        const size_t length = strcspn(list, ",");
        int k = 0;

        while (k < DC_DECLARATIONS &&
               (strlen(dc_declare_names[k]) != length ||
                memcmp(dc_declare_names[k], list, length) != 0))
            k++;
        if (k == DC_DECLARATIONS) {
            char all[128];

            dc_declare_print((1 << DC_DECLARATIONS) - 1, all, sizeof all);
            return dc_invalid(e, "%s %.*s: a list of %s", from,
                              length < 60 ? (int)length : 60, list, all);
        }
        *flags |= (dc_declared)(1 << k);
        list += length + (list[length] == ',');
    }
    return DC_OK;
}

void dc_declare_print(dc_declared flags, char *text, size_t size)
{
    size_t at = 0;

    if (size)
        *text = 0;
    for (int k = 0; k < DC_DECLARATIONS && at < size; k++)
        if (flags & (dc_declared)(1 << k))
            at += (size_t)snprintf(text + at, size - at, "%s%s", at ? "," : "",
                                   dc_declare_names[k]);
}
