/* SPDX-License-Identifier: MIT
 *
 * The smallest complete plug-in, as a start for your own: all four operations
 * in f32 and f64 by plain loops.  Copy it next to deconform.h, include that
 * from there, and
 *
 *     cc -std=c11 -shared -fPIC sample.c -o sample.so
 *     deconform verify --impl ./sample.so
 */
#include "../ref/deconform.h"

#include <stddef.h>

static dc_status supports(const dc_problem *p)
{
    /* an upper bound for the elements of each tensor and for the loops below */
    double work =
        (1.0 + (double)p->n) * (1.0 + (double)p->ci) * (1.0 + (double)p->co);

    if (dc_validate(p) != DC_OK)
        return DC_INVALID;
    if (p->dtype != DC_F32 && p->dtype != DC_F64)
        return DC_UNSUPPORTED;
    for (int a = 0; a < p->rank; a++)
        work *=
            (1.0 + (double)p->i[a]) * (double)p->k[a] * (1.0 + (double)p->o[a]);
    return work < 1e18 ? DC_OK : DC_UNSUPPORTED;
}

static double get(const dc_problem *p, const void *t, int64_t index)
{
    return p->dtype == DC_F32 ? (double)((const float *)t)[index]
                              : ((const double *)t)[index];
}

static void set(const dc_problem *p, void *t, int64_t index, double value)
{
    if (p->dtype == DC_F32)
        ((float *)t)[index] = (float)value;
    else
        ((double *)t)[index] = value;
}

/* t[index] += value, both the value and the sum rounded to the storage type. */
static void add(const dc_problem *p, void *t, int64_t index, double value)
{
    if (p->dtype == DC_F32)
        value = (float)value;
    set(p, t, index, get(p, t, index) + value);
}

/* The product of the extents of all axes. */
static int64_t volume(const dc_problem *p, const int64_t extent[3])
{
    int64_t v = 1;

    for (int a = 0; a < p->rank; a++)
        v *= extent[a];
    return v;
}

/* The output position that input position j contributes to through tap t (all
 * three in C order), or -1 if it is cropped. */
static int64_t output_position(const dc_problem *p, int64_t j, int64_t t)
{
    int64_t position = 0;
    int64_t pitch = 1;

    for (int a = p->rank - 1; a >= 0; a--) {
        const int64_t o =
            j % p->i[a] * p->s[a] - p->pb[a] + t % p->k[a] * p->d[a];

        if (o < 0 || o >= p->o[a])
            return -1;
        position += o * pitch;
        pitch *= p->o[a];
        j /= p->i[a];
        t /= p->k[a];
    }
    return position;
}

/* Each term of the formula joins one element of x, of w and of y.  forward,
 * grad_input and grad_weight visit the same terms: two of the three tensors
 * (or their gradients) are multiplied, and the third is the result. */
enum { X, W, Y };

/* result = b (0 if NULL) + the products of the other two of in[X], in[W] and
 * in[Y]; `out` says which one of the three the result is. */
static dc_status run(const dc_problem *p, const void *const in[3], int out,
                     const void *b, void *result)
{
    if (supports(p) != DC_OK)
        return supports(p);

    const int64_t i = volume(p, p->i), k = volume(p, p->k);
    const int64_t o = volume(p, p->o), cog = p->co / p->g;
    const int64_t counts[3] = {p->n * p->ci * i, p->ci * cog * k,
                               p->n * p->co * o};
    const int one = (out + 1) % 3, two = (out + 2) % 3;

    for (int64_t index = 0; index < counts[out]; index++)
        set(p, result, index, b ? get(p, b, index / o % p->co) : 0);
    for (int64_t nc = 0; nc < p->n * p->ci; nc++)
        for (int64_t c = 0; c < cog; c++)
            for (int64_t jt = 0; jt < i * k; jt++) {
                const int64_t j = jt / k, t = jt % k;
                const int64_t n = nc / p->ci, ci = nc % p->ci;
                const int64_t co = ci / (p->ci / p->g) * cog + c;
                const int64_t at = output_position(p, j, t);
                const int64_t index[3] = {nc * i + j, (ci * cog + c) * k + t,
                                          (n * p->co + co) * o + at};

                if (at >= 0)
                    add(p, result, index[out],
                        get(p, in[one], index[one]) *
                            get(p, in[two], index[two]));
            }
    return DC_OK;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return run(p, (const void *const[3]){x, w, NULL}, Y, p->has_bias ? b : NULL,
               y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    return run(p, (const void *const[3]){NULL, w, gy}, X, NULL, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    return run(p, (const void *const[3]){x, NULL, gy}, W, NULL, gw);
}

static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    if (supports(p) != DC_OK)
        return supports(p);
    for (int64_t c = 0; c < p->co; c++)
        set(p, gb, c, 0);
    for (int64_t nc = 0, o = volume(p, p->o); nc < p->n * p->co; nc++)
        for (int64_t index = 0; index < o; index++)
            add(p, gb, nc % p->co, get(p, gy, nc * o + index));
    return DC_OK;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,  "sample",   "1",         supports,
        forward, grad_input, grad_weight, grad_bias,
    };

    return &impl;
}
