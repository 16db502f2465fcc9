/* SPDX-License-Identifier: MIT
 *
 * Are the closed forms right?  They are compared with counting one by one over
 * random problems of every rank, and with numbers from elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "ref/case.h"
#include "ref/counts.h"
#include "tests/support/draw.h"
#include "tests/support/parse.h"

static int64_t product_of(const int64_t *v, int count)
{
    int64_t m = 1;

    for (int a = 0; a < count; a++)
        m *= v[a];
    return m;
}

/* ==== One by one ======================================================== */

/* What one channel pair does: pairs (j,t) that land, and how many different
 * outputs, inputs and taps take part. */
typedef struct {
    int64_t taps, outputs, inputs, kernel;
} pair;

static int64_t count_marks(const char *marks, int64_t count)
{
    int64_t m = 0;

    for (int64_t e = 0; e < count; e++)
        m += marks[e];
    return m;
}

static pair count_pair(const dc_problem *p, const int64_t o[3])
{
    const int64_t ni = product_of(p->i, p->rank);
    const int64_t nk = product_of(p->k, p->rank);
    const int64_t no = product_of(o, p->rank);
    char *const marks = calloc((size_t)(ni + nk + no) + 1, 1);
    pair n = {0, 0, 0, 0};

    assert_non_null(marks);
    for (int64_t e = 0; e < ni * nk; e++) {
        int64_t j = e / nk, t = e % nk, at = 0;
        int inside = 1;

        for (int a = 0, down = p->rank; a < p->rank; a++, down--) {
            /* axis a of the flat numbers, first axis slowest */
            const int64_t behind_i = product_of(p->i + a + 1, down - 1);
            const int64_t behind_k = product_of(p->k + a + 1, down - 1);
            const int64_t land =
                j / behind_i * p->s[a] - p->pb[a] + t / behind_k * p->d[a];

            inside &= land >= 0 && land < o[a];
            at = at * o[a] + land;
            j %= behind_i;
            t %= behind_k;
        }
        if (!inside)
            continue;
        n.taps++;
        marks[e / nk] = marks[ni + e % nk] = marks[ni + nk + at] = 1;
    }
    n.inputs = count_marks(marks, ni);
    n.kernel = count_marks(marks + ni, nk);
    n.outputs = count_marks(marks + ni + nk, no);
    free(marks);
    return n;
}

static void expect(const dc_problem *p, const char *what, int64_t got,
                   int64_t want)
{
    const dc_case c = {*p, DC_INT, 0};
    char text[DC_CASE_MAX];

    if (got == want)
        return;
    dc_case_print(&c, text);
    fail_msg("%s: %s is %lld, not %lld", text, what, (long long)got,
             (long long)want);
}

/* A sum of m numbers takes m - 1 additions, none when m is 0. */
static void check(const dc_problem *p)
{
    const pair n = count_pair(p, p->o);
    const int64_t ni = product_of(p->i, p->rank);
    const int64_t nk = product_of(p->k, p->rank);
    const int64_t no = product_of(p->o, p->rank);
    const int64_t filters = p->ci * p->co / p->g;
    const int64_t m = p->n * filters * n.taps;
    const int some = m > 0; /* else there is nothing to save an addition on */
    int64_t bare[3] = {0};  /* extents without output padding */
    int64_t lambda;
    int64_t gamma;
    dc_counts c;

    assert_int_equal(dc_counts_of(p, &c, NULL), DC_OK);
    expect(p, "filters", c.filters, filters);
    expect(p, "taps", c.taps, n.taps);
    expect(p, "reached", c.reached, n.outputs);
    for (int op = DC_FORWARD; op <= DC_GRAD_WEIGHT; op++)
        expect(p, "mul", c.mul[op], m);
    expect(p, "mul of grad_bias", c.mul[DC_GRAD_BIAS], 0);
    expect(p, "add of forward", c.add[DC_FORWARD],
           p->has_bias ? m : m - some * p->n * p->co * n.outputs);
    expect(p, "add of grad_input", c.add[DC_GRAD_INPUT],
           m - some * p->n * p->ci * n.inputs);
    expect(p, "add of grad_weight", c.add[DC_GRAD_WEIGHT],
           m - some * filters * n.kernel);
    expect(p, "add of grad_bias", c.add[DC_GRAD_BIAS],
           p->n * no > 0 ? p->co * (p->n * no - 1) : 0);
    expect(p, "col2im", c.mul_col2im, p->n * filters * ni * nk);
    expect(p, "uncropped", dc_counts_uncropped(p), p->n * filters * ni * nk);
    expect(p, "stuffed", c.mul_stuffed, p->n * filters * no * nk);
    for (int a = 0; a < p->rank; a++)
        bare[a] = p->o[a] > p->op[a] ? p->o[a] - p->op[a] : 0;
    lambda = no * nk + count_pair(p, bare).taps - product_of(bare, p->rank);
    gamma = p->co * no * (p->ci / p->g - !p->has_bias);
    expect(p, "lambda", c.published_filter, lambda);
    expect(p, "gamma", c.published_aggregation, gamma);
    expect(p, "total", c.published_total, p->n * (filters * lambda + gamma));
}

static void random_problems_one_by_one(void **unused)
{
    uint64_t state = 6174;
    int ranks[4] = {0};

    (void)unused;
    for (int round = 0; round < 3000; round++) {
        const dc_problem p = draw_problem(&state, 2000);

        check(&p);
        ranks[p.rank]++;
    }
    for (int rank = 1; rank <= 3; rank++)
        assert_true(ranks[rank] > 200);
}

/* One axis with strides, dilations and pads that random small problems do not
 * reach: runs of one residue join, touch and stay apart. */
static void every_small_axis(void **state)
{
    (void)state;
    for (int64_t code = 0; code < 5 * 4 * 7 * 7 * 6; code++) {
        dc_problem p = parse_problem("i1_k1");

        p.i[0] = code % 5;
        p.k[0] = 1 + code / 5 % 4;
        p.s[0] = 1 + code / 20 % 7;
        p.d[0] = 1 + code / 140 % 7;
        p.pb[0] = code / 980 % 6 * 2 - 3;
        p.pe[0] = (code / 7) % 4 - 1;
        if (dc_problem_complete(&p, NULL) == DC_OK)
            check(&p);
    }
}

/* ==== Numbers from elsewhere ============================================ */

static void known_configurations(void **state)
{
    static const struct {
        const char *spec;
        int64_t taps, reached, direct, col2im, stuffed, total, published;
    } rows[] = {
        {"ci3_co2_i16x16_k3_s2_p1_op1_b1", 2209, 1024, 13254, 13824, 55296,
         26508, 68370},
        {"ci3_co2_i16x16_k3_s2_p1_op1", 2209, 1024, 13254, 13824, 55296, 24460,
         66322},
        {"ci16_co8_i4x4_k4_s2_p1_b1", 196, 64, 25088, 32768, 131072, 50176,
         156160},
        {"ci4_co2_i8x8x8_k3_s2_p1_op1_b1", 12167, 4096, 97336, 110592, 884736,
         194672, 975688},
        {"ci4_co2_i5_k3_s2_p1_op1_b1", 14, 10, 112, 120, 240, 224, 352},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_problem p = parse_problem(rows[r].spec);
        dc_counts c;

        assert_int_equal(dc_counts_of(&p, &c, NULL), DC_OK);
        expect(&p, "T", c.taps, rows[r].taps);
        expect(&p, "E", c.reached, rows[r].reached);
        expect(&p, "direct", c.mul[DC_FORWARD], rows[r].direct);
        expect(&p, "col2im", c.mul_col2im, rows[r].col2im);
        expect(&p, "stuffed", c.mul_stuffed, rows[r].stuffed);
        expect(&p, "total", c.mul[DC_FORWARD] + c.add[DC_FORWARD],
               rows[r].total);
        expect(&p, "published", c.published_total, rows[r].published);
    }
}

/* No loop over the tensors: these would take days. */
static void large_problems_are_counted(void **state)
{
    dc_problem p =
        parse_problem("n16_ci1024_co1024_i1000x1000x1000_k3_s2_p1_op1_b1");
    dc_counts c;

    (void)state;
    /* per axis 3 * 1000 - 1: only tap 0 of input 0 is cropped */
    assert_int_equal(dc_counts_of(&p, &c, NULL), DC_OK);
    assert_true(c.taps == INT64_C(2999) * 2999 * 2999);
    assert_true(c.reached == INT64_C(8000000000));
    assert_true(c.mul[DC_FORWARD] == (c.taps << 24));
}

static void huge_problems_are_refused(void **state)
{
    static const struct {
        const char *spec;
        const char *field; /* NULL: a total */
        int axis;
    } rows[] = {
        {"i67108865_k1", "i", 0},
        {"i1_k67108865", "k", 0},
        {"i2x67108865_k1", "i", 1},
        {"i67108865x2_k1", "i", 0},
        {"i1x1x1_k1x67108865x1", "k", 1},
        {"n1048576_ci1048576_co1048576_i4x4_k3", NULL, -1},
        /* each total alone: T, psi, the stuffed form, additions of gb */
        {"i60000000x60000_k60000x30000", NULL, -1},
        {"ci4194304_co4194304_i2000000_k1_n4", NULL, -1},
        {"i1_k1000000_s1_pb-1000000000000_pe-1000000000000_n8", NULL, -1},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const dc_problem p = parse_problem(rows[r].spec);
        dc_counts c;
        dc_error e;

        memset(&e, 0, sizeof e);
        if (dc_counts_of(&p, &c, &e) != DC_INVALID)
            fail_msg("%s is counted", rows[r].spec);
        if (e.axis != rows[r].axis || !e.field != !rows[r].field ||
            (e.field && strcmp(e.field, rows[r].field) != 0))
            fail_msg("%s: %s", rows[r].spec, e.text);
        assert_int_equal(dc_counts_of(&p, &c, NULL), DC_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_problems_one_by_one),
        cmocka_unit_test(every_small_axis),
        cmocka_unit_test(known_configurations),
        cmocka_unit_test(large_problems_are_counted),
        cmocka_unit_test(huge_problems_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
