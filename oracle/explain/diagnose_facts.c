/* SPDX-License-Identifier: MIT
 *
 * When no known defect fits: what do the wrong elements have in common?  Where
 * they lie, what they hold, whether they are displaced.
 */
#include "oracle/explain/diagnose.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cases/data/data.h"
#include "oracle/explain/diagnose_places.h"
#include "oracle/truth/truth.h"

/* What the wrong elements of several views add up to. */
typedef struct {
    int64_t wrong;
    int64_t right;
    int64_t wrong_in[DC_PLACES_MOST][3];
    int64_t right_in[DC_PLACES_MOST][3];
    int64_t zero; /* wrong elements that hold 0, ... */
    int64_t nan;  /* ... a NaN */
    int views;
    int permuted; /* views with the same numbers in other places */
    int scaled;   /* views where got is one multiple of want */
    double factor;
    int fits[729]; /* views that a displacement fits, by its number */
} tally;

static int differs(double a, double b)
{
    return !(a == b || (isnan(a) && isnan(b)));
}

static void locate(dc_view *v, int64_t index)
{
    for (int a = v->axes - 1; a >= 0; a--) {
        v->at[a] = index % v->shape[a];
        index /= v->shape[a];
    }
}

static void tally_places(tally *y, dc_view *v)
{
    const int rank = v->axes - v->lead;

    for (int64_t e = 0; e < v->count; e++) {
        const int wrong = differs(v->got[e], v->want[e]);

        locate(v, e);
        y->wrong += wrong;
        y->right += !wrong;
        y->zero += wrong && v->got[e] == 0;
        y->nan += wrong && isnan(v->got[e]);
        for (int k = 0; k < dc_places_count; k++)
            for (int a = 0; a < (dc_places[k].by_axis ? rank : 1); a++) {
                /* by name: the last axis is w whatever the rank */
                const int name = dc_places[k].by_axis ? 3 - rank + a : 0;
                const int in = dc_places[k].test(v, a);

                y->wrong_in[k][name] += in && wrong;
                y->right_in[k][name] += in && !wrong;
            }
    }
}

static int by_value(const void *a, const void *b)
{
    const double u = *(const double *)a;
    const double v = *(const double *)b;

    return (u > v) - (u < v);
}

/* The same numbers in other places? */
static int is_permuted(const dc_view *v)
{
    const size_t bytes = (size_t)v->count * sizeof(double);
    double *const a = malloc(2 * bytes + 1);
    int same = a != NULL;

    if (!a)
        return 0;
    memcpy(a, v->got, bytes);
    memcpy(a + v->count, v->want, bytes);
    qsort(a, (size_t)v->count, sizeof *a, by_value);
    qsort(a + v->count, (size_t)v->count, sizeof *a, by_value);
    for (int64_t e = 0; e < v->count; e++)
        same &= a[e] == a[v->count + e];
    free(a);
    return same;
}

static int is_scaled(const dc_view *v, double *factor)
{
    int64_t told = 0;

    for (int64_t e = 0; e < v->count; e++) {
        if (v->want[e] == 0 && v->got[e] == 0)
            continue;
        if (told++ == 0)
            *factor = v->got[e] / v->want[e];
        if (differs(v->got[e], *factor * v->want[e]))
            return 0;
    }
    return told > 1 && isfinite(*factor) && *factor != 0;
}

/* Displacement number 0..728 = base 9 digits, -4..4 on d, h, w. */
static int digit(int number, int axis)
{
    static const int weight[] = {81, 9, 1};

    return number / weight[axis] % 9 - 4;
}

/* Is got[o] = want[o + displacement] wherever both exist? */
static int displaced(dc_view *v, int number)
{
    const int rank = v->axes - v->lead;
    int64_t compared = 0;

    for (int a = 0; a < 3 - rank; a++)
        if (digit(number, a) != 0)
            return 0;
    for (int64_t e = 0; e < v->count; e++) {
        int64_t from = 0;
        int inside = 1;

        locate(v, e);
        for (int a = 0; a < v->axes; a++) {
            const int64_t at =
                v->at[a] +
                (a < v->lead ? 0 : digit(number, 3 - rank + a - v->lead));

            inside &= at >= 0 && at < v->shape[a];
            from = from * v->shape[a] + at;
        }
        if (!inside)
            continue;
        if (differs(v->got[e], v->want[from]))
            return 0;
        compared += v->want[from] != 0;
    }
    return compared > 2;
}

static void tally_view(tally *y, dc_view *v)
{
    double factor = 0;

    y->views++;
    tally_places(y, v);
    y->permuted += is_permuted(v);
    if (is_scaled(v, &factor) && (y->scaled == 0 || y->factor == factor)) {
        y->factor = factor;
        y->scaled++;
    }
    for (int k = 0; k < 729 && v->axes > v->lead; k++)
        y->fits[k] += displaced(v, k);
}

/* ---- telling ---- */

static void tell_place(const tally *y, dc_diagnosis *d)
{
    static const char axis_names[] = "dhw";
    int best = -1;
    int axis = 0;
    char *text;

    for (int k = 0; k < dc_places_count; k++)
        for (int a = 0; a < 3; a++)
            if (y->wrong > 0 && y->wrong_in[k][a] == y->wrong &&
                y->right_in[k][a] * 3 < y->right &&
                (best < 0 || y->right_in[k][a] < y->right_in[best][axis])) {
                best = k;
                axis = a;
            }
    text = best >= 0 ? dc_diagnose_fact(d) : NULL;
    if (!text)
        return;
    snprintf(text, DC_FACT_TEXT,
             "all %" PRId64 " wrong elements lie %s%s%.1s; right ones there: "
             "%" PRId64 " of %" PRId64,
             y->wrong, dc_places[best].words,
             dc_places[best].by_axis ? " of " : "",
             dc_places[best].by_axis ? &axis_names[axis] : "",
             y->right_in[best][axis], y->right);
}

static void tell_contents(const tally *y, dc_diagnosis *d)
{
    const struct {
        int holds;
        const char *text;
    } rows[] = {
        {y->zero == y->wrong, "every wrong element is 0"},
        {y->nan == y->wrong, "every wrong element is a NaN"},
        {y->permuted == y->views && y->zero < y->wrong,
         "the right numbers are all there, in other places"},
    };

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        char *const text = rows[r].holds ? dc_diagnose_fact(d) : NULL;

        if (text)
            snprintf(text, DC_FACT_TEXT, "%s", rows[r].text);
    }
    if (y->scaled == y->views && y->factor != 1) {
        char *const text = dc_diagnose_fact(d);

        if (text)
            snprintf(text, DC_FACT_TEXT,
                     "every result is %.9g times the "
                     "right one",
                     y->factor);
    }
}

static void tell_displacement(const tally *y, int rank, dc_diagnosis *d)
{
    const int none = 4 * 81 + 4 * 9 + 4;
    int best = none;
    char *text;

    for (int k = 0; k < 729; k++)
        if (k != none && y->fits[k] > (best == none ? 0 : y->fits[best]))
            best = k;
    if (best == none || y->fits[best] * 5 < y->views * 4)
        return;
    text = dc_diagnose_fact(d);
    if (!text)
        return;
    if (rank == 1)
        snprintf(text, DC_FACT_TEXT,
                 "the results are displaced: %+d on w gives the right place",
                 digit(best, 2));
    else
        snprintf(text, DC_FACT_TEXT,
                 "the results are displaced: (%+d, %+d, %+d) on d, h, w gives "
                 "the right place",
                 digit(best, 0), digit(best, 1), digit(best, 2));
}

/* ---- asking again ---- */

static dc_status ask_again(const dc_case *c, dc_op op, dc_endpoint *end,
                           tally *y, dc_error *e)
{
    dc_view v = {.c = c, .op = op};
    dc_truth t;
    dc_answer a;
    void *room = NULL;
    dc_status status = dc_truth_open(&t, c, e);

    if (status != DC_OK)
        return status;
    v.count = t.count[op];
    v.axes = dc_problem_shape(&c->p, dc_ops[op].out, v.shape);
    v.lead = op == DC_GRAD_BIAS ? 1 : v.axes - c->p.rank;
    room = malloc((size_t)v.count * 16 + 1);
    if (!room)
        status = DC_NOMEM;
    if (status == DC_OK) {
        void *const results[2] = {room, (char *)room + v.count * 8};

        status = dc_endpoint_call(end, c, op, t.tensors, results, &a, e);
    }
    if (status == DC_OK && a.outcome == DC_ANSWERED && a.runs > 0) {
        v.got = dc_truth_doubles(&t, room, v.count);
        status = dc_ref_run(&c->p, op, t.tensors, room);
        v.want = status == DC_OK ? dc_truth_doubles(&t, room, v.count) : NULL;
        if (v.got && v.want)
            tally_view(y, &v);
        free(v.got);
        free(v.want);
    }
    free(room);
    dc_truth_close(&t);
    return status;
}

/* The small exact cases among the failures, evenly picked. */
dc_status dc_diagnose_facts(const dc_op_sample *seen, dc_op op,
                            dc_endpoint *end, dc_diagnosis *d, dc_error *e)
{
    enum { VIEWS = 24 };
    const int64_t n =
        seen->failed < DC_FAILED_KEPT ? seen->failed : DC_FAILED_KEPT;
    const int64_t step = 1 + n / (4 * VIEWS);
    tally *const y = calloc(1, sizeof *y);
    dc_status status = y ? DC_OK : DC_NOMEM;
    int rank = 1;

    for (int64_t f = 0; f < n && status == DC_OK && y->views < VIEWS;
         f += step) {
        const dc_failure *const s = &seen->failures[f];

        if (!s->has_value || !dc_data_exact(s->c.family, op) ||
            dc_problem_count(&s->c.p, dc_ops[op].out) > 4000)
            continue;
        rank = s->c.p.rank > rank ? s->c.p.rank : rank;
        status = ask_again(&s->c, op, end, y, e);
    }
    if (status == DC_OK && y->wrong > 0) {
        tell_place(y, d);
        tell_contents(y, d);
        tell_displacement(y, rank, d);
    }
    free(y);
    return status;
}
