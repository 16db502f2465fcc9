/* SPDX-License-Identifier: MIT
 *
 * Which thresholds does a tier ask, on which sides and in which ranks?
 */
#include "cases/space/scale.h"

#include <stdlib.h>

#include "ref/integer.h"

const char *const dc_scale_side_names[DC_SCALE_SIDES] = {"below", "at",
                                                         "above"};

/* ==== Which cells ======================================================= */

/* Exponents of thresholds: from `least` on; in ci at and above up to `ci`,
 * above also at 16 and 24 up to `ci_above`; in full on all sides and ranks up
 * to `full`, above in one rank up to `full_above`. */
static const struct {
    int first_rank;
    int least, ci, ci_above, full, full_above;
} rows[DC_QUANTITIES] = {
    [DC_Q_N] = {1, 5, 12, 16, 16, 20},
    [DC_Q_CI] = {1, 5, 12, 16, 16, 20},
    [DC_Q_CO] = {1, 5, 12, 16, 16, 20},
    [DC_Q_WIDTH] = {1, 5, 7, 7, 8, 9},
    [DC_Q_DEPTHWISE] = {1, 5, 11, 16, 16, 17},
    [DC_Q_MULTIPLIER] = {1, 5, 10, 10, 13, 16},
    [DC_Q_GROUPED] = {1, 5, 9, 9, 13, 16},
    [DC_Q_I] = {1, 5, 12, 16, 16, 20},
    [DC_Q_K] = {1, 5, 11, 11, 12, 15},
    [DC_Q_O] = {1, 5, 12, 12, 16, 20},
    [DC_Q_S] = {1, 3, 12, 24, 24, 24},
    [DC_Q_D] = {1, 3, 12, 24, 24, 24},
    [DC_Q_SPAN] = {1, 5, 12, 24, 24, 24},
    [DC_Q_OP] = {1, 3, 12, 24, 24, 24},
    [DC_Q_PB] = {1, 3, 12, 24, 24, 24},
    [DC_Q_PE] = {1, 3, 12, 24, 24, 24},
    [DC_Q_AREA] = {2, 5, 10, 10, 14, 16},
    [DC_Q_PLANE] = {2, 5, 12, 16, 16, 20},
    [DC_Q_POSITIONS] = {1, 5, 10, 10, 16, 20},
    [DC_Q_X] = {1, 8, 10, 10, 16, 20},
    [DC_Q_W] = {1, 8, 10, 10, 16, 18},
    [DC_Q_Y] = {1, 8, 10, 10, 16, 20},
    [DC_Q_SUM_Y] = {1, 5, 10, 10, 16, 17},
    [DC_Q_SUM_GX] = {1, 5, 10, 10, 16, 17},
    [DC_Q_SUM_GW] = {1, 5, 10, 10, 16, 20},
};

/* The thresholds, as exponents.  Beyond 24 the outputs before they are cropped
 * do not fit memory. */
static const int thresholds[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 17, 18, 20, 24};
enum { THRESHOLDS = sizeof thresholds / sizeof *thresholds };

/* The rank of a cell that is met in one rank only. */
static int rank_in_turn(const dc_scale_cell *c)
{
    const int first = rows[c->quantity].first_rank;

    return first + ((int)c->quantity + c->bits + (int)c->side) % (4 - first);
}

static bool is_threshold(int bits)
{
    for (int k = 0; k < THRESHOLDS; k++)
        if (thresholds[k] == bits)
            return true;
    return false;
}

static bool is_possible(const dc_scale_cell *c)
{
    return is_threshold(c->bits) && c->bits >= rows[c->quantity].least &&
           c->rank >= rows[c->quantity].first_rank;
}

bool dc_scale_is_on(int64_t value, int bits, dc_scale_side side)
{
    const int64_t threshold = (int64_t)1 << bits;
    const int64_t off =
        side == DC_SCALE_BELOW ? threshold - value : value - threshold;

    return side == DC_SCALE_AT ? off == 0
                               : off >= 1 && off <= dc_max(threshold / 8, 1);
}

bool dc_scale_has(dc_tier tier, const dc_scale_cell *c)
{
    const int ci = rows[c->quantity].ci;
    const int most = tier == DC_FULL ? rows[c->quantity].full_above
                                     : rows[c->quantity].ci_above;

    if ((tier != DC_CI && tier != DC_FULL) || !is_possible(c) || c->bits > most)
        return false;
    if (tier == DC_FULL)
        return c->bits <= rows[c->quantity].full ||
               (c->side == DC_SCALE_ABOVE && c->rank == rank_in_turn(c));
    if (c->rank != rank_in_turn(c))
        return false;
    return c->bits <= ci
               ? c->side != DC_SCALE_BELOW
               : c->side == DC_SCALE_ABOVE && (c->bits == 16 || c->bits == 24);
}

/* ==== The list ========================================================== */

struct dc_scale {
    int64_t count;
    dc_scale_cell cells[DC_SCALE_PLACES];
};

dc_scale_cell dc_scale_cell_at(int place)
{
    const int threshold = place / 3 / DC_SCALE_SIDES;

    return (dc_scale_cell){.quantity = (dc_quantity)(threshold / DC_SCALE_BITS),
                           .bits = threshold % DC_SCALE_BITS,
                           .side = (dc_scale_side)(place / 3 % DC_SCALE_SIDES),
                           .rank = 1 + place % 3};
}

dc_status dc_scale_open(dc_scale **scale, dc_tier tier)
{
    dc_scale *const x = calloc(1, sizeof *x);

    *scale = x;
    if (!x)
        return DC_NOMEM;
    for (int k = 0; k < DC_SCALE_PLACES; k++) {
        const dc_scale_cell cell = dc_scale_cell_at(k);

        if (dc_scale_has(tier, &cell))
            x->cells[x->count++] = cell;
    }
    return DC_OK;
}

void dc_scale_close(dc_scale *scale)
{
    free(scale);
}

int64_t dc_scale_count(const dc_scale *scale)
{
    return scale->count;
}

void dc_scale_case(const dc_scale *scale, int64_t index, dc_item *item,
                   bool *wide)
{
    const dc_scale_cell *cell = &scale->cells[index];

    dc_scale_case_of(cell, &item->c);
    item->name = "scale";
    item->hunts = "a threshold: the end of a block, an index of few bits, "
                  "a kernel for large problems";
    *wide = cell->side == DC_SCALE_ABOVE;
}
