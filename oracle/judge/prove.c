/* SPDX-License-Identifier: MIT
 *
 * The structure proof.  Which position is connected is asked of the reference
 * once, with the positions themselves as codes; the digits follow from that.
 */
#include "oracle/judge/prove.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/random.h"
#include "ref/ref.h"

/* Elements of one tensor of a call, and calls of one operation, at most. */
enum { ELEMENTS = 4096, CALLS = 4000 };

/* Random digits together hold at least so many bits. */
enum { CHANCE_BITS = 40 };

static const struct {
    dc_tensor hot, coded;
} parts[] = {[DC_FORWARD] = {DC_X, DC_W},
             [DC_GRAD_INPUT] = {DC_GY, DC_W},
             [DC_GRAD_WEIGHT] = {DC_GY, DC_X}};
enum { PARTS = 3 };

/* ==== Codes ============================================================= */

/* Bits of a digit: the digits 1..2^bits are exact. */
static int digit_bits(int dtype, const dc_arithmetic *a)
{
    const int p = dc_formats[dtype].precision;

    return (a && (a->declared & DC_TF32) && p > 11 ? 11 : p) - 1;
}

static int count_digits(int64_t positions, int bits)
{
    int digits = 0;

    do {
        digits++;
        positions >>= bits;
    } while (positions);
    return digits;
}

/* Digits that count the positions. */
static int plain_digits(const dc_problem *p, dc_op op, int bits)
{
    return count_digits(dc_problem_count(p, parts[op].coded) - 1, bits);
}

static int all_digits(const dc_problem *p, dc_op op, int bits)
{
    return plain_digits(p, op, bits) + (CHANCE_BITS + bits - 1) / bits;
}

/* Digit k of position e's code. */
static double digit(const dc_problem *p, dc_op op, int bits, int k, int64_t e)
{
    const int plain = plain_digits(p, op, bits);
    const int64_t mask = ((int64_t)1 << bits) - 1;

    if (k < plain)
        return (double)(1 + (e >> k * bits & mask));
    return (double)(1 + (int64_t)(dc_random_hash((uint64_t)k, (uint64_t)e) &
                                  (uint64_t)mask));
}

/* ==== Sizes ============================================================= */

/* How the places of the one are shared out among calls: a call carries one
 * for each of `lanes` batch items (y, gx) or output channels (gw, where the
 * geometry has one), each lane another. */
typedef struct {
    dc_problem p; /* of the calls */
    int64_t lanes;
    int64_t hots; /* places */
    int64_t calls;
} layout;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static layout lay_out(const dc_problem *p, dc_op op)
{
    layout l = {.p = *p, .lanes = 1};
    const int64_t hots = dc_problem_count(p, parts[op].hot);
    const int64_t outs = dc_problem_count(p, dc_ops[op].out);
    const int64_t larger = hots > outs ? hots : outs;

    if (op == DC_GRAD_WEIGHT && p->co == 1 && larger)
        l.lanes = l.p.co =
            least(hots, ELEMENTS / larger ? ELEMENTS / larger : 1);
    if (op != DC_GRAD_WEIGHT && p->n && larger) {
        const int64_t most = ELEMENTS / (larger / p->n);

        l.lanes = p->unbatched ? 1 : least(most ? most : 1, hots / p->n);
        l.lanes = l.p.n = l.lanes > p->n ? l.lanes : p->n;
    }
    l.hots = dc_problem_count(&l.p, parts[op].hot) / l.lanes;
    l.calls = (l.hots + l.lanes - 1) / l.lanes;
    return l;
}

static int provable(const dc_problem *p, dc_op op)
{
    return op != DC_GRAD_BIAS && dc_problem_count(p, parts[op].hot) > 0 &&
           dc_problem_count(p, parts[op].coded) > 0 &&
           dc_problem_count(p, dc_ops[op].out) > 0;
}

int64_t dc_prove_cost(const dc_problem *p, const int ops[DC_OPS])
{
    int64_t calls = 0;

    for (int op = 0; op < PARTS; op++) {
        if (!ops[op] || !provable(p, (dc_op)op))
            continue;
        const layout l = lay_out(p, (dc_op)op);
        const dc_problem q = l.p;
        const int bits = digit_bits(p->dtype, NULL);

        for (int k = 0; k < dc_ops[op].takes; k++)
            if (dc_problem_count(&q, dc_ops[op].in[k]) > ELEMENTS)
                return INT64_MAX;
        if (dc_problem_count(&q, dc_ops[op].out) > ELEMENTS)
            return INT64_MAX;
        calls +=
            (l.calls + (op == DC_FORWARD)) * all_digits(&q, (dc_op)op, bits);
    }
    return calls;
}

/* ==== One operation ===================================================== */

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
    dc_proof *proof;
} work;

static void set_all(work *w, dc_tensor t, double v)
{
    for (int64_t i = 0; i < dc_problem_count(&w->c.p, t); i++)
        dc_format_set(w->c.p.dtype, w->tensors[t], i, v);
}

/* The place of the one in lane b of call k, or -1. */
static int64_t hot_place(const work *w, int64_t k, int64_t b)
{
    const int64_t h = k * w->l.lanes + b;
    int64_t plane = 1;

    if (h >= w->l.hots)
        return -1;
    if (w->op != DC_GRAD_WEIGHT)
        return b * w->l.hots + h;
    for (int a = 0; a < w->c.p.rank; a++)
        plane *= w->c.p.o[a];
    return (h / plane * w->l.lanes + b) * plane + h % plane;
}

/* The lane that result i belongs to. */
static int64_t lane_of(const work *w, int64_t i)
{
    int64_t taps = 1;

    if (w->op != DC_GRAD_WEIGHT)
        return i / (w->outs / w->l.lanes);
    for (int a = 0; a < w->c.p.rank; a++)
        taps *= w->c.p.k[a];
    return i / taps % w->l.lanes;
}

/* Sets the ones of call k, in the tensor and in the reference. */
static void set_hots(work *w, int64_t k, int on)
{
    const dc_tensor t = parts[w->op].hot;

    for (int64_t b = 0; b < w->l.lanes; b++) {
        const int64_t at = hot_place(w, k, b);

        if (at < 0)
            continue;
        dc_format_set(w->c.p.dtype, w->tensors[t], at, on);
        mpfr_set_si(dc_ref_input(w->ref, t, at), on, MPFR_RNDN);
    }
}

/* Asks the reference what the ones reach: values are positions, counted from
 * one, so that the exact result names the position. */
static void ask_reference(work *w, int counts)
{
    for (int64_t i = 0; i < w->outs; i++) {
        dc_ref_element(w->ref, w->op, i, 0, &w->element);
        w->connected[i] = (int64_t)mpfr_get_sj(w->element.t, MPFR_RNDN);
        if (counts && w->connected[i])
            w->proof->connections++;
        else if (counts)
            w->proof->empty++;
    }
}

static void print_place(const work *w, dc_tensor t, int64_t index, char *text,
                        size_t size)
{
    int64_t shape[5];
    int64_t at[5];
    const int axes = dc_problem_shape(&w->c.p, t, shape);
    size_t used = (size_t)snprintf(text, size, "%s[", dc_tensor_names[t]);

    for (int a = axes - 1; a >= 0; a--) {
        at[a] = index % shape[a];
        index /= shape[a];
    }
    for (int a = 0; a < axes && used < size; a++)
        used += (size_t)snprintf(text + used, size - used, "%s%" PRId64 "%s",
                                 a ? "," : "", at[a], a == axes - 1 ? "]" : "");
}

/* Compares one answer; `coded` carries digit k of the codes. */
static void compare(work *w, int64_t call, dc_tensor coded, int k)
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
        print_place(w, dc_ops[w->op].out, i, out, sizeof out);
        if (call >= 0)
            print_place(w, parts[w->op].hot, hot_place(w, call, lane_of(w, i)),
                        hot, sizeof hot);
        if (e >= 0)
            print_place(w, coded, e, from, sizeof from);
        w->proof->state = DC_REFUTED;
        snprintf(w->proof->text, sizeof w->proof->text,
                 "with the one at %.48s, %.48s = %.9g; the formula connects "
                 "it with %.48s, code digit %.9g",
                 hot, out, got, from, want);
        return;
    }
}

/* One call; 0 when the proof ends here. */
static dc_status call(work *w, int *goes_on, dc_error *e)
{
    const void *in[DC_TENSORS] = {NULL};
    void *const result[2] = {w->result, NULL};
    dc_answer *const a = &w->proof->answer;

    for (int t = DC_X; t <= DC_GY; t++)
        in[t] = t == DC_B && !w->c.p.has_bias ? NULL : w->tensors[t];
    const dc_status status =
        dc_endpoint_call(w->end, &w->c, w->op, in, result, a, e);
    *goes_on = 0;
    if (status != DC_OK)
        return status;
    w->proof->calls++;
    if (a->outcome != DC_ANSWERED)
        w->proof->state = DC_BROKEN;
    else
        *goes_on = a->status == DC_OK && a->shape_axes < 0;
    return DC_OK;
}

/* All digits of one arrangement of ones (call -1: none, the bias is coded). */
static dc_status ask_digits(work *w, int64_t number, int *goes_on, dc_error *e)
{
    const dc_tensor coded = number < 0 ? DC_B : parts[w->op].coded;
    const int64_t count = dc_problem_count(&w->c.p, coded);
    dc_status status = DC_OK;

    ask_reference(w, number >= 0);
    for (int k = 0; k < w->proof->digits && status == DC_OK && *goes_on; k++) {
        for (int64_t i = 0; i < count; i++)
            dc_format_set(w->c.p.dtype, w->tensors[coded], i,
                          digit(&w->c.p, w->op, w->bits, k, i));
        status = call(w, goes_on, e);
        if (status == DC_OK && *goes_on)
            compare(w, number, coded, k);
        *goes_on = *goes_on && w->proof->state != DC_REFUTED;
    }
    return status;
}

/* Codes of tensor t for the reference: position + 1, or zero. */
static void code_reference(work *w, dc_tensor t, int on)
{
    for (int64_t i = 0; i < dc_problem_count(&w->c.p, t); i++) {
        mpfr_ptr v = dc_ref_input(w->ref, t, i);
        mpfr_set_prec(v, 64);
        mpfr_set_sj(v, on ? i + 1 : 0, MPFR_RNDN);
    }
}

static dc_status run(work *w, dc_error *e)
{
    const int biased = w->op == DC_FORWARD && w->c.p.has_bias;
    int goes_on = 1;
    dc_status status = DC_OK;

    for (int t = DC_X; t <= DC_GY; t++)
        if (w->tensors[t])
            set_all(w, (dc_tensor)t, 0);
    if (biased) {
        code_reference(w, DC_B, 1);
        status = ask_digits(w, -1, &goes_on, e);
        code_reference(w, DC_B, 0);
        set_all(w, DC_B, 0);
    }
    code_reference(w, parts[w->op].coded, 1);
    for (int64_t k = 0; k < w->l.calls && status == DC_OK && goes_on; k++) {
        set_hots(w, k, 1);
        status = ask_digits(w, k, &goes_on, e);
        set_hots(w, k, 0);
    }
    if (status == DC_OK && goes_on)
        w->proof->state = DC_PROVEN;
    return status;
}

dc_status dc_prove(dc_endpoint *end, const dc_case *c, dc_op op,
                   const dc_arithmetic *a, dc_proof *proof, dc_error *e)
{
    work w = {.end = end, .c = *c, .op = op, .proof = proof};
    const void *given[DC_TENSORS] = {NULL};
    dc_status status = DC_NOMEM;

    memset(proof, 0, sizeof *proof);
    if (!provable(&c->p, op) || (a->declared & DC_TRANSFORM))
        return DC_OK;
    w.l = lay_out(&c->p, op);
    w.c.p = w.l.p;
    w.bits = digit_bits(c->p.dtype, a);
    if (w.l.calls > CALLS)
        return DC_OK;
    w.outs = dc_problem_count(&w.c.p, dc_ops[op].out);
    proof->n = w.c.p.n;
    proof->hots = w.l.hots;
    proof->digits = all_digits(&w.c.p, op, w.bits);
    dc_element_init(&w.element);
    w.result = malloc((size_t)w.outs * sizeof(double));
    w.connected = malloc((size_t)w.outs * sizeof *w.connected);
    int room = w.result && w.connected;
    for (int t = DC_X; t <= DC_GY; t++) {
        w.tensors[t] = calloc(
            (size_t)dc_problem_count(&w.c.p, (dc_tensor)t) + 1, sizeof(double));
        given[t] = w.tensors[t];
        room = room && w.tensors[t];
    }
    if (room && dc_ref_open(&w.ref, &w.c.p, given) == DC_OK)
        status = run(&w, e);
    else
        dc_nomem(e);
    dc_ref_close(w.ref);
    dc_element_clear(&w.element);
    for (int t = DC_X; t <= DC_GY; t++)
        free(w.tensors[t]);
    free(w.result);
    free(w.connected);
    return status;
}
