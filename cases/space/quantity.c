/* SPDX-License-Identifier: MIT
 *
 * The quantities as rows: which size is it?
 */
#include "cases/space/quantity.h"

const dc_quantity_row dc_quantities[DC_QUANTITIES] = {
    [DC_Q_N] = {.name = "n", .of = DC_OF_N},
    [DC_Q_CI] = {.name = "ci/g", .of = DC_OF_CIG},
    [DC_Q_CO] = {.name = "co/g", .of = DC_OF_COG},
    [DC_Q_WIDTH] = {.name = "min(ci/g, co/g)", .of = DC_OF_BOTH},
    [DC_Q_DEPTHWISE] = {.name = "g, depthwise", .of = DC_OF_DEPTHWISE},
    [DC_Q_MULTIPLIER] = {.name = "g, ci/g = 1 < co/g", .of = DC_OF_MULTIPLIER},
    [DC_Q_GROUPED] = {.name = "g, ci/g > 1", .of = DC_OF_GROUPED},
    [DC_Q_I] = {.name = "i", .of = DC_OF_I},
    [DC_Q_K] = {.name = "k", .of = DC_OF_K},
    [DC_Q_O] = {.name = "o", .of = DC_OF_O},
    [DC_Q_S] = {.name = "s", .of = DC_OF_S},
    [DC_Q_D] = {.name = "d", .of = DC_OF_D},
    [DC_Q_SPAN] = {.name = "d(k-1)", .of = DC_OF_SPAN},
    [DC_Q_OP] = {.name = "op", .of = DC_OF_OP},
    [DC_Q_PB] = {.name = "pb", .of = DC_OF_PB},
    [DC_Q_PE] = {.name = "pe", .of = DC_OF_PE},
    [DC_Q_AREA] = {.name = "taps of a kernel", .of = DC_OF_TAPS},
    [DC_Q_PLANE] = {.name = "positions of a plane of y", .of = DC_OF_POSITIONS},
    [DC_Q_POSITIONS] = {.name = "n x positions of y", .of = DC_OF_N_POSITIONS},
    [DC_Q_X] = {.name = "elements of x", .of = DC_OF_X},
    [DC_Q_W] = {.name = "elements of w", .of = DC_OF_W},
    [DC_Q_Y] = {.name = "elements of y", .of = DC_OF_Y},
    [DC_Q_SUM_Y] = {.name = "products of a sum of y",
                    .of = DC_OF_SUM,
                    .op = DC_FORWARD},
    [DC_Q_SUM_GX] = {.name = "products of a sum of gx",
                     .of = DC_OF_SUM,
                     .op = DC_GRAD_INPUT},
    [DC_Q_SUM_GW] = {.name = "products of a sum of gw",
                     .of = DC_OF_SUM,
                     .op = DC_GRAD_WEIGHT},
};

int64_t dc_quantity_of(dc_quantity q, const dc_problem *p)
{
    return dc_size_of(dc_quantities[q].of, p, dc_quantities[q].op);
}
