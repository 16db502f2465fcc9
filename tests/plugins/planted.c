/* SPDX-License-Identifier: MIT
 *
 * Plain loops with one planted mistake each, which DC_TEST_MODE names: what
 * the judge says of it must name it.  All four operations in f32 and f64;
 * without a mode everything is right.
 */
#include "tests/plugins/lifted.h"
#include "tests/plugins/modes.h"
#include "tests/plugins/storage.h"

enum { X, W, Y, B };

/* A call with three axes, whose geometry mistakes may change. */
typedef struct {
    dc_problem p;       /* as given */
    int64_t s[3], d[3]; /* as used */
    int64_t pb[3];
    int64_t taps[3];    /* extents over which the taps run */
    int64_t far[3];     /* added to the output position */
    int64_t first, end; /* batch items */
    int64_t cig, cog;
    int out;
    const void *in[3];
    void *result;
    double *sums;
} call;

static int row(const dc_problem *p)
{
    return p->rank == 1 ? 2 : 1;
}

static int64_t count_of(const call *c, int tensor)
{
    const dc_problem *const p = &c->p;

    return tensor == B   ? p->co
           : tensor == X ? p->n * p->ci * volume(p->i)
           : tensor == W ? p->ci * c->cog * volume(p->k)
                         : p->n * p->co * volume(p->o);
}

/* ==== Indices =========================================================== */

/* Element of w of an input channel, an output channel of its group and a
 * tap. */
static int64_t weight_at(const call *c, int64_t ci, int64_t co,
                         const int64_t tap[3])
{
    const dc_problem *const p = &c->p;
    const int64_t *const k = p->k;
    const int64_t taps = volume(k);
    int64_t t[3] = {tap[0], tap[1], tap[2]};
    int64_t at;

    if (mode_is("flip"))
        for (int a = 0; a < 3; a++)
            t[a] = k[a] - 1 - t[a];
    at = (t[0] * k[1] + t[1]) * k[2] + t[2];
    if (mode_is("kernel-transposed"))
        at = (t[0] * k[2] + t[2]) * k[1] + t[1];
    if (mode_is("kernel-extents"))
        at = (t[0] * k[2] + t[1]) * k[1] + t[2];
    if (mode_is("weight-co-ci"))
        return (ci / c->cig * c->cog * c->cig + co * c->cig + ci % c->cig) *
                   taps +
               at;
    if (mode_is("weight-last-ci"))
        return (co * taps + at) * p->ci + ci;
    if (mode_is("weight-last-co"))
        return (ci * taps + at) * c->cog + co;
    if (mode_is("weight-first-k") || mode_is("channels-last"))
        return (at * p->ci + ci) * c->cog + co;
    return (ci * c->cog + co) * taps + at;
}

/* Element of y or gy. */
static int64_t output_at(const call *c, int64_t n, int64_t co,
                         const int64_t o[3])
{
    const int64_t *const e = c->p.o;
    int64_t at = (o[0] * e[1] + o[1]) * e[2] + o[2];

    if (mode_is("result-transposed"))
        at = (o[0] * e[2] + o[2]) * e[1] + o[1];
    if (mode_is("result-channels-last") || mode_is("channels-last"))
        return (n * volume(e) + at) * c->p.co + co;
    if (mode_is("result-channel-first"))
        return (co * c->p.n + n) * volume(e) + at;
    return (n * c->p.co + co) * volume(e) + at;
}

/* Element of x or gx. */
static int64_t input_at(const call *c, int64_t n, int64_t ci,
                        const int64_t j[3])
{
    const int64_t *const e = c->p.i;
    const int64_t at = (j[0] * e[1] + j[1]) * e[2] + j[2];

    if (mode_is("input-channels-last") || mode_is("channels-last"))
        return (n * volume(e) + at) * c->p.ci + ci;
    return (n * c->p.ci + ci) * volume(e) + at;
}

/* ==== Sums ============================================================== */

/* Is input position j or output position o left out by mistake? */
static bool is_lost(const call *c, const int64_t j[3], const int64_t o[3])
{
    const dc_problem *const p = &c->p;
    const int h = row(p);

    if (mode_is("last-row"))
        return o[h] == p->o[h] - 1;
    for (int a = 0; a < 3; a++) {
        const int64_t reach = p->d[a] * (p->k[a] - 1);
        const int64_t free = p->i[a] + p->pb[a] + p->pe[a] - reach - 1;

        if (mode_is("op-region") && o[a] >= p->o[a] - p->op[a])
            return true;
        if (mode_is("trimmed") && c->out != B && free >= 0 &&
            j[a] >= free / p->s[a] * p->s[a] + reach + 1 - p->pb[a])
            return true;
        if (mode_is("whole-strides") && o[a] >= p->o[a] / p->s[a] * p->s[a])
            return true;
    }
    return false;
}

static void add_product(call *c, int64_t n, int64_t ci, int64_t co,
                        const int64_t j[3], const int64_t t[3])
{
    const dc_problem *const p = &c->p;
    int64_t o[3];
    int64_t at[3];

    for (int a = 0; a < 3; a++) {
        o[a] = j[a] * c->s[a] - c->pb[a] + t[a] * c->d[a] + c->far[a];
        if (o[a] < 0 || o[a] >= p->o[a])
            return;
    }
    if (is_lost(c, j, o))
        return;
    at[X] = input_at(c, n, ci, j);
    at[W] = weight_at(c, ci, co % c->cog, t);
    at[Y] = output_at(c, n, co, o);
    const int u = (c->out + 1) % 3;
    const int v = (c->out + 2) % 3;
    double *const to = &c->sums[at[c->out]];
    const double added = read_value(p->dtype, c->in[u], at[u]) *
                         read_value(p->dtype, c->in[v], at[v]);

    *to += added;
    if (p->dtype == DC_F32)
        *to = (double)(float)*to;
    if (mode_is("f16-sum"))
        *to = to_f16(*to);
}

/* All products of one batch item and pair of channels. */
static void add_pair(call *c, int64_t n, int64_t ci, int64_t co)
{
    for (int64_t e = 0; e < volume(c->p.i); e++)
        for (int64_t f = 0; f < volume(c->taps); f++) {
            const int64_t *const i = c->p.i;
            const int64_t *const k = c->taps;
            const int64_t j[3] = {e / i[2] / i[1], e / i[2] % i[1], e % i[2]};
            const int64_t t[3] = {f / k[2] / k[1], f / k[2] % k[1], f % k[2]};

            add_product(c, n, ci, co, j, t);
        }
}

static void add_all(call *c)
{
    const dc_problem *const p = &c->p;
    const bool all = mode_is("groups-ignored");

    for (int64_t n = c->first; n < c->end; n++)
        for (int64_t ci = 0; ci < p->ci; ci++)
            for (int64_t co = all ? 0 : ci / c->cig * c->cog;
                 co < (all ? p->co : (ci / c->cig + 1) * c->cog); co++)
                add_pair(c, n, ci, co);
}

/* ==== Calls ============================================================= */

static void exchange(int64_t v[3], const dc_problem *p)
{
    const int64_t h = v[1];

    if (p->rank < 2)
        return;
    v[1] = v[2];
    v[2] = h;
}

/* The geometry as the mistake has it. */
static void set_geometry(call *c)
{
    static int64_t before[3]; /* pads of the call before */
    const dc_problem *const p = &c->p;

    for (int a = 0; a < 3; a++) {
        c->s[a] = p->s[a];
        c->d[a] = mode_is("no-dilation") ? 1 : p->d[a];
        c->pb[a] = mode_is("pads-begin-end") ? p->pe[a]
                   : mode_is("stale-pads")   ? before[a]
                   : mode_is("crop-ignored") ? 0
                                             : p->pb[a];
        c->taps[a] = p->k[a];
        before[a] = p->pb[a];
    }
    if (mode_is("strides-of-axes"))
        exchange(c->s, p);
    if (mode_is("pads-of-axes"))
        exchange(c->pb, p);
    if (mode_is("dilations-of-axes"))
        exchange(c->d, p);
    if (mode_is("kernel-extents"))
        exchange(c->taps, p);
    c->far[row(p)] = mode_is("row-too-far");
    c->first = mode_is("first-item-lost") && p->n > 1;
    c->end = p->n - (mode_is("last-item-lost") && p->n > 1);
}

/* Opens a call; false if memory is short. */
static bool open_call(call *c, const dc_problem *p, int out)
{
    static double *workspace;
    static int64_t size;
    bool fresh = true;

    *c = (call){.p = lifted(p), .out = out};
    c->p.rank = p->rank; /* tells whether there is a row */
    c->cig = p->ci / p->g;
    c->cog = p->co / p->g;
    set_geometry(c);
    if (!mode_is("workspace")) {
        c->sums = calloc((size_t)count_of(c, out) + 1, sizeof *c->sums);
        return c->sums;
    }
    fresh = count_of(c, out) + 1 != size;
    size = count_of(c, out) + 1;
    if (fresh) {
        free(workspace);
        workspace = calloc((size_t)size, sizeof *workspace);
    }
    c->sums = workspace;
    return c->sums;
}

static double bias_of(const call *c, const void *b, int64_t e)
{
    const dc_problem *const p = &c->p;
    const int64_t volume_of_y = volume(p->o);
    const int64_t co =
        mode_is("result-channels-last") || mode_is("channels-last") ? e % p->co
        : mode_is("result-channel-first") ? e / volume_of_y / p->n
                                          : e / volume_of_y % p->co;

    if (!b || mode_is("bias-missing"))
        return 0;
    return read_value(p->dtype, b, co) * (mode_is("bias-twice") ? 2 : 1);
}

/* Stores the sums and closes the call. */
static void store(call *c, const void *b, int64_t count, void *result)
{
    static int64_t calls;
    const int dtype = c->p.dtype;

    calls++;
    for (int64_t e = 0; e < count; e++) {
        double v = c->sums[e] + (c->out == Y ? bias_of(c, b, e) : 0);

        if (mode_is("f16-sum"))
            v = to_f16(v);
        if (mode_is("chance"))
            v += (double)calls;
        if (mode_is("add"))
            v += read_value(dtype, result, e);
        write_value(dtype, result, e, v);
    }
    if (!mode_is("workspace"))
        free(c->sums);
}

/* Refuses what is illegal or not offered, and extents that the mistake
 * derives. */
static dc_status admit(const dc_problem *p)
{
    const dc_status status = legal(p, 1 << 20);

    if (status != DC_OK)
        return status;
    if (p->dtype != DC_F32 && p->dtype != DC_F64)
        return DC_UNSUPPORTED;
    for (int a = 0; a < p->rank; a++) {
        const int64_t op = p->op[a];
        const int64_t more = mode_is("extent-one-more")     ? 1
                             : mode_is("extent-without-op") ? -op
                             : mode_is("extent-op-times-s") ? op * p->s[a] - op
                                                            : 0;

        if (more != 0)
            return DC_INVALID;
    }
    return DC_OK;
}

static dc_status run(const dc_problem *p, int out, const void *const in[3],
                     const void *b, void *result)
{
    dc_status status = admit(p);
    call c;

    if (status != DC_OK)
        return status;
    if (!open_call(&c, p, out))
        return DC_NOMEM;
    for (int t = 0; t < 3; t++)
        c.in[t] = in[t];
    add_all(&c);
    store(&c, b, count_of(&c, out), result);
    return DC_OK;
}

static dc_status forward(const dc_problem *p, const void *x, const void *w,
                         const void *b, void *y)
{
    return run(p, Y, (const void *const[3]){x, w, NULL}, b, y);
}

static dc_status grad_input(const dc_problem *p, const void *gy, const void *w,
                            void *gx)
{
    return run(p, X, (const void *const[3]){NULL, w, gy}, NULL, gx);
}

static dc_status grad_weight(const dc_problem *p, const void *gy, const void *x,
                             void *gw)
{
    return run(p, W, (const void *const[3]){x, NULL, gy}, NULL, gw);
}

/* The sums of gy over batch and positions. */
static dc_status grad_bias(const dc_problem *p, const void *gy, void *gb)
{
    const dc_status status = admit(p);
    call c;

    if (status != DC_OK)
        return status;
    if (!open_call(&c, p, B))
        return DC_NOMEM;

    const int64_t planes = volume(c.p.o);
    const int64_t *const e = c.p.o;

    for (int64_t n = c.first; n < c.end; n++)
        for (int64_t co = 0; co < p->co; co++)
            for (int64_t at = 0; at < planes; at++) {
                const int64_t j[3] = {0};
                const int64_t o[3] = {at / e[2] / e[1], at / e[2] % e[1],
                                      at % e[2]};
                double *const to = &c.sums[co];

                if (is_lost(&c, j, o))
                    continue;
                *to += read_value(p->dtype, gy, (n * p->co + co) * planes + at);
                if (mode_is("f16-sum"))
                    *to = to_f16(*to);
            }
    store(&c, NULL, p->co, gb);
    return DC_OK;
}

const dc_impl *deconform_plugin(void)
{
    static const dc_impl impl = {
        DC_ABI,  "planted",  "1",         NULL,
        forward, grad_input, grad_weight, grad_bias,
    };

    return &impl;
}
