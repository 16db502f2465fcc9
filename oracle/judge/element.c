/* SPDX-License-Identifier: MIT
 *
 * The element that a finding is about: its value, and what is accepted there.
 */
#include "oracle/judge/judge.h"

void dc_judge_element(dc_finding *f, dc_truth *t, const void *got,
                      dc_comparison c, const dc_interval *want)
{
    const int dtype = t->c.p.dtype;
    double stored;

    if (!f)
        return;
    dc_finding_element(f, &t->c.p, c.first);
    dc_ref_element(t->ref, f->op, c.first, 1, &t->element);
    dc_format_set(dtype, &stored, 0, want->want);
    f->has_value = true;
    f->wrong = c.wrong;
    f->total = t->count[f->op];
    f->got_bits = dc_format_bits(dtype, got, c.first);
    f->want_bits = dc_format_bits(dtype, &stored, 0);
    f->got = dc_format_get(dtype, got, c.first);
    f->want = want->want;
    f->sum = dc_result_sum(dtype, got, f->total);
    f->n = t->element.n;
    f->s = mpfr_get_d(t->element.s, MPFR_RNDU);
    f->bound = want->bound;
    f->ratio = dc_bound_ratio(&t->element, want, f->got);
}
