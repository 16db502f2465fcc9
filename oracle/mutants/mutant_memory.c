/* SPDX-License-Identifier: MIT
 *
 * What is done to memory after the right values are computed.
 */
#include "oracle/mutants/mutant_memory.h"

#include "ref/format.h"

static bool is_aligned(const char *at, int bytes)
{
    return (uintptr_t)at % (uintptr_t)bytes == 0;
}

/* Writes zeros that the optimizer must not leave out. */
static void clear(char *from, size_t bytes)
{
    volatile char *const to = from;

    for (size_t b = 0; b < bytes; b++)
        to[b] = 0;
}

/* Changes the first byte behind a const pointer; the same again puts it back.
 */
static void flip(const void *at)
{
    volatile char *const to = (char *)(uintptr_t)at;

    *to ^= 0x40;
}

/* SPILLS_INPUT and BORROWS_INPUT: the input that the row is about. */
static void touch_input(const dc_mutant *m, const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS])
{
    const dc_tensor in = dc_ops[op].in[m->detail];
    const size_t bytes = dc_problem_bytes(p, in);
    char *const at = (char *)(uintptr_t)tensors[in];

    if (!dc_op_takes(p, op, in))
        return;
    if (m->fault == DC_FAULT_SPILLS_INPUT && is_aligned(at, 4096))
        clear(at + bytes, (size_t)dc_formats[p->dtype].size);
    if (m->fault == DC_FAULT_BORROWS_INPUT && bytes) {
        flip(at);
        flip(at);
    }
}

/* After the values are computed. */
static void touch(const dc_mutant *m, const dc_problem *p, dc_op op,
                  const void *const tensors[DC_TENSORS], char *result)
{
    const size_t bytes = dc_problem_bytes(p, dc_ops[op].out);
    const size_t vector = (size_t)m->detail;
    const int64_t *const field = &p->op[p->rank - 1];

    switch (m->fault) {
    case DC_FAULT_STORES_VECTOR:
        if (bytes && is_aligned(result, m->detail))
            clear(result + bytes, (vector - bytes % vector) % vector);
        break;
    case DC_FAULT_STORES_BEFORE:
        if (bytes && !is_aligned(result, m->detail))
            clear(result - (uintptr_t)result % vector,
                  (uintptr_t)result % vector);
        break;
    case DC_FAULT_SPILLS_INPUT:
    case DC_FAULT_BORROWS_INPUT:
        touch_input(m, p, op, tensors);
        break;
    case DC_FAULT_BORROWS_PROBLEM:
        flip(field);
        flip(field);
        break;
    default: /* DC_FAULT_CHANGES_PROBLEM */
        flip(field);
    }
}

dc_status dc_memory_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS], char *result)
{
    const dc_status status = dc_mutant_run(NULL, p, op, tensors, result);

    if (status == DC_OK)
        touch(m, p, op, tensors, result);
    return status;
}
