/* SPDX-License-Identifier: MIT
 *
 * Shapes and data of published checks.  Where a check is too large to be run
 * hundreds of times, batch and extents are reduced and all else is kept.
 */
#include "oracle/checkers/published.h"

#include <math.h>
#include <string.h>

#include "cases/random.h"
#include "ref/format.h"
#include "ref/integer.h"

/* ==== Shapes ============================================================= */

#define ONE(suite, text, fill)                                                 \
    {                                                                          \
        suite, text, fill, fill                                                \
    }
#define DOCS(text)   ONE("torch documentation", text, DC_FILL_NORMAL)
#define OPINFO(text) ONE("OpInfo", text, DC_FILL_NINE)
#define ONNX(text)   ONE("ONNX", text, DC_FILL_COUNT)
#define BENCH(text)  ONE("KernelBench", text, DC_FILL_RAND)
#define WPT(text)    ONE("WPT", text, DC_FILL_HUNDRED)
#define TOSA(text)                                                             \
    {                                                                          \
        "TOSA", text, DC_FILL_TOSA_0, DC_FILL_TOSA_5                           \
    }
#define DNN(text)   ONE("benchdnn", text, DC_FILL_BENCHDNN)
#define SMALL(text) ONE("small integers", text, DC_FILL_SMALL)
#define BITS(text)  ONE("zeros and ones", text, DC_FILL_BITS)
#define GGML(text)  ONE("ggml", text, DC_FILL_UNIT)

const dc_published dc_publisheds[] = {
    DOCS("n2_ci16_co33_i12_k3_s2_b1"),
    DOCS("n2_ci16_co33_i3x5_k3_s2_b1"),
    DOCS("n1_ci16_co33_i5x6_k3x5_s2x1_p4x2_b1"),
    DOCS("n1_ci16_co16_i6x6_k3_s2_p1_op1_b1"),
    DOCS("n1_ci16_co33_i2x2x3_k3_s2_b1"),
    DOCS("n1_ci16_co33_i2x5x4_k3x5x2_s2x1x1_p0x4x2_b1"),

    OPINFO("ci3_co3_i4_k3_s2_p2_op1_b1"),
    OPINFO("u1_ci3_co3_i4_k3_s2_p2_op1_b1"),
    OPINFO("n2_ci2_co4_g2_i4_k4_s3_p1_op2_d4_b1"),
    OPINFO("i4_k4_s2_p1_op1_d2_b1"),
    OPINFO("u1_i4_k4_s2_p1_op1_d2_b1"),
    OPINFO("co2_i4_k3_s2_p1_op1"),
    OPINFO("u1_co2_i4_k3_s2_p1_op1"),
    OPINFO("ci4_co8_i5_k3"),
    OPINFO("u1_ci4_co8_i5_k3"),
    OPINFO("ci3_co3_i4x4_k3_s2_p2_op1_b1"),
    OPINFO("n2_ci2_co4_g2_i4x4_k4x5_s3x2_p1x2_op2x3_d4_b1"),
    OPINFO("i4x5_k4x3_s2_p1_op1_d2x3_b1"),
    OPINFO("co2_i4x3_k3x4_s2_p1_op1"),
    OPINFO("n2_ci8_co4_g4_i4x4_k3"),
    OPINFO("ci4_co8_i5x5_k3"),
    OPINFO("u1_ci4_co8_i5x5_k3"),
    OPINFO("ci3_co3_i4x4x4_k3_s2_p2_op1_b1"),
    OPINFO("n2_ci2_co4_g2_i4x4x4_k4x5x6_s3x2x1_p1x2x3_op2x3x1_d4_b1"),
    OPINFO("i4x5x2_k4x3x1_s2_p1_op1_d2x3x2_b1"),
    OPINFO("co2_i4x3x4_k3x4x5_s2_p1_op1"),
    OPINFO("ci4_co8_i5x5x5_k3"),

    ONNX("co2_i3x3_k3"),
    ONNX("co2_i3_k3"),
    ONNX("co2_i3x4x5_k3"),
    ONNX("co2_i3x3_k3_s3x2_op1"),
    ONNX("co2_i3x3_k3_s3x2_p1x2"),
    ONNX("co2_i3x3_k3_s2_pe1"),
    ONNX("ci2_co2_g2_i3x3_k3"),
    ONNX("n3_ci2_co2_g2_i3x3_k3"),
    ONE("ONNX", "i3x3_k2_d2", DC_FILL_DIGITS),

    BENCH("n2_ci64_co64_i6x6_k3"),
    BENCH("n2_ci128_co128_i12_k3"),
    BENCH("n1_ci32_co64_i2x3x3_k3x5x5"),
    BENCH("n1_ci32_co32_g4_i2x3x4_k3x5x7_s2_p1x2x3_op1"),
    BENCH("n2_ci32_co64_g4_i6x7_k3x5_s2x3_p1x2_d2x1"),
    BENCH("n1_ci32_co32_i6x8_k3x7_p1x3"),
    BENCH("n2_ci32_co64_i16_k3_s2_p1_d2"),
    BENCH("n1_ci32_co64_i5x6_k3_s5_p1_d2"),

    WPT("i2x2_k2"),
    WPT("i2x2_k2_p1"),
    WPT("co2_i3x3_k3_s3x2"),
    WPT("i3x3_k2_d2"),
    WPT("co2_i3x3_k3_s3x2_op1"),
    WPT("i2x2_k2_b1"),

    TOSA("n1_ci8_co16_i8x8_k1_b1"),
    TOSA("n1_ci8_co4_i16x16_k3_s1_p1_b1"),
    TOSA("n1_ci5_co4_i9x8_k4x2_s2_b1"),
    TOSA("n2_ci3_co5_i7x9_k3_s2_p1_b1"),
    TOSA("n1_ci6_co4_i9x10_k2x4_s2x3_pe1x2_b1"),

    DNN("n2_ci3_co17_i5_k3_p1_b1"),
    DNN("n2_ci16_co16_i5_k1_b1"),
    DNN("n2_ci16_co17_i5_k1_b1"),
    DNN("n2_ci17_co16_i5_k1_b1"),
    DNN("n2_ci16_co16_i5_k3_p1_b1"),
    DNN("n2_ci16_co17_i5_k3_p1_b1"),
    DNN("n2_ci17_co16_i5_k3_p1_b1"),
    DNN("n2_ci17_co16_i5x5_k1_b1"),
    DNN("n2_ci16_co17_i5x5_k3_p1_b1"),
    DNN("n2_ci17_co16_i5x5_k3_p1_b1"),
    DNN("n2_ci17_co16_i5x5x5_k1_b1"),
    DNN("n2_ci17_co17_i5x5x5_k3_p1_b1"),

    SMALL("n1_ci16_co8_i5x5_k3_p1"),
    SMALL("n1_ci8_co16_i7x8_k3_p1"),
    SMALL("n2_ci16_co16_i6x4_k1"),
    SMALL("n1_ci8_co8_i6x7_k3_s2_p1"),

    BITS("n2_ci16_co33_i12_k3_s2_b1"),
    BITS("n2_ci16_co33_i3x5_k3_s2_b1"),
    BITS("n1_ci16_co16_i6x6_k3_s2_p1_op1_b1"),
    BITS("n1_ci16_co33_i2x2x3_k3_s2_b1"),

    GGML("ci2_co3_i3_k2_s3"),
    GGML("ci2_co3_i3_k2_s2"),
    GGML("ci2_co3_i3_k2_s1"),
    GGML("ci2_co2_i3_k3_s2"),
    GGML("ci2_co1_i3_k3_s1"),
    GGML("ci1_co1_i2_k3_s1"),
    GGML("ci3_co1_i2x3_k2_s1"),
    GGML("ci9_co1_i10x10_k3_s2"),
};

const int dc_publisheds_count = sizeof dc_publisheds / sizeof *dc_publisheds;

static const struct {
    const char *suite, *about;
} abouts[] = {
    {"torch documentation",
     "the examples of torch.nn.ConvTranspose1d, 2d and 3d, with less batch and "
     "smaller extents, inputs normal, weights as the module initialises them"},
    {"OpInfo",
     "sample_inputs_conv_transpose1d to 3d of PyTorch 1.13, make_tensor's "
     "[-9,9)"},
    {"ONNX",
     "the node tests of convtranspose.py: inputs 0, 1, 2, ..., weights 1"},
    {"KernelBench",
     "tasks 57, 64, 68, 72, 75, 78, 79, 81 of level 1, with less batch and "
     "smaller extents, torch.rand inputs; SOL-ExecBench, which has no "
     "transposed convolution, is measured on them too"},
    {"WPT", "conv_transpose2d.json: values in [-100,100)"},
    {"TOSA",
     "its six data sets; the shapes are ours, within its generator's options, "
     "at least 1,000 outputs"},
    {"benchdnn",
     "shapes_ci: the lines read, and the like of them in 2d and 3d; integers"},
    {"small integers", "shapes of dgrad with unit stride, and one with two"},
    {"zeros and ones", "the shapes of torch's documentation"},
    {"ggml", "conv_transpose_1d and _2d of test-backend-ops, those of few "
             "products, values in [-1,1)"},
};

const char *dc_published_about(const char *suite)
{
    for (size_t k = 0; k < sizeof abouts / sizeof *abouts; k++)
        if (strcmp(abouts[k].suite, suite) == 0)
            return abouts[k].about;
    return NULL;
}

/* ==== TOSA's data ======================================================== */

/* Its generator: 32 bits, linear congruential. */
typedef struct {
    uint32_t m, r;
} lcg;

static lcg lcg_open(uint32_t number)
{
    const uint32_t m = (8 * number + 1) * 0x705A5E75u;

    return (lcg){m, m + 1};
}

/* The next value, in [-1,1]. */
static float lcg_next(lcg *g)
{
    const float part = (float)(g->r & 0x7FFFFFFF) / (float)0x7FFFFFFF;
    const float value = g->r >> 31 ? -part : part;

    g->r = g->r * g->m + 1;
    return value;
}

/* The state of one tensor: which it is (0 x, 1 w, 2 b), the products of an
 * element, the bound of the type. */
typedef struct {
    int set, p;
    float ks, bound;
    lcg first, second;
} tosa_state;

static tosa_state tosa_open(const dc_problem *p, dc_tensor t, int set)
{
    static const float bounds[DC_FORMATS] = {[DC_F32] = 18446742974197923840.f,
                                             [DC_F16] = 65504.f,
                                             [DC_BF16] =
                                                 18374686479671623680.f};
    const int number = t == DC_W ? 1 : t == DC_B ? 2 : 0;
    const bool pair = set == 0 || set == 4; /* two generators, of x and w */
    const uint32_t seed = (uint32_t)(3 * set + (pair ? 0 : number));
    const int64_t ks = dc_volume(p->k, p->rank) * (p->ci / p->g);

    return (tosa_state){set,
                        number,
                        (float)ks,
                        bounds[p->dtype],
                        lcg_open(seed),
                        lcg_open(seed + 1)};
}

/* The value of the element that is product k of its sum. */
static float tosa_value(tosa_state *s, int64_t k)
{
    const bool is_bias = s->p == 2;
    const float a = lcg_next(&s->first);
    const bool one = s->set == 2 || s->set == 5;
    const float b = one                          ? 0
                    : s->set == 0 || s->set == 4 ? lcg_next(&s->second)
                                                 : lcg_next(&s->first);
    const float spread = s->bound / sqrtf(s->ks + (s->set != 4));

    if (is_bias && s->set != 1)
        return 0;
    if (s->set == 0)
        return (a < 0) == (s->p == 0) ? 0 : b;
    if (s->set == 1)
        return (is_bias ? s->bound * s->bound / (s->ks + 1) : spread) *
               ((a < 0 ? -0.75f : 0.75f) + 0.25f * b);
    if (s->set == 2)
        return k == 0 ? 1 : a / sqrtf(s->ks);
    if (s->set == 3)
        return k == 0 ? (a < 0 ? -16.f : 16.f) : expf(2 * a) * b;
    if (s->set == 5)
        return spread * a;
    if (k == (int64_t)s->ks / 2)
        return (a < 0) == (s->p == 0) ? -0.5f : 0.5f;
    return (a < 0) == (s->p == 0) ? 0 : spread * b;
}

/* Values in TOSA's order (NHWC, weight OHWI), put where they belong. */
static void fill_tosa(const dc_problem *p, dc_tensor t, int set, void *values)
{
    tosa_state s = tosa_open(p, t, set);
    const bool is_w = t == DC_W;
    const int64_t kw = p->k[p->rank - 1];
    const int64_t kh = p->rank > 1 ? p->k[p->rank - 2] : 1;
    int64_t shape[5] = {0};
    const int axes = dc_problem_shape(p, t, shape);
    const int64_t count = dc_problem_count(p, t);

    if (axes != 4) { /* the bias; other ranks are not TOSA's */
        for (int64_t e = 0; e < count; e++)
            dc_format_set(p->dtype, values, e, tosa_value(&s, 2));
        return;
    }
    /* outer: batch item, or output channel; inner: input channel */
    const int64_t outer = is_w ? shape[1] : shape[0];
    const int64_t inner = is_w ? shape[0] : shape[1];

    for (int64_t n = 0; n < outer; n++)
        for (int64_t y = 0; y < shape[2]; y++)
            for (int64_t x = 0; x < shape[3]; x++)
                for (int64_t c = 0; c < inner; c++) {
                    const int64_t k = ((y % kh) * kw + x % kw) * inner + c;
                    const int64_t plane = is_w ? c * outer + n : n * inner + c;

                    dc_format_set(p->dtype, values,
                                  (plane * shape[2] + y) * shape[3] + x,
                                  tosa_value(&s, k));
                }
}

/* ==== The other data ===================================================== */

/* Uniform in [0,1), 24 bits. */
static double uniform(dc_random *r)
{
    return (double)(dc_random_next(r) >> 40) * 0x1p-24;
}

static double normal(dc_random *r)
{
    const double u = 1 - uniform(r);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * uniform(r));
}

/* The largest integer of the kinds that have integers. */
static int64_t limit_of(dc_fill fill, int dtype, dc_tensor t)
{
    const bool wide = dtype == DC_F64 || dtype == DC_F32;

    if (fill == DC_FILL_BENCHDNN)
        return wide ? 32 : t == DC_W ? 2 : 4;
    return wide ? 8 : 5;
}

static double value_of(const dc_problem *p, dc_tensor t, dc_fill fill,
                       int64_t e, dc_random *r)
{
    const bool is_parameter = t == DC_W || t == DC_B;
    const int64_t fan_in = dc_volume(p->k, p->rank) * (p->co / p->g);
    const int64_t most = limit_of(fill, p->dtype, t);

    switch (fill) {
    case DC_FILL_NORMAL:
    case DC_FILL_RAND:
        if (is_parameter)
            return (2 * uniform(r) - 1) / sqrt((double)fan_in);
        return fill == DC_FILL_RAND ? uniform(r) : normal(r);
    case DC_FILL_NINE:
        return 18 * uniform(r) - 9;
    case DC_FILL_COUNT:
        return is_parameter ? 1 : (double)e;
    case DC_FILL_DIGITS:
        return (double)dc_random_range(r, 1, 9);
    case DC_FILL_HUNDRED:
        return 200 * uniform(r) - 100;
    case DC_FILL_BITS:
        return (double)dc_random_range(r, 0, 1);
    case DC_FILL_BENCHDNN:
    case DC_FILL_SMALL:
        return (double)dc_random_range(r, -most, most);
    default:
        return 2 * uniform(r) - 1;
    }
}

void dc_published_fill(const dc_problem *p, dc_tensor t, dc_fill fill,
                       void *values)
{
    const int64_t count = dc_problem_count(p, t);
    dc_random r = dc_random_open(20261201, (uint64_t)(fill * DC_TENSORS + t));

    if (fill >= DC_FILL_TOSA_0 && fill <= DC_FILL_TOSA_5) {
        fill_tosa(p, t, (int)fill - DC_FILL_TOSA_0, values);
        return;
    }
    for (int64_t e = 0; e < count; e++)
        dc_format_set(p->dtype, values, e, value_of(p, t, fill, e, &r));
}
