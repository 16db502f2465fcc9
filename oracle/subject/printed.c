/* SPDX-License-Identifier: MIT
 *
 * A buffer of the last bytes, read from its end.
 */
#include "oracle/subject/printed.h"

#include <string.h>

#include "ref/text.h"

/* ==== As it comes ======================================================== */

static void show(dc_printed *p, const char *text, int64_t n)
{
    if (n > 0 && p->last != p->who && p->shown < DC_PRINTED_SHOWN) {
        fprintf(p->show, "%s%s printed:\n", p->within ? "\n" : "", p->who);
        p->last = p->who;
        p->within = false;
    }
    for (int64_t k = 0; k < n && p->shown < DC_PRINTED_SHOWN; k++) {
        const char one[] = {text[k], 0};
        char c[2];

        if (!p->within)
            fputs("  | ", p->show);
        dc_text_clean(one, c, sizeof c);
        /* a zero byte ends no text */
        fputc(text[k] ? c[0] : '?', p->show);
        p->within = text[k] != '\n';
        if (++p->shown == DC_PRINTED_SHOWN)
            fprintf(p->show, "%s  | ... what follows is not shown\n",
                    p->within ? "\n" : "");
    }
}

/* ==== The last bytes ===================================================== */

void dc_printed_take(dc_printed *p, const char *text, int64_t n)
{
    int64_t keep;

    if (p->show)
        show(p, text, n);
    p->bytes += n;
    if (n > DC_PRINTED_TAIL) {
        text += n - DC_PRINTED_TAIL;
        n = DC_PRINTED_TAIL;
    }
    keep = DC_PRINTED_TAIL - n < p->fill ? DC_PRINTED_TAIL - n : p->fill;
    memmove(p->tail, p->tail + p->fill - keep, (size_t)keep);
    memcpy(p->tail + keep, text, (size_t)n);
    p->fill = keep + n;
}

void dc_printed_mark(dc_printed *p, const char *who)
{
    p->bytes = 0;
    p->who = who;
    p->last = NULL;
}

void dc_printed_forget(dc_printed *p)
{
    p->fill = p->bytes = 0;
}

/* Finds the last line in tail[from..*end), and moves *end before it.  False if
 * there is none. */
static bool take_line(const dc_printed *p, int64_t from, int64_t *end,
                      char *text, size_t size)
{
    for (*text = 0; *end > from && !*text; (*end)--) {
        int64_t begin = *end;

        while (begin > from && p->tail[begin - 1] != '\n')
            begin--;
        dc_text_clean_line(p->tail + begin, (size_t)(*end - begin), text, size);
        *end = begin;
    }
    return *text != 0;
}

void dc_printed_line(const dc_printed *p, char *text, size_t size)
{
    int64_t end = p->fill;

    take_line(p, 0, &end, text, size);
}

void dc_printed_lines(const dc_printed *p, char *text, size_t size)
{
    static const char left_out[] = "...\n";
    const int64_t new = p->bytes < p->fill ? p->bytes : p->fill;
    char line[DC_PRINTED_TAIL + 1];
    int64_t end = p->fill;
    size_t at = size - 1; /* the text grows from its end */
    bool whole = p->bytes <= p->fill;

    text[at] = 0;
    while (take_line(p, p->fill - new, &end, line, sizeof line)) {
        const size_t room = at > sizeof left_out ? at - sizeof left_out : 0;
        const size_t separator = text[at] != 0;
        size_t n = strlen(line);

        whole &= n + separator <= room;
        /* of the last line, its begin is better than nothing */
        if (n > room && !separator)
            n = room;
        if (n + separator > room)
            break;
        if (separator)
            text[--at] = '\n';
        at -= n;
        memcpy(text + at, line, n);
    }
    if (!whole && at >= sizeof left_out) {
        at -= sizeof left_out - 1;
        memcpy(text + at, left_out, sizeof left_out - 1);
    }
    memmove(text, text + at, size - at);
}
