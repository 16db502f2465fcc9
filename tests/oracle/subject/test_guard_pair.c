/* SPDX-License-Identifier: MIT
 *
 * Does a guarded call see what goes wrong in a second thread, and in two at
 * once?
 */
#include "tests/support/guarded.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* What the implementation shall do wrong, and when. */
typedef enum {
    NOTHING,
    OTHER_BITS, /* in the element `element` */
    REFUSES,    /* answers DC_NOMEM */
    WRITES_PAST,
    WRITES_INPUT
} mistake;

typedef enum { NEVER, IN_SECOND, WITH_SAME, WITH_RELATED, IN_RELATED } moment;

static struct {
    mistake what;
    moment when;
    pthread_t first;
    dc_problem p; /* that is asked */
    int64_t s, n; /* supports() takes this stride and batch alone; 0: any */
    atomic_int calls[2]; /* of the problem, of a related one */
    atomic_int in_second;
    atomic_int here[2]; /* threads inside */
    dc_problem other;   /* the related one, of the last call */
} shop;

static dc_status shop_supports(const dc_problem *p)
{
    return (shop.s && p->s[0] != shop.s) || (shop.n && p->n != shop.n)
               ? DC_UNSUPPORTED
               : DC_OK;
}

/* Does the mistake show in this call?  met: another thread's call, of the
 * problem [0] or of the related one [1]. */
static bool strikes(bool related, bool second, const bool met[2])
{
    return shop.when == IN_SECOND      ? second
           : shop.when == WITH_SAME    ? met[0] && !second
           : shop.when == WITH_RELATED ? met[1] && !second
           : shop.when == IN_RELATED   ? met[0] && related
                                       : false;
}

/* Waits for the other thread's call, unless this one is made alone: any of the
 * first thread before there is another, or of a related problem, and the first
 * one of a second thread.  before: calls before this one. */
static void wait_for_other(bool related, bool second, const int before[2],
                           bool met[2])
{
    static _Thread_local int earlier;
    const bool alone = second ? earlier++ == 0 : related || !shop.in_second;

    for (int k = 0; k < 1000000 && !alone && !met[0] && !met[1]; k++) {
        sched_yield();
        for (int r = 0; r < 2; r++)
            met[r] = shop.calls[r] > before[r] + (r == related);
    }
}

static dc_status shop_forward(const dc_problem *p, const void *x, const void *w,
                              const void *b, void *y)
{
    const bool second = !pthread_equal(pthread_self(), shop.first);
    const bool related = !dc_problem_equal(p, &shop.p);
    const int64_t count = dc_problem_count(p, DC_Y);
    char *const to = y;
    const int before[2] = {shop.calls[0], shop.calls[1]};
    bool met[2] = {shop.here[0], shop.here[1]};
    dc_status status = DC_OK;
    bool wrong;

    (void)w;
    (void)b;
    atomic_fetch_add(&shop.here[related], 1);
    atomic_fetch_add(&shop.calls[related], 1);
    atomic_fetch_add(&shop.in_second, second);
    if (related && !second)
        shop.other = *p;
    if (!met[0] && !met[1])
        wait_for_other(related, second, before, met);
    wrong = strikes(related, second, met);
    memset(y, 3, (size_t)count * 4);
    if (wrong && shop.what == OTHER_BITS)
        to[4 * (count - 1)] = 4;
    if (wrong && shop.what == WRITES_PAST)
        to[4 * count + 3] ^= 1;
    if (wrong && shop.what == WRITES_INPUT)
        *(char *)(uintptr_t)x ^= 1;
    if (wrong && shop.what == REFUSES)
        status = DC_NOMEM;
    atomic_fetch_sub(&shop.here[related], 1);
    return status;
}

static const dc_impl shared = {.abi = DC_ABI,
                               .name = "shared",
                               .supports = shop_supports,
                               .forward = shop_forward};

static dc_answer call_reentrant(dc_guard *g, material *m, bool reentrant)
{
    dc_answer a;
    dc_error e = {.text = ""};
    const dc_guard_request r = {&shared,    &m->c.p,
                                DC_FORWARD, (const void *const *)m->tensors,
                                NULL,       reentrant};

    shop.first = pthread_self();
    shop.p = m->c.p;
    shop.calls[0] = shop.calls[1] = shop.in_second = 0;
    if (dc_guard_call(g, &r, m->result, &a, &e) != DC_OK)
        fail_msg("%s", e.text);
    assert_int_equal(a.status, DC_OK);
    assert_int_equal(a.runs, 2);
    assert_int_equal(dc_guard_overlap(g).kind, DC_OVERLAP_NONE);
    return a;
}

/* Every mistake at every moment, and nothing else. */
static void test_kinds(void **state)
{
    static const dc_overlap_kind kinds[] = {DC_OVERLAP_NONE, DC_OVERLAP_SECOND,
                                            DC_OVERLAP_SAME, DC_OVERLAP_RELATED,
                                            DC_OVERLAP_RELATED};
    dc_guard *g = guard();
    material m = make("ci2_co3_i5_k3_f32", DC_FORWARD);
    const int64_t last = dc_problem_count(&m.c.p, DC_Y) - 1;

    (void)state;
    for (int when = NEVER; when <= IN_RELATED; when++)
        for (int what = OTHER_BITS; what <= WRITES_INPUT; what++) {
            const bool other = when == IN_RELATED;
            dc_answer a;

            memset(&shop, 0, sizeof shop);
            shop.what = (mistake)what;
            shop.when = (moment)when;
            a = call_reentrant(g, &m, true);
            assert_int_equal(a.overlap.kind, kinds[when]);
            assert_int_equal(a.overlap.other, other);
            assert_int_equal(a.overlap.element,
                             when == NEVER || what != OTHER_BITS ? -1
                             : other ? dc_problem_count(&shop.other, DC_Y) - 1
                                     : last);
            assert_int_equal(a.overlap.status,
                             when && what == REFUSES ? DC_NOMEM : DC_OK);
            assert_int_equal(a.stray.side, when && what == WRITES_PAST
                                               ? DC_SIDE_PAST
                                               : DC_SIDE_NONE);
            assert_int_equal(a.tensor,
                             when && what == WRITES_INPUT ? DC_X : DC_TENSORS);
            assert_int_equal(((char *)m.result[0])[4 * last], 3);
            assert_int_equal(((char *)m.result[1])[4 * last],
                             when && what == OTHER_BITS && !other ? 4 : 3);
        }
    drop(&m);
    dc_guard_close(g);
}

/* The first related problem that is supported is asked; none is needed. */
static void test_related(void **state)
{
    static const struct {
        int64_t s, n;
        int related; /* -1: none */
        int64_t i, new_s, new_n;
    } rows[] = {
        {0, 0, 0, 3, 3, 2},
        {2, 0, 1, 3, 2, 2},
        {2, 2, 1, 3, 2, 2},
    };
    dc_guard *g = guard();
    material m = make("n2_ci2_co3_i5_k3_s2_f32", DC_FORWARD);
    material one = make("n2_ci2_co3_i1_k3_s2_f32", DC_FORWARD);
    dc_answer a;

    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        memset(&shop, 0, sizeof shop);
        shop.what = OTHER_BITS;
        shop.when = WITH_RELATED;
        shop.s = rows[k].s;
        shop.n = rows[k].n;
        a = call_reentrant(g, &m, true);
        assert_int_equal(a.overlap.kind, DC_OVERLAP_RELATED);
        assert_int_equal(a.overlap.related, rows[k].related);
        assert_int_equal(shop.other.i[0], rows[k].i);
        assert_int_equal(shop.other.s[0], rows[k].new_s);
        assert_int_equal(shop.other.n, rows[k].new_n);
    }
    /* an extent of 1 cannot be halved */
    memset(&shop, 0, sizeof shop);
    shop.s = 2;
    call_reentrant(g, &one, true);
    assert_int_equal(shop.other.n, 3);
    memset(&shop, 0, sizeof shop);
    shop.s = 2;
    shop.n = 2;
    a = call_reentrant(g, &one, true);
    assert_int_equal(a.overlap.kind, DC_OVERLAP_NONE);
    assert_int_equal(shop.calls[1], 0);
    assert_true(shop.in_second > 1);
    drop(&one);
    drop(&m);
    dc_guard_close(g);
}

/* Without the demand all calls come from one thread; with it short ones come
 * often. */
static void test_calls(void **state)
{
    dc_guard *g = guard();
    material m = make("ci2_co3_i5_k3_f32", DC_FORWARD);
    material none = make("ci2_co0_i5_k3_f32", DC_FORWARD);

    (void)state;
    memset(&shop, 0, sizeof shop);
    call_reentrant(g, &m, false);
    assert_int_equal(shop.calls[0], 4);
    assert_int_equal(shop.in_second, 0);
    call_reentrant(g, &m, true);
    assert_true(shop.in_second >= 4);
    assert_true(shop.calls[0] <= 4 + 2 + 1 + 2 * 16 + 16);
    assert_true(shop.calls[1] <= 1 + 1 + 16);
    call_reentrant(g, &none, true);
    assert_true(shop.in_second > 0);
    assert_int_equal(shop.calls[1], 0);
    drop(&none);
    drop(&m);
    dc_guard_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_related),
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests_name("guard pair", tests, NULL, NULL);
}
