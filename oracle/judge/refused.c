/* SPDX-License-Identifier: MIT
 *
 * An implementation owes each problem one answer.
 */
#include "oracle/judge/refused.h"

#include <stdio.h>
#include <string.h>

/* Keeps why a problem was refused: the reason that was given or, without one,
 * what was printed. */
static void note_reason(const dc_answer *a, dc_result *r)
{
    const char *const line = strrchr(a->said, '\n');

    if (*a->reason || !*a->said)
        snprintf(r->reason, sizeof r->reason, "%s", a->reason);
    else
        snprintf(r->reason, sizeof r->reason, "it printed: %.200s",
                 line ? line + 1 : a->said);
}

bool dc_refused_note(const dc_judge *judge, const dc_problem *p, dc_op op,
                     const dc_answer *a, dc_result *r)
{
    const dc_limit_rule rule = a->status == DC_INVALID
                                   ? dc_limit_refuses(judge->profile, p)
                                   : DC_LIMIT_NONE;

    if (a->status != DC_UNSUPPORTED && rule == DC_LIMIT_NONE)
        return false;
    r->refused[op] = rule;
    note_reason(a, r);
    return true;
}

void dc_refused_compare(const bool computed[DC_OPS], dc_result *r)
{
    const char *other = NULL;

    for (int op = 0; op < DC_GRAD_BIAS && !other; op++)
        if (computed[op])
            other = dc_ops[op].name;
    for (int op = 0; op < DC_OPS && other; op++)
        if (r->refused[op] && !dc_limit_is_free(r->refused[op]))
            dc_result_find(r, (dc_op)op, DC_FAIL, DC_CHECK_LIMIT,
                           "a legal problem was answered INVALID (%s), and %s "
                           "computes it: refuse it in all operations, or "
                           "answer UNSUPPORTED",
                           dc_limit_names[r->refused[op]], other);
}
