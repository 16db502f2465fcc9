/* SPDX-License-Identifier: MIT
 *
 * dc_mutant_run behind the plug-in table.
 */
#include "mutant_impl.h"

#include <string.h>

/* The mutant that this process hosts; NULL: clean.  Set once, before the
 * first call. */
static const dc_mutant *hosted;

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    const void *tensors[DC_TENSORS] = {[DC_X] = x, [DC_W] = w, [DC_B] = b};

    return dc_mutant_run(hosted, p, DC_FORWARD, tensors, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy, [DC_W] = w};

    return dc_mutant_run(hosted, p, DC_GRAD_INPUT, tensors, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy, [DC_X] = x};

    return dc_mutant_run(hosted, p, DC_GRAD_WEIGHT, tensors, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    const void *tensors[DC_TENSORS] = {[DC_GY] = gy};

    return dc_mutant_run(hosted, p, DC_GRAD_BIAS, tensors, gb);
}

const dc_impl *dc_mutant_impl(const char *id)
{
    static const dc_impl table = {DC_ABI,  "mutant",   "0.1.0",     NULL,
                                  forward, grad_input, grad_weight, grad_bias};

    hosted = NULL;
    for (int m = 0; m < dc_mutants_count && !hosted; m++)
        if (strcmp(dc_mutants[m].id, id) == 0)
            hosted = &dc_mutants[m];
    return hosted || strcmp(id, "clean") == 0 ? &table : NULL;
}
