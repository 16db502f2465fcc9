/* SPDX-License-Identifier: MIT
 *
 * Golden values where something is not finite: what does the formula itself
 * give, and where may an implementation give something else as well?
 */
#include <math.h>

#include "ref/format.h"
#include "oracle/truth/golden.h"

/* Kinds of answers that are legal: NaN, either infinity, finite. */
static int kinds(int dtype, const dc_interval *i)
{
    const double most = dc_formats[dtype].max;

    return dc_bound_accepts(i, (double)NAN) + dc_bound_accepts(i, INFINITY) +
           dc_bound_accepts(i, -INFINITY) +
           (i->lo <= i->hi && i->lo <= most && i->hi >= -most);
}

dc_status dc_golden_special(dc_truth *t, dc_op op, void *result,
                            int64_t settled[DC_GOLDEN_RUNGS], int64_t *open,
                            int64_t *n_open, dc_error *e)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const int dtype = t->c.p.dtype;
    dc_status status = DC_OK;

    *n_open = 0;
    for (int64_t i = 0; i < t->count[op] && status == DC_OK; i++) {
        dc_interval in;

        status = dc_truth_interval(t, op, i, &usual, &in, e);
        if (status != DC_OK)
            break;
        /* an exact zero is +0; what only rounds to zero keeps its sign */
        dc_format_set(dtype, result, i,
                      in.want == 0 && mpfr_zero_p(t->element.t) ? 0 : in.want);
        if (kinds(dtype, &in) > 1)
            open[(*n_open)++] = i;
        settled[DC_GOLDEN_MPFR]++;
    }
    return status;
}
