/* SPDX-License-Identifier: MIT
 *
 * The bar chart, through libxml2's writer, so that no word can break it.
 */
#include "oracle/bench/plot.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libxml/xmlwriter.h>

/* Measures in user units of the drawing. */
enum {
    LEFT = 64,
    RIGHT = 16,
    TOP = 76,   /* title, subtitle, legend */
    HIGH = 200, /* a panel */
    GAP = 36,   /* between panels: the next one's name */
    FOOT = 92,  /* names of the groups */
    BAR = 11,   /* width of a bar */
    SPACE = 12, /* between groups */
    LETTER = 7, /* about the width of one */
    WIDE_MIN = 640
};

/* Distinct also without colour vision (after Okabe and Ito). */
static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73",
                                      "#cc79a7", "#56b4e9", "#d55e00"};
enum { COLOURS = sizeof colours / sizeof *colours };

/* Lines of the two scales; those within the data are drawn. */
static const double log_lines[] = {
    1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 0.25, 0.5, 0.8, 1,  1.25,
    1.5,      2,        3,        4,       6,    8,   16,  32, 64};
enum { LOG_LINES = sizeof log_lines / sizeof *log_lines };

typedef struct {
    const dc_plot *p;
    xmlTextWriterPtr w;
    int broken;
    double least, most; /* of the scale: values, or their logarithms */
    int top;            /* of the panel at work */
} chart;

/* ==== Elements ========================================================== */

static void attribute(chart *c, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void attribute(chart *c, const char *name, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    c->broken |= xmlTextWriterWriteVFormatAttribute(c->w, BAD_CAST name, format,
                                                    list) < 0;
    va_end(list);
}

static void begin(chart *c, const char *element)
{
    c->broken |= xmlTextWriterStartElement(c->w, BAD_CAST element) < 0;
}

static void end(chart *c)
{
    c->broken |= xmlTextWriterEndElement(c->w) < 0;
}

static void text(chart *c, double x, double y, const char *anchor, int turned,
                 int size, const char *words)
{
    begin(c, "text");
    attribute(c, "x", "%.1f", x);
    attribute(c, "y", "%.1f", y);
    attribute(c, "text-anchor", "%s", anchor);
    attribute(c, "font-size", "%d", size);
    if (turned)
        attribute(c, "transform", "rotate(%d %.1f %.1f)", turned, x, y);
    c->broken |= xmlTextWriterWriteString(c->w, BAD_CAST words) < 0;
    end(c);
}

static void line(chart *c, double x1, double y1, double x2, double y2,
                 const char *colour, double width)
{
    begin(c, "line");
    attribute(c, "x1", "%.1f", x1);
    attribute(c, "y1", "%.1f", y1);
    attribute(c, "x2", "%.1f", x2);
    attribute(c, "y2", "%.1f", y2);
    attribute(c, "stroke", "%s", colour);
    attribute(c, "stroke-width", "%.1f", width);
    end(c);
}

static void rectangle(chart *c, double x, double y, double wide, double high,
                      const char *colour)
{
    begin(c, "rect");
    attribute(c, "x", "%.1f", x);
    attribute(c, "y", "%.1f", y);
    attribute(c, "width", "%.1f", wide);
    attribute(c, "height", "%.1f", high);
    attribute(c, "fill", "%s", colour);
}

/* ==== Scale ============================================================= */

static double scaled(const chart *c, double value)
{
    return c->p->logarithmic ? log(value) : value;
}

static int drawn(const dc_plot_bar *b)
{
    return isfinite(b->value) && b->value > 0;
}

/* From the data, with the base line in it. */
static void find_scale(chart *c)
{
    const dc_plot *const p = c->p;

    c->least = p->logarithmic ? log(0.8) : 0;
    c->most = p->logarithmic ? log(1.25) : 0;
    for (int k = 0; k < p->panels * p->groups * p->series; k++) {
        const dc_plot_bar *const b = &p->bars[k];

        if (!drawn(b))
            continue;
        c->least = fmin(c->least, scaled(c, b->value));
        c->most = fmax(c->most, scaled(c, b->value));
        if (b->low > 0)
            c->least = fmin(c->least, scaled(c, b->low));
        if (b->high > 0 && isfinite(b->high))
            c->most = fmax(c->most, scaled(c, b->high));
    }
    if (!(c->most > c->least))
        c->most = c->least + 1;
}

static double height(const chart *c, double value)
{
    return c->top + HIGH -
           HIGH * (scaled(c, value) - c->least) / (c->most - c->least);
}

/* Few groups share the least width. */
static int group_width(const chart *c)
{
    const int needed = c->p->series * BAR + SPACE;
    const int room =
        c->p->groups ? (WIDE_MIN - LEFT - RIGHT) / c->p->groups : 0;

    return needed > room ? needed : room;
}

static int wide(const chart *c)
{
    const int needed = LEFT + c->p->groups * group_width(c) + RIGHT;

    return needed > WIDE_MIN ? needed : WIDE_MIN;
}

/* Where the bars of group g begin. */
static double group_left(const chart *c, int g)
{
    return LEFT + (g + 0.5) * group_width(c) - c->p->series * BAR / 2.0;
}

static int high(const chart *c)
{
    return TOP + c->p->panels * (HIGH + GAP) + FOOT;
}

/* ==== Parts ============================================================= */

static void grid_line(chart *c, double value, int strong)
{
    const double y = height(c, value);
    char label[32];

    if (y < c->top - 0.5 || y > c->top + HIGH + 0.5)
        return;
    snprintf(label, sizeof label, "%.3g", value);
    line(c, LEFT, y, wide(c) - RIGHT, y, strong ? "#444444" : "#dddddd",
         strong ? 1.2 : 0.7);
    text(c, LEFT - 6, y + 4, "end", 0, 11, label);
}

static void grid(chart *c)
{
    if (c->p->logarithmic) {
        /* over a wide range the lines close to 1 would touch */
        const int dense = c->most - c->least < log(16);

        for (int k = 0; k < LOG_LINES; k++) {
            const double whole = fabs(remainder(log2(log_lines[k]), 1));

            if (dense || whole < 1e-9)
                grid_line(c, log_lines[k], log_lines[k] == 1);
        }
        return;
    }
    const double step = pow(10, floor(log10(c->most)));
    const double by = c->most / step < 2.5 ? step / 5 : step;

    for (int k = 0; k * by <= c->most * 1.001; k++)
        grid_line(c, k * by, k == 0);
}

static void bar(chart *c, const dc_plot_bar *b, double x, int serie,
                const char *group)
{
    const double base = height(c, c->p->logarithmic ? 1 : 0);
    const double y = height(c, b->value);

    rectangle(c, x, fmin(y, base), BAR - 1, fabs(y - base),
              colours[serie % COLOURS]);
    begin(c, "title"); /* shown under the pointer */
    c->broken |= xmlTextWriterWriteFormatString(
                     c->w, "%s, %s: %.3g (%.3g to %.3g)", group,
                     c->p->serie[serie], b->value, b->low, b->high) < 0;
    end(c);
    end(c);
    if (b->low > 0 && b->high > b->low && isfinite(b->high))
        line(c, x + (BAR - 1) / 2.0, height(c, b->low), x + (BAR - 1) / 2.0,
             height(c, b->high), "#222222", 1);
}

static void panel(chart *c, int which)
{
    const dc_plot *const p = c->p;
    const dc_plot_bar *b = p->bars + which * p->groups * p->series;

    c->top = TOP + GAP + which * (HIGH + GAP);
    text(c, LEFT, c->top - 10, "start", 0, 14, p->panel[which]);
    grid(c);
    for (int g = 0; g < p->groups; g++)
        for (int s = 0; s < p->series; s++, b++)
            if (drawn(b))
                bar(c, b, group_left(c, g) + s * BAR, s, p->group[g]);
    text(c, 16, c->top + HIGH / 2, "middle", -90, 12, p->axis);
}

static void legend(chart *c)
{
    double x = LEFT;

    for (int s = 0; s < c->p->series; s++) {
        rectangle(c, x, 56, 12, 12, colours[s % COLOURS]);
        end(c);
        text(c, x + 17, 67, "start", 0, 12, c->p->serie[s]);
        x += 40 + LETTER * (double)strlen(c->p->serie[s]);
    }
}

static void draw(chart *c)
{
    const dc_plot *const p = c->p;

    c->broken |= xmlTextWriterSetIndent(c->w, 1) < 0;
    c->broken |= xmlTextWriterStartDocument(c->w, NULL, "UTF-8", NULL) < 0;
    begin(c, "svg");
    attribute(c, "xmlns", "http://www.w3.org/2000/svg");
    attribute(c, "viewBox", "0 0 %d %d", wide(c), high(c));
    attribute(c, "width", "%d", wide(c));
    attribute(c, "height", "%d", high(c));
    attribute(c, "font-family", "sans-serif");
    attribute(c, "fill", "#222222");
    rectangle(c, 0, 0, wide(c), high(c), "#ffffff");
    end(c);
    text(c, LEFT, 24, "start", 0, 17, p->title);
    text(c, LEFT, 43, "start", 0, 12, p->subtitle);
    legend(c);
    for (int k = 0; k < p->panels; k++)
        panel(c, k);
    for (int g = 0; g < p->groups; g++)
        text(c, LEFT + (g + 0.5) * group_width(c) + 4, c->top + HIGH + 14,
             "end", -45, 11, p->group[g]);
    end(c);
    c->broken |= xmlTextWriterEndDocument(c->w) < 0;
}

dc_status dc_plot_write(const dc_plot *plot, const char *path, dc_error *e)
{
    chart c = {.p = plot};
    xmlBufferPtr buffer = xmlBufferCreate();
    FILE *f;
    int failed;

    if (buffer)
        c.w = xmlNewTextWriterMemory(buffer, 0);
    if (!c.w) {
        xmlBufferFree(buffer);
        return dc_nomem(e);
    }
    find_scale(&c);
    draw(&c);
    xmlFreeTextWriter(c.w);
    errno = 0;
    f = fopen(path, "w");
    failed = !f || fputs((const char *)xmlBufferContent(buffer), f) < 0;
    if (f)
        failed |= fclose(f) != 0;
    xmlBufferFree(buffer);
    if (c.broken)
        return dc_error_set(e, DC_NOMEM, NULL, -1, "%.180s: out of memory",
                            path);
    return failed
               ? dc_error_set(e, DC_FAILED, NULL, -1, "cannot write %.180s: %s",
                              path, strerror(errno))
               : DC_OK;
}
