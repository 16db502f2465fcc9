/* SPDX-License-Identifier: MIT
 *
 * From a case to what is accepted: data, reference, bound.
 */
#include "truth.h"

#include <stdlib.h>
#include <string.h>

#include "../cases/data.h"

/* The naive reference is for tensors that fit; beyond this it is refused. */
static const int64_t ELEMENTS_MAX = (int64_t)1 << 28;

dc_status dc_truth_open(dc_truth *t, const dc_case *c, dc_error *e)
{
    memset(t, 0, sizeof *t);
    t->c = *c;
    dc_bound_init(&t->scratch);
    dc_element_init(&t->element);
    if (!dc_data_offered(c->family)) {
        dc_truth_close(t);
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "data family %s is not there yet",
                            dc_family_names[c->family]);
    }
    for (int k = DC_X; k <= DC_GY; k++) {
        const int64_t count = dc_problem_count(&c->p, (dc_tensor)k);

        if (k == DC_B && !c->p.has_bias)
            continue;
        if (count > ELEMENTS_MAX) {
            dc_truth_close(t);
            return dc_error_set(e, DC_NOMEM, dc_tensor_names[k], -1,
                                "tensor %s has more than 2^28 elements",
                                dc_tensor_names[k]);
        }
        t->own[k] = malloc((size_t)(count * dc_formats[c->p.dtype].size) + 1);
        t->tensors[k] = t->own[k];
        if (!t->own[k] || dc_data_fill(c, (dc_tensor)k, t->own[k]) != DC_OK) {
            dc_truth_close(t);
            return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
        }
    }
    for (int op = 0; op < DC_OPS; op++)
        t->count[op] = dc_problem_count(&c->p, dc_ops[op].out);
    if (dc_ref_open(&t->ref, &c->p, t->tensors) != DC_OK) {
        dc_truth_close(t);
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    }
    return DC_OK;
}

void dc_truth_close(dc_truth *t)
{
    dc_ref_close(t->ref);
    for (int k = 0; k < DC_TENSORS; k++)
        free(t->own[k]);
    for (int op = 0; op < DC_OPS; op++)
        free(t->accepted[op]);
    dc_element_clear(&t->element);
    dc_bound_clear(&t->scratch);
}

dc_status dc_truth_make(dc_truth *t, dc_op op, const dc_arithmetic *a,
                        dc_error *e)
{
    const int exact = dc_data_exact(t->c.family, op);
    const int dtype = t->c.p.dtype;

    if (t->accepted[op])
        return DC_OK;
    t->accepted[op] =
        malloc((size_t)(t->count[op] + 1) * sizeof *t->accepted[op]);
    if (!t->accepted[op])
        return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
    for (int64_t i = 0; i < t->count[op]; i++) {
        dc_interval *to = &t->accepted[op][i];

        dc_ref_element(t->ref, op, i, !exact, &t->element);
        if (!exact)
            dc_bound_interval(&t->scratch, a, dtype, &t->element, to);
        else if (dc_bound_exact(dtype, &t->element, to) != DC_OK)
            return dc_error_set(e, DC_FAILED, NULL, -1,
                                "%s data are not exact in %s at element %lld "
                                "of %s",
                                dc_family_names[t->c.family],
                                dc_formats[dtype].name, (long long)i,
                                dc_tensor_names[dc_ops[op].out]);
    }
    return DC_OK;
}

dc_comparison dc_truth_compare(const dc_truth *t, dc_op op, const void *result)
{
    dc_comparison all = {0, -1};

    for (int64_t i = 0; i < t->count[op]; i++) {
        const double got = dc_format_get(t->c.p.dtype, result, i);

        if (dc_bound_accepts(&t->accepted[op][i], got))
            continue;
        if (all.wrong++ == 0)
            all.first = i;
    }
    return all;
}
