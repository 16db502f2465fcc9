/* SPDX-License-Identifier: MIT
 *
 * A grouped bar chart as SVG: what does a browser show of a table?  It knows
 * nothing of benchmarks.
 */
#ifndef DC_PLOT_H
#define DC_PLOT_H

#include "ref/problem.h"

/* One bar; a value that is not positive is not drawn. */
typedef struct {
    double value, low, high; /* with its whisker */
} dc_plot_bar;

/* Panels stand below each other and share groups (along the axis) and series
 * (colours).  bars[panel][group][series], dense. */
typedef struct {
    const char *title;
    const char *subtitle;
    const char *axis; /* what the values are */
    int logarithmic;  /* bars begin at 1 on a logarithmic scale, else at 0 */
    int panels, groups, series;
    const char *const *panel;
    const char *const *group;
    const char *const *serie;
    const dc_plot_bar *bars;
} dc_plot;

/* Writes the chart; words are escaped.  DC_FAILED, with the path, when it
 * cannot be written. */
dc_status dc_plot_write(const dc_plot *plot, const char *path, dc_error *e);

#endif
