/* SPDX-License-Identifier: MIT
 *
 * Text that comes from a judged implementation or a foreign file, made safe to
 * print.
 */
#ifndef DC_TEXT_H
#define DC_TEXT_H

#include <stddef.h>

/* Copies the string `from` to to[size], cut if it is longer and always
 * terminated.  Every byte that is neither printable ASCII nor a line feed
 * becomes '?'.  `to` may be `from`. */
void dc_text_clean(const char *from, char *to, size_t size);

/* Copies `length` bytes of a name to to[size], cut if it is longer and always
 * terminated.  Every byte that is not printable ASCII becomes '?', and blanks
 * stay, so that two names that differ do not look the same.  `to` may be
 * `from`. */
void dc_text_clean_name(const char *from, size_t length, char *to, size_t size);

/* Copies `length` bytes as one line to to[size], cut if it is longer and always
 * terminated: control characters become blanks, bytes beyond ASCII become '?',
 * and blanks at the end are removed.  `to` may be `from`. */
void dc_text_clean_line(const char *from, size_t length, char *to, size_t size);

/* Replaces control characters but line feeds by '?', so that a terminal does
 * not obey them; other bytes, such as those of UTF-8, stay. */
void dc_text_tame(char *text);

#endif
