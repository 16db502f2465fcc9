/* SPDX-License-Identifier: MIT
 *
 * What happens when memory runs out?  Every allocation of every step fails
 * once: the answer is a status, nothing crashes, nothing is half done.
 *
 * GMP and MPFR, which abort by design, get the C library's own malloc.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>
#include <mpfr.h>
#include <string.h>

#include "cases/select.h"
#include "cases/space/cover.h"
#include "cases/data/data.h"
#include "cases/space/small_scope.h"
#include "cases/space/sweep.h"
#include "fast/fast.h"
#include "oracle/judge/identity.h"
#include "oracle/truth/ladder.h"
#include "oracle/mutants/mutant.h"
#include "oracle/truth/scatter.h"
#include "tests/support/nomem.h"

#if !DC_SANITIZED
static void *sure_realloc(void *old, size_t before, size_t size)
{
    (void)before;
    return __libc_realloc(old, size);
}

static void sure_free(void *at, size_t size)
{
    (void)size;
    __libc_free(at);
}
#endif

/* ==== Steps ============================================================= */

static dc_case small_case(const char *text)
{
    dc_case c;

    assert_int_equal(dc_case_parse(text, &c, NULL), DC_OK);
    return c;
}

static dc_truth shared; /* opened before anything fails */
static void *results[DC_OPS];

static dc_status run_reference(void)
{
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        status =
            dc_ref_run(&shared.c.p, (dc_op)op, shared.tensors, results[op]);
    return status;
}

static dc_status fill_data(void)
{
    static const char *const specs[] = {
        "n2_ci4_co6_g2_i5_k3_b1_bf16_int_r3", "ci9_co9_i9_k3_f32_int_r19",
        "ci9_co9_i9_k3_f32_int_r9",           "ci4_i9_k3_f32_short_r1",
        "ci4_co4_i9_k3_f32_cancel_r1",        "ci4_i9_k3_f32_wide_r2",
        "ci4_i9_k3_f32_special_r3",           "ci4_i9_k3_f32_probe_r0"};
    char buffer[8192];
    dc_status status = DC_OK;

    for (size_t s = 0; s < sizeof specs / sizeof *specs; s++) {
        const dc_case c = small_case(specs[s]);
        for (int t = DC_X; t <= DC_GY && status == DC_OK; t++)
            if (t != DC_B || c.p.has_bias)
                status = dc_data_fill(&c, (dc_tensor)t, buffer);
    }
    return status;
}

static dc_status open_sweep(void)
{
    dc_sweep sweep = {DC_SMOKE, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL};
    const dc_status status = dc_sweep_open(&sweep);

    if (status == DC_OK)
        dc_sweep_close(&sweep);
    return status;
}

static dc_status open_truth(const char *spec)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    const dc_case c = small_case(spec);
    dc_truth t;
    dc_status status = dc_truth_open(&t, &c, NULL);

    if (status != DC_OK)
        return status;
    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        status = dc_truth_make(&t, (dc_op)op, &usual, NULL);
    dc_truth_close(&t);
    return status;
}

static dc_status open_real(void)
{
    return open_truth("n2_ci2_co2_i3_k2_b1_f32_real");
}

static dc_status open_special(void)
{
    return open_truth("n2_ci2_co2_i3_k2_b1_f32_special_r5");
}

static dc_status climb(const dc_impl *quick)
{
    static const dc_arithmetic usual = {.accumulate = -1};
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++) {
        dc_ladder *ladder;
        dc_rungs rungs = {0, 0, 0};

        status =
            dc_ladder_open(&ladder, &shared, (dc_op)op, &usual, quick, NULL);
        if (status == DC_OK)
            (void)dc_ladder_compare(ladder, results[op], &rungs);
        dc_ladder_close(ladder);
    }
    return status;
}

static dc_status climb_quick(void)
{
    return climb(dc_fast_impl());
}

static dc_status climb_plain(void)
{
    return climb(NULL);
}

static dc_status adjoint(void)
{
    dc_identity found;

    memset(&found, 0, sizeof found);
    return dc_identity_adjoint(&shared, (const void *const *)results, &found,
                               NULL);
}

static dc_status mutate(void)
{
    dc_status status = DC_OK;

    for (int op = 0; op < DC_OPS && status == DC_OK; op++)
        status = dc_mutant_run(NULL, &shared.c.p, (dc_op)op, shared.tensors,
                               results[op]);
    return status;
}

static dc_status select_cases(void)
{
    const char *cases[] = {"i3_k2"};
    const dc_filter named = {
        .cases = cases, .n_cases = 1, .shard = 1, .shards = 1};
    const dc_filter whole = {
        .sweep = {DC_SMOKE, 1, {DC_F64, DC_F32, DC_F16, DC_BF16}, 4, NULL},
        .whole = true,
        .shard = 1,
        .shards = 1};
    dc_selection s;
    dc_status status = dc_select(&named, &s, NULL);

    if (status == DC_OK) {
        dc_select_free(&s);
        status = dc_select(&whole, &s, NULL);
    }
    if (status == DC_OK)
        dc_select_free(&s);
    return status;
}

static const step steps[] = {
    {"reference", run_reference, 1},   {"data", fill_data, 1},
    {"sweep", open_sweep, 97},         {"selection", select_cases, 1},
    {"truth", open_real, 1},           {"special", open_special, 1},
    {"ladder, quick", climb_quick, 1}, {"ladder, plain", climb_plain, 1},
    {"adjoint", adjoint, 1},           {"mutant", mutate, 1},
};

static void test_every_allocation(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        starve(&steps[s]);
}

static int prepare(void **state)
{
    const dc_case c = small_case("n2_ci4_co6_g2_i3x4_k2x3_s2_p1_b1_f32_int_r2");

    (void)state;
    if (dc_truth_open(&shared, &c, NULL) != DC_OK)
        return -1;
    for (int op = 0; op < DC_OPS; op++)
        results[op] = calloc((size_t)shared.count[op] + 1, 8);
    return 0;
}

static int tidy(void **state)
{
    (void)state;
    dc_truth_close(&shared);
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation),
    };

#if !DC_SANITIZED
    mp_set_memory_functions(__libc_malloc, sure_realloc, sure_free);
#endif
    return cmocka_run_group_tests_name("nomem", tests, prepare, tidy);
}
