/* SPDX-License-Identifier: MIT
 *
 * Sums of products of parts: how f32 is emulated by narrower units.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include "tests/plugins/sums.h"

/* A sum in which each product is one of parts of the factors: `parts` of
 * `bits` bits each, and of the products of parts those with numbers below
 * `most` in all. */
static inline double split_sum(const products *p, int bits, int parts, int most)
{
    double sum = p->biased ? p->bias : 0;

    for (int64_t k = 0; k < p->count; k++) {
        double a = p->a[k];

        for (int i = 0; i < parts; i++) {
            const double part = round_bits(a, bits);
            double b = p->b[k];

            for (int j = 0; j < parts && i + j < most; j++) {
                const double other = round_bits(b, bits);

                sum = in_acc(p->dtype, sum + in_acc(p->dtype, part * other));
                b = isfinite(other) ? b - other : 0;
            }
            a = isfinite(part) ? a - part : 0;
        }
    }
    return sum;
}

#endif
