/* SPDX-License-Identifier: MIT
 *
 * The result of the benchmark as an SVG bar chart: a panel per operation, a
 * group of bars per layer, a colour per rival.
 */
#include <math.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/bench/bench_report.h"

/* Lengths in user units of the drawing. */
enum {
    LEFT = 64,
    RIGHT = 16,
    TOP = 112,      /* title, subtitle, legend, name of the first panel */
    PANEL = 200,    /* height of the bars of a panel */
    PITCH = 320,    /* from panel to panel: names of its layers, of the next */
    BAR = 11,       /* width of a bar */
    SPACE = 12,     /* between two groups */
    LETTER = 7,     /* about the width of a letter */
    WIDTH_MIN = 720 /* the subtitle fits */
};

/* By subject; distinct without colour vision, too (after Okabe and Ito). */
static const char *const colours[DC_BENCH_SUBJECTS] = {
    "#0072b2", "#0072b2", "#e69f00", "#009e73", "#cc79a7"};

/* Grid lines of the two scales. */
static const double shares[] = {0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1};
static const double ratios[] = {1.0 / 64, 1.0 / 16, 0.25, 0.5, 0.8, 1,
                                1.25,     2,        4,    16,  64};
enum { GRID = sizeof ratios / sizeof *ratios };

typedef struct {
    FILE *f;
    const dc_bench_result *r;
    int first;          /* subject with bars: 1, or 0 without rivals */
    double least, most; /* range of the scaled values */
    bool ops[DC_OPS];   /* operations that have a panel */
    double group;       /* width of the bars of a layer, with SPACE */
    double width;       /* of the drawing */
    double height;
} chart;

/* Bars of subject s: ratios, or without rivals A's share of the peak. */
static const dc_quartiles *bar_of(const dc_bench_row *row, int s)
{
    return s ? &row->of[s].ratio : &row->peak;
}

/* Not if the subject was not measured. */
static bool has_bar(const dc_quartiles *q)
{
    return q->q1 > 0 && isfinite(q->q3);
}

/* Ratios have a logarithmic scale, shares a linear one. */
static double scaled(const chart *c, double value)
{
    return c->first ? log(value) : value;
}

/* Distance from the top of a panel. */
static double y_of(const chart *c, double value)
{
    return PANEL * (c->most - scaled(c, value)) / (c->most - c->least);
}

/* Does row k belong to another layer than the row before? */
static bool begins_layer(const dc_bench_result *r, int k)
{
    return k == 0 || r->rows[k].layer != r->rows[k - 1].layer;
}

/* The scale includes its base line (ratio 1, share 0) and all quartiles. */
static void lay_out(chart *c)
{
    const dc_bench_result *const r = c->r;
    int layers = 0;

    c->least = scaled(c, c->first ? 0.8 : 0);
    c->most = scaled(c, c->first ? 1.25 : 0.1);
    c->height = TOP;
    for (int k = 0; k < r->n_rows; k++) {
        layers += begins_layer(r, k);
        c->height += c->ops[r->rows[k].op] ? 0 : PITCH;
        c->ops[r->rows[k].op] = true;
        for (int s = c->first; s < r->count; s++) {
            const dc_quartiles *const q = bar_of(&r->rows[k], s);

            if (has_bar(q)) {
                c->least = fmin(c->least, scaled(c, q->q1));
                c->most = fmax(c->most, scaled(c, q->q3));
            }
        }
    }
    c->group = fmax((r->count - c->first) * BAR + SPACE,
                    (WIDTH_MIN - LEFT - RIGHT) / fmax(layers, 1));
    c->width = LEFT + fmax(layers, 1) * c->group + RIGHT;
}

/* ==== Drawing =========================================================== */

static void print_escaped(FILE *f, const char *text)
{
    for (; *text; text++)
        fprintf(f, strchr("<>&", *text) ? "&#%d;" : "%c", *text);
}

/* Text that is turned by `angle` about its anchor. */
static void draw_text(FILE *f, double x, double y, int angle, int size,
                      const char *anchor, const char *text)
{
    fprintf(f,
            "<text transform=\"translate(%.1f %.1f) rotate(%d)\" "
            "font-size=\"%d\" text-anchor=\"%s\">",
            x, y, angle, size, anchor);
    print_escaped(f, text);
    fputs("</text>\n", f);
}

/* A rectangle with a tooltip; NULL: without one. */
static void draw_box(FILE *f, double x, double y, double width, double height,
                     const char *colour, const char *tooltip)
{
    fprintf(f,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
            "fill=\"%s\">",
            x, y, width, height, colour);
    if (tooltip) {
        fputs("<title>", f);
        print_escaped(f, tooltip);
        fputs("</title>", f);
    }
    fputs("</rect>\n", f);
}

static void draw_grid(const chart *c)
{
    for (int k = 0; k < GRID; k++) {
        const double value = c->first ? ratios[k] : shares[k];
        const double y = y_of(c, value);
        char label[32];

        if (y < -0.5 || y > PANEL + 0.5)
            continue;
        draw_box(c->f, LEFT, y, c->width - LEFT - RIGHT, 0.7, "#bbbbbb", NULL);
        snprintf(label, sizeof label, "%.3g", value);
        draw_text(c->f, LEFT - 6, y + 4, 0, 11, "end", label);
    }
    draw_text(c->f, 16, PANEL / 2, -90, 12, "middle",
              c->first ? "time / time of A" : "share");
}

/* A bar with a whisker between the quartiles. */
static void draw_bar(const chart *c, const dc_bench_row *row, int s, double x)
{
    const dc_quartiles *const q = bar_of(row, s);
    const double base = y_of(c, c->first ? 1 : 0);
    const double y = y_of(c, q->median);
    char tooltip[128];

    if (!has_bar(q))
        return;
    snprintf(tooltip, sizeof tooltip, "%s, %s: %.3g (%.3g to %.3g)",
             row->layer->name, c->r->subjects[s].label, q->median, q->q1,
             q->q3);
    draw_box(c->f, x, fmin(y, base), BAR - 1, fabs(y - base), colours[s],
             tooltip);
    draw_box(c->f, x + BAR / 2, y_of(c, q->q3), 1,
             y_of(c, q->q1) - y_of(c, q->q3), "#222222", NULL);
}

static void draw_panel(const chart *c, int op)
{
    double x = LEFT - c->group + SPACE / 2;

    draw_text(c->f, LEFT, -10, 0, 14, "start", dc_ops[op].name);
    draw_grid(c);
    for (int k = 0; k < c->r->n_rows; k++) {
        const dc_bench_row *const row = &c->r->rows[k];

        if (begins_layer(c->r, k)) {
            x += c->group;
            draw_text(c->f, x + BAR, PANEL + 14, -45, 11, "end",
                      row->layer->name);
        }
        for (int s = c->first; s < c->r->count && (int)row->op == op; s++)
            draw_bar(c, row, s, x + (s - c->first) * BAR);
    }
}

/* Title, subtitle and legend. */
static void draw_head(const chart *c)
{
    const dc_bench_result *const r = c->r;
    double x = LEFT;
    char text[192];

    snprintf(text, sizeof text,
             c->first ? "How many times faster is %s?"
                      : "%s: share of the multiply-add peak",
             r->subjects[0].label);
    draw_text(c->f, LEFT, 24, 0, 17, "start", text);
    snprintf(text, sizeof text,
             "%s, %d thread%s%s; median and quartiles of paired rounds%s",
             dc_formats[r->dtype].name, r->plan->threads,
             r->plan->threads == 1 ? "" : "s",
             r->small ? ", layers scaled down" : "",
             c->first ? "; above 1 it is the faster one" : "");
    draw_text(c->f, LEFT, 43, 0, 12, "start", text);
    for (int s = c->first; s < r->count; s++) {
        draw_box(c->f, x, 56, 12, 12, colours[s], NULL);
        draw_text(c->f, x + 17, 67, 0, 12, "start", r->subjects[s].label);
        x += 40 + LETTER * (double)strlen(r->subjects[s].label);
    }
}

bool dc_bench_report_plot(FILE *f, const dc_bench_result *r)
{
    chart c = {.f = f, .r = r, .first = r->count > 1};
    double top = TOP;

    lay_out(&c);
    fprintf(f,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\">\n",
            c.width, c.height);
    draw_box(f, 0, 0, c.width, c.height, "#ffffff", NULL);
    draw_head(&c);
    for (int op = 0; op < DC_OPS; op++) {
        if (!c.ops[op])
            continue;
        fprintf(f, "<g transform=\"translate(0 %.0f)\">\n", top);
        draw_panel(&c, op);
        fputs("</g>\n", f);
        top += PITCH;
    }
    fputs("</svg>\n", f);
    return fflush(f) == 0 && !ferror(f);
}
