/* SPDX-License-Identifier: MIT
 *
 * Foreign text made printable, byte by byte.
 */
#include "ref/text.h"

#include <stdbool.h>
#include <stdint.h>

static void clean(const char *from, size_t length, char *to, size_t size,
                  bool one_line)
{
    size_t at = 0;

    for (; at < length && from[at] && at + 1 < size; at++) {
        const bool printable = from[at] >= ' ' && from[at] <= '~';

        to[at] = printable || (from[at] == '\n' && !one_line) ? from[at] : '?';
    }
    to[at] = 0;
}

void dc_text_clean(const char *from, char *to, size_t size)
{
    clean(from, SIZE_MAX, to, size, false);
}

void dc_text_clean_line(const char *from, size_t length, char *to, size_t size)
{
    clean(from, length, to, size, true);
}
