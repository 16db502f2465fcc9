/* SPDX-License-Identifier: MIT
 *
 * Runs the proof of prove.h.  For each placement of the one-hot elements the
 * reference, which is given position + 1 as values, yields the coded position
 * that each result must show; the expected digits follow from it.
 */
#include "oracle/judge/prove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/random.h"
#include "ref/integer.h"
#include "ref/ref.h"

/* Limits: elements of one tensor of a call, and placements of one operation. */
enum { ELEMENTS = 4096, PLACEMENTS = 4000 };

/* The random digits of a code hold at least this many bits. */
enum { RANDOM_BITS = 40 };

/* The two operands of each operation: one-hot, and coded. */
static const struct {
    dc_tensor hot, coded;
} factors[] = {[DC_FORWARD] = {DC_X, DC_W},
               [DC_GRAD_INPUT] = {DC_GY, DC_W},
               [DC_GRAD_WEIGHT] = {DC_GY, DC_X}};

/* ==== Codes ============================================================= */

/* Bits per digit: 1..2^bits are exactly representable. */
static int digit_bits(int dtype, const dc_arithmetic *a)
{
    enum { TF32 = 11 };
    const int p = dc_formats[dtype].precision;

    return (a && (a->declared & (DC_TF32 | DC_SPLIT)) && p > TF32 ? TF32 : p) -
           1;
}

/* Number of digits that encode the index of a position. */
static int counting_digits(const dc_problem *p, dc_op op, int bits)
{
    int64_t last = dc_problem_count(p, factors[op].coded) - 1;
    int digits = 1;

    while (last >>= bits)
        digits++;
    return digits;
}

static int all_digits(const dc_problem *p, dc_op op, int bits)
{
    return counting_digits(p, op, bits) + (int)dc_ceil_div(RANDOM_BITS, bits);
}

/* Digit k of the code of position e. */
static double digit(const dc_problem *p, dc_op op, int bits, int k, int64_t e)
{
    const int64_t mask = ((int64_t)1 << bits) - 1;

    if (k < counting_digits(p, op, bits))
        return (double)(1 + (e >> k * bits & mask));
    return (double)(1 + (int64_t)(dc_random_hash((uint64_t)k, (uint64_t)e) &
                                  (uint64_t)mask));
}

/* ==== Sizes ============================================================= */

/* How the one-hot positions are spread over placements.  Each placement tests
 * one position per lane; lanes are batch items (y, gx) or output channels (gw,
 * if the geometry has one output channel). */
typedef struct {
    dc_problem p; /* with n or co enlarged to `lanes` */
    int64_t lanes;
    int64_t hots; /* one-hot positions per lane */
    int64_t placements;
} layout;

static layout lay_out(const dc_problem *p, dc_op op)
{
    layout l = {.p = *p, .lanes = 1};
    const int64_t hots = dc_problem_count(p, factors[op].hot);
    const int64_t outs = dc_problem_count(p, dc_ops[op].out);
    const int64_t larger = dc_max(hots, outs);

    if (op == DC_GRAD_WEIGHT && p->co == 1 && larger)
        l.lanes = l.p.co = dc_min(hots, dc_max(ELEMENTS / larger, 1));
    if (op != DC_GRAD_WEIGHT && p->n && larger) {
        const int64_t most = dc_max(ELEMENTS / (larger / p->n), 1);

        l.lanes = p->unbatched ? 1 : dc_min(most, hots / p->n);
        l.lanes = l.p.n = dc_max(l.lanes, p->n);
    }
    l.hots = dc_problem_count(&l.p, factors[op].hot) / l.lanes;
    l.placements = dc_ceil_div(l.hots, l.lanes);
    return l;
}

static bool is_provable(const dc_problem *p, dc_op op)
{
    return op != DC_GRAD_BIAS && dc_problem_count(p, factors[op].hot) > 0 &&
           dc_problem_count(p, factors[op].coded) > 0 &&
           dc_problem_count(p, dc_ops[op].out) > 0;
}

int64_t dc_prove_cost(const dc_problem *p, const bool ops[DC_OPS])
{
    int64_t calls = 0;

    for (int op = 0; op < DC_GRAD_BIAS; op++) {
        if (!ops[op] || !is_provable(p, (dc_op)op))
            continue;
        const layout l = lay_out(p, (dc_op)op);
        const int bits = digit_bits(p->dtype, NULL);

        for (int k = 0; k < dc_ops[op].takes; k++)
            if (dc_problem_count(&l.p, dc_ops[op].in[k]) > ELEMENTS)
                return INT64_MAX;
        if (dc_problem_count(&l.p, dc_ops[op].out) > ELEMENTS)
            return INT64_MAX;
        calls += (l.placements + (op == DC_FORWARD)) *
                 all_digits(&l.p, (dc_op)op, bits);
    }
    return calls;
}

/* ==== The proof ========================================================= */

typedef struct {
    dc_endpoint *end;
    dc_case c; /* of the calls */
    layout l;
    dc_op op;
    int bits;
    dc_ref *ref;
    dc_element element;
    void *tensors[DC_TENSORS];
    void *result;
    int64_t outs;
    int64_t *connected; /* by result: 1 + the coded position, or 0 */
    bool ended;         /* refused, broken or refuted: no further call */
    dc_proof *proof;
} work;

/* The one-hot position in lane b of placement k, or -1 if the lane is unused
 * there (in the last one). */
static int64_t hot_place(const work *w, int64_t k, int64_t b)
{
    const int64_t plane = dc_volume(w->c.p.o, w->c.p.rank);
    const int64_t h = k * w->l.lanes + b;

    if (h >= w->l.hots)
        return -1;
    if (w->op != DC_GRAD_WEIGHT)
        return b * w->l.hots + h;
    return (h / plane * w->l.lanes + b) * plane + h % plane;
}

/* The lane of result i. */
static int64_t lane_of(const work *w, int64_t i)
{
    if (w->op != DC_GRAD_WEIGHT)
        return i / (w->outs / w->l.lanes);
    return i / dc_volume(w->c.p.k, w->c.p.rank) % w->l.lanes;
}

/* Writes `value`, 1 or 0, at the one-hot positions of placement k, in the
 * tensor and in the reference. */
static void set_hots(work *w, int64_t k, int value)
{
    const dc_tensor t = factors[w->op].hot;

    for (int64_t b = 0; b < w->l.lanes; b++) {
        const int64_t at = hot_place(w, k, b);

        if (at < 0)
            continue;
        dc_format_set(w->c.p.dtype, w->tensors[t], at, value);
        mpfr_set_si(dc_ref_input(w->ref, t, at), value, MPFR_RNDN);
    }
}

/* Loads position + 1, or zeros if `on` is false, into the reference's tensor
 * t. */
static void code_reference(work *w, dc_tensor t, bool on)
{
    for (int64_t i = 0; i < dc_problem_count(&w->c.p, t); i++) {
        mpfr_ptr v = dc_ref_input(w->ref, t, i);
        mpfr_set_prec(v, 64);
        mpfr_set_sj(v, on ? i + 1 : 0, MPFR_RNDN);
    }
}

/* Computes which position each result is connected to.  The reference's inputs
 * are positions counted from one, so the exact result names the position. */
static void connect(work *w, bool count)
{
    for (int64_t i = 0; i < w->outs; i++) {
        dc_ref_element(w->ref, w->op, i, 0, &w->element);
        w->connected[i] = (int64_t)mpfr_get_sj(w->element.t, MPFR_RNDN);
        if (count && w->connected[i])
            w->proof->connections++;
        else if (count)
            w->proof->empty++;
    }
}

static void print_place(const work *w, dc_tensor t, int64_t index,
                        char text[96])
{
    int64_t at[5];
    char list[80];

    dc_result_list(at, dc_result_locate(&w->c.p, t, index, at), list,
                   sizeof list);
    snprintf(text, 96, "%s%s", dc_tensor_names[t], list);
}

/* Compares the result of a call; `coded` carries digit k of the codes. */
static void compare(work *w, int64_t placement, dc_tensor coded, int k)
{
    for (int64_t i = 0; i < w->outs; i++) {
        const int64_t e = w->connected[i] - 1;
        const double want = e < 0 ? 0 : digit(&w->c.p, w->op, w->bits, k, e);
        const double got = dc_format_get(w->c.p.dtype, w->result, i);
        char out[96];
        char hot[96] = "the bias alone";
        char from[96] = "nothing";

        if (got == want)
            continue;
        print_place(w, dc_ops[w->op].out, i, out);
        if (placement >= 0)
            print_place(w, factors[w->op].hot,
                        hot_place(w, placement, lane_of(w, i)), hot);
        if (e >= 0)
            print_place(w, coded, e, from);
        w->proof->state = DC_REFUTED;
        snprintf(w->proof->text, sizeof w->proof->text,
                 "with the one at %.48s, %.48s = %.9g; the formula connects "
                 "it with %.48s, code digit %.9g",
                 hot, out, got, from, want);
        w->ended = true;
        return;
    }
}

/* Calls the operation once. */
static dc_status call(work *w, dc_error *e)
{
    const void *in[DC_TENSORS] = {NULL};
    void *const result[2] = {w->result, NULL};
    dc_answer *a = &w->proof->answer;

    for (int t = DC_X; t <= DC_GY; t++)
        in[t] = t == DC_B && !w->c.p.has_bias ? NULL : w->tensors[t];
    const dc_status status =
        dc_endpoint_call(w->end, &w->c, w->op, in, result, a, e);
    if (status != DC_OK)
        return status;
    w->proof->calls++;
    if (a->outcome != DC_ANSWERED) {
        w->proof->state = DC_BROKEN;
        snprintf(w->proof->text, sizeof w->proof->text, "%.250s", a->reason);
    }
    w->ended = !dc_endpoint_has_result(a);
    return DC_OK;
}

/* Calls once per code digit for a placement; -1: without one-hot elements, the
 * bias carries the codes. */
static dc_status call_digits(work *w, int64_t placement, dc_error *e)
{
    const dc_tensor coded = placement < 0 ? DC_B : factors[w->op].coded;
    const int64_t count = dc_problem_count(&w->c.p, coded);
    dc_status status = DC_OK;

    connect(w, placement >= 0);
    for (int k = 0; k < w->proof->digits && status == DC_OK && !w->ended; k++) {
        for (int64_t i = 0; i < count; i++)
            dc_format_set(w->c.p.dtype, w->tensors[coded], i,
                          digit(&w->c.p, w->op, w->bits, k, i));
        status = call(w, e);
        if (status == DC_OK && !w->ended)
            compare(w, placement, coded, k);
    }
    return status;
}

static dc_status run(work *w, dc_error *e)
{
    dc_status status = DC_OK;

    if (w->op == DC_FORWARD && w->c.p.has_bias) {
        code_reference(w, DC_B, true);
        status = call_digits(w, -1, e);
        code_reference(w, DC_B, false);
        memset(w->tensors[DC_B], 0, dc_problem_bytes(&w->c.p, DC_B));
    }
    code_reference(w, factors[w->op].coded, true);
    for (int64_t k = 0; k < w->l.placements && status == DC_OK && !w->ended;
         k++) {
        set_hots(w, k, 1);
        status = call_digits(w, k, e);
        set_hots(w, k, 0);
    }
    if (status == DC_OK && !w->ended)
        w->proof->state = DC_PROVEN;
    return status;
}

dc_status dc_prove(dc_endpoint *end, const dc_case *c, dc_op op,
                   const dc_arithmetic *a, dc_proof *proof, dc_error *e)
{
    work w = {.end = end, .c = *c, .op = op, .proof = proof};
    const void *inputs[DC_TENSORS] = {NULL};
    dc_status status;

    memset(proof, 0, sizeof *proof);
    if (!is_provable(&c->p, op) || (a->declared & DC_TRANSFORM))
        return DC_OK;
    w.l = lay_out(&c->p, op);
    w.c.p = w.l.p;
    w.bits = digit_bits(c->p.dtype, a);
    if (w.l.placements > PLACEMENTS)
        return DC_OK;
    w.outs = dc_problem_count(&w.c.p, dc_ops[op].out);
    proof->n = w.c.p.n;
    proof->hots = w.l.hots;
    proof->digits = all_digits(&w.c.p, op, w.bits);
    dc_element_init(&w.element);
    w.result = malloc((size_t)w.outs * sizeof(double));
    w.connected = malloc((size_t)w.outs * sizeof *w.connected);
    bool short_of_memory = !w.result || !w.connected;
    for (int t = DC_X; t <= DC_GY; t++) {
        inputs[t] = w.tensors[t] =
            calloc(1, dc_problem_bytes(&w.c.p, (dc_tensor)t) + 1);
        short_of_memory |= !w.tensors[t];
    }
    if (!short_of_memory && dc_ref_open(&w.ref, &w.c.p, inputs) == DC_OK)
        status = run(&w, e);
    else
        status = dc_nomem(e);
    dc_ref_close(w.ref);
    dc_element_clear(&w.element);
    for (int t = DC_X; t <= DC_GY; t++)
        free(w.tensors[t]);
    free(w.result);
    free(w.connected);
    return status;
}
