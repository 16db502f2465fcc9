/* SPDX-License-Identifier: MIT
 *
 * Do the formats return what was written beyond 2^16 on each axis?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "ref/format.h"
#include "tests/support/pack.h"
#include "tests/support/parse.h"

/* Position codes, beyond 2^16 on each axis. */
static void formats_give_back_large_axes(void **state)
{
    static const char *const large[] = {
        "n65540_i1_k1_f32",       "ci65540_i1_k1_b1_f64",
        "co65540_i1_k1_b1_f32",   "i65540_k1_f64",
        "i1_k65540_f32",          "i2x1x1_k1_s65540x1x1_f32",
        "i2_k2_d65540_f32",       "i258x258_k1_f32",
        "i65536_k1_pb1_pe-1_f32", "n257_ci16_co16_i1_k1_f32",
    };

    (void)state;
    for (size_t k = 0; k < sizeof large / sizeof *large; k++) {
        void *values[DC_TENSORS] = {NULL};
        dc_pack_case c = {.c = parse(large[k])};

        dc_pack_identify(&c);
        for (int t = 0; t < DC_TENSORS; t++) {
            if (t == DC_B && !c.c.p.has_bias)
                continue;
            c.tensors[t] = values[t] =
                malloc(dc_problem_bytes(&c.c.p, (dc_tensor)t) + 1);
            for (int64_t i = 0; i < dc_problem_count(&c.c.p, (dc_tensor)t); i++)
                dc_format_set(c.c.p.dtype, values[t], i, (double)(i + 1));
        }
        for (int f = 0; f < dc_pack_formats_count; f++)
            give_back(&dc_pack_formats[f], &c, large[k]);
        for (int t = 0; t < DC_TENSORS; t++)
            free(values[t]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_give_back_large_axes),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
