/* SPDX-License-Identifier: MIT
 *
 * The write that a call still owes when it returns.
 */
#include "oracle/mutants/mutant_late.h"

/* Of larger results only a part is looked at. */
static const size_t SMALL = 1 << 15;

/* A byte to change when the next call begins; NULL: none. */
static volatile char *owed;

bool dc_mutant_is_late(const dc_mutant *m)
{
    return m &&
           (m->fault == DC_FAULT_LATE_RESULT ||
            m->fault == DC_FAULT_LATE_INPUT || m->fault == DC_FAULT_LATE_PAST);
}

dc_status dc_mutant_late_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                             const void *const tensors[DC_TENSORS],
                             char *result)
{
    const dc_status status = dc_mutant_run(NULL, p, op, tensors, result);
    const dc_tensor t = m->fault == DC_FAULT_LATE_INPUT
                            ? dc_ops[op].in[m->detail]
                            : dc_ops[op].out;
    const size_t bytes = dc_op_takes(p, op, t) || t == dc_ops[op].out
                             ? dc_problem_bytes(p, t)
                             : 0;

    owed = NULL;
    if (status != DC_OK || bytes == 0 || bytes > SMALL)
        return status;
    if (m->fault == DC_FAULT_LATE_INPUT)
        owed = (char *)(uintptr_t)tensors[t];
    else
        owed = result + (m->fault == DC_FAULT_LATE_PAST ? bytes : 0);
    return status;
}

dc_status dc_mutant_late_supports(const dc_problem *p)
{
    (void)p;
    if (owed)
        *owed ^= 0x40;
    owed = NULL;
    return DC_OK;
}
