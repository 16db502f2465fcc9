/* SPDX-License-Identifier: MIT
 *
 * What the judged prints: the last bytes of it, in words that break nothing of
 * ours, and, if wanted, as it comes.  However much is printed, it costs a
 * buffer.
 */
#ifndef DC_PRINTED_H
#define DC_PRINTED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    DC_PRINTED_TAIL = 4096,  /* last bytes that are kept */
    DC_PRINTED_SHOWN = 65536 /* first bytes that are shown as they come */
};

/* Zero at first. */
typedef struct {
    char tail[DC_PRINTED_TAIL];
    int64_t fill;     /* bytes in it */
    int64_t bytes;    /* printed since the last mark, kept or not */
    FILE *show;       /* NULL: nothing is shown as it comes */
    const char *who;  /* "forward": what prints is named before it is shown */
    const char *last; /* who was named last */
    int64_t shown;    /* bytes */
    bool within;      /* a line is begun */
} dc_printed;

/* Takes the next n bytes. */
void dc_printed_take(dc_printed *p, const char *text, int64_t n);

/* What comes from now on belongs to another call, that of `who`. */
void dc_printed_mark(dc_printed *p, const char *who);

/* The process is another one: nothing is kept. */
void dc_printed_forget(dc_printed *p);

/* The last line that is not blank, of this call or an earlier one, in printable
 * ASCII; "" if there is none. */
void dc_printed_line(const dc_printed *p, char *text, size_t size);

/* The last lines since the mark that are not blank, in printable ASCII, with a
 * line feed between two; "..." stands first for those that were left out. */
void dc_printed_lines(const dc_printed *p, char *text, size_t size);

#endif
