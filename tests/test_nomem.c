/* SPDX-License-Identifier: MIT
 *
 * What happens when memory runs out?  Every allocation of every step fails
 * once: the answer is a status, nothing crashes, nothing is half done.
 *
 * malloc and its kin are taken over here; GMP and MPFR, which abort by design,
 * get the C library's own.  A sanitizer owns malloc itself: nothing is tested
 * in such a build.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmp.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cases/cover.h"
#include "../cases/data.h"
#include "../cases/pack.h"
#include "../cases/scope.h"
#include "../cases/sweep.h"
#include "../fast/fast.h"
#include "../oracle/identity.h"
#include "../oracle/ladder.h"
#include "../oracle/mutant.h"
#include "../oracle/scatter.h"

#if defined(__SANITIZE_ADDRESS__)
#define OURS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OURS 0
#endif
#endif
#ifndef OURS
#define OURS 1
#endif

static int64_t left; /* allocations until one fails; 0: none fails */

#if OURS
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *at);

void *malloc(size_t size)
{
    return left && --left == 0 ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return left && --left == 0 ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return left && --left == 0 ? NULL : __libc_realloc(old, size);
}

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
    char room[8192];
    dc_status status = DC_OK;

    for (size_t s = 0; s < sizeof specs / sizeof *specs; s++) {
        const dc_case c = small_case(specs[s]);
        for (int t = DC_X; t <= DC_GY && status == DC_OK; t++)
            if (t != DC_B || c.p.has_bias)
                status = dc_data_fill(&c, (dc_tensor)t, room);
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

/* Every format writes a case, and reads back what it can. */
static char folder[] = "/tmp/deconform_nomem_XXXXXX";

static dc_status pack(void)
{
    dc_pack_case c = {.c = shared.c};
    dc_status status = DC_OK;

    dc_pack_identify(&c);
    for (int t = 0; t < DC_TENSORS; t++)
        c.tensors[t] = t <= DC_GY ? shared.tensors[t] : results[t - DC_Y];
    for (int f = 0; f < dc_pack_formats_count && status == DC_OK; f++) {
        const dc_pack_format *format = &dc_pack_formats[f];
        dc_pack_sink sink = {.root = folder};
        dc_pack_tensors back = {.p = c.c.p};
        dc_error e = {DC_OK, NULL, -1, ""};
        char base[512];

        if (format->admit && format->admit(&c, &e) != DC_OK)
            continue;
        status = format->write(&c, &sink, &e);
        if (status != DC_OK || !format->read)
            continue;
        snprintf(base, sizeof base, "%s/%s", folder, sink.files[0].path);
        if (!format->suffix[0])
            *strrchr(base, '/') = 0;
        status = format->read(base, format->tensors, &back, &e);
        dc_pack_release(&back);
    }
    return status;
}

static const struct {
    const char *name;
    dc_status (*run)(void);
    int64_t stride; /* every so many-th allocation fails */
} steps[] = {
    {"reference", run_reference, 1},
    {"data", fill_data, 1},
    {"sweep", open_sweep, 97},
    {"truth", open_real, 1},
    {"special", open_special, 1},
    {"ladder, quick", climb_quick, 1},
    {"ladder, plain", climb_plain, 1},
    {"adjoint", adjoint, 1},
    {"mutant", mutate, 1},
    {"pack", pack, 1},
};

static void test_every_allocation(void **state)
{
    (void)state;
#if OURS
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        dc_status status = DC_NOMEM;
        int64_t failed = 0;

        for (int64_t n = 1; n < 3000000 && status != DC_OK;
             n += steps[s].stride) {
            left = n;
            status = steps[s].run();
            /* left is 0 when the n-th allocation was asked for */
            if (status == DC_OK && left == 0)
                status = DC_NOMEM; /* it did without: a cache, a fallback */
            left = 0;
            failed++;
        }
        if (status != DC_OK)
            fail_msg("%s never succeeds", steps[s].name);
        if (failed < 2)
            fail_msg("%s allocates nothing", steps[s].name);
    }
#else
    skip();
#endif
}

static int prepare(void **state)
{
    const dc_case c = small_case("n2_ci4_co6_g2_i3x4_k2x3_s2_p1_b1_f32_int_r2");

    (void)state;
    if (dc_truth_open(&shared, &c, NULL) != DC_OK || !mkdtemp(folder))
        return -1;
    for (int op = 0; op < DC_OPS; op++)
        results[op] = calloc((size_t)shared.count[op] + 1, 8);
    return 0;
}

static int tidy(void **state)
{
    char command[128];

    (void)state;
    dc_truth_close(&shared);
    for (int op = 0; op < DC_OPS; op++)
        free(results[op]);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation),
    };

#if OURS
    mp_set_memory_functions(__libc_malloc, sure_realloc, sure_free);
#endif
    return cmocka_run_group_tests_name("nomem", tests, prepare, tidy);
}
