/* SPDX-License-Identifier: MIT
 *
 * Foreign text made printable, byte by byte.
 */
#include "ref/text.h"

#include <stdbool.h>

void dc_text_clean(const char *from, char *to, size_t size)
{
    size_t at = 0;

    for (; from[at] && at + 1 < size; at++) {
        const bool printable = from[at] >= ' ' && from[at] <= '~';

        to[at] = printable || from[at] == '\n' ? from[at] : '?';
    }
    to[at] = 0;
}

void dc_text_clean_line(const char *from, size_t length, char *to, size_t size)
{
    size_t n = 0;

    for (; n < length && n + 1 < size; n++) {
        const unsigned char c = (unsigned char)from[n];

        to[n] = (char)(c < ' ' ? ' ' : c <= '~' ? c : '?');
    }
    while (n && to[n - 1] == ' ')
        n--;
    to[n] = 0;
}
