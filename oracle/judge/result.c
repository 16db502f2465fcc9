/* SPDX-License-Identifier: MIT
 *
 * Collecting findings of one case.
 */
#include "oracle/judge/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const dc_verdict_names[DC_VERDICTS] = {"unsupported", "pass",
                                                   "fail", "crashed", "hung"};

int dc_result_bin(double ratio)
{
    int bin = 1;

    if (ratio == 0)
        return 0;
    if (!(ratio <= 1))
        return DC_BINS - 1;
    while (bin < DC_BINS - 2 && ratio > ldexp(1, bin - DC_BINS + 2))
        bin++;
    return bin;
}

dc_finding *dc_result_find(dc_result *r, dc_op op, dc_verdict verdict,
                           const char *check, const char *format, ...)
{
    dc_finding *f;
    va_list args;

    if (r->by_op[op] < verdict)
        r->by_op[op] = verdict;
    if (r->verdict < verdict)
        r->verdict = verdict;
    if (r->n_findings == DC_FINDINGS_MAX)
        return NULL;
    f = &r->findings[r->n_findings++];
    memset(f, 0, sizeof *f);
    f->op = op;
    f->check = check;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    return f;
}
