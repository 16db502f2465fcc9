/* SPDX-License-Identifier: MIT
 *
 * Collecting findings of one case.
 */
#include "oracle/judge/result.h"

#include <inttypes.h>
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
                           dc_check check, const char *format, ...)
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
    f->tensor = DC_TENSORS;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    return f;
}

void dc_finding_answer(dc_finding *f, const dc_answer *a)
{
    if (!f)
        return;
    f->tensor = a->tensor;
    f->side = a->side;
    f->signal = a->signal;
    f->exited = a->exited;
    f->status = a->status;
}

bool dc_result_lost(dc_result *r, dc_op op, const dc_answer *a)
{
    const bool hung = a->outcome == DC_HUNG;

    if (a->outcome == DC_ANSWERED)
        return false;
    dc_finding_answer(dc_result_find(r, op, hung ? DC_HANG : DC_CRASH,
                                     hung ? DC_CHECK_HUNG : DC_CHECK_CRASHED,
                                     "%s", a->reason),
                      a);
    return true;
}

void dc_finding_position(const dc_finding *f, char *text, size_t size)
{
    size_t at =
        (size_t)snprintf(text, size, "%s[", dc_tensor_names[dc_ops[f->op].out]);

    for (int a = 0; a < f->axes && at < size; a++)
        at += (size_t)snprintf(text + at, size - at, "%s%" PRId64, a ? "," : "",
                               f->at[a]);
    if (at < size)
        snprintf(text + at, size - at, "]");
}
