/* SPDX-License-Identifier: MIT
 *
 * Foreign text made printable, byte by byte.
 */
#include "ref/text.h"

#include <stdbool.h>
#include <string.h>

/* Copies at most `length` bytes and returns how many.  A line feed becomes
 * `line_feed`, any other control character `control`. */
static size_t copy(const char *from, size_t length, char *to, size_t size,
                   char line_feed, char control)
{
    size_t n = 0;

    for (; n < length && n + 1 < size; n++) {
        const unsigned char c = (unsigned char)from[n];

        to[n] = c == '\n'  ? line_feed
                : c < ' '  ? control
                : c <= '~' ? (char)c
                           : '?';
    }
    to[n] = 0;
    return n;
}

void dc_text_clean(const char *from, char *to, size_t size)
{
    copy(from, strnlen(from, size), to, size, '\n', '?');
}

void dc_text_clean_name(const char *from, size_t length, char *to, size_t size)
{
    copy(from, length, to, size, '?', '?');
}

void dc_text_clean_line(const char *from, size_t length, char *to, size_t size)
{
    size_t n = copy(from, length, to, size, ' ', ' ');

    while (n && to[n - 1] == ' ')
        to[--n] = 0;
}

void dc_text_tame(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        /* U+0080 to U+009F are control characters, too */
        const bool high = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;

        if ((*at < ' ' && *at != '\n') || *at == 0x7f || high)
            *at = '?';
        if (high)
            at[1] = '?';
    }
}
