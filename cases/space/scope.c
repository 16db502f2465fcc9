/* SPDX-License-Identifier: MIT
 *
 * Reading a scope, and the test whether a problem is inside.
 */
#include "cases/space/scope.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "ref/integer.h"

#define MOST DC_FIELD_MAX

/* A field of dc_problem, with its legal range if nothing else is known. */
static const struct {
    const char *name;
    size_t offset;
    bool axial;  /* int64_t[3] instead of one number */
    bool narrow; /* int32_t instead of int64_t */
    int64_t least, most;
} fields[DC_SCOPE_FIELDS] = {
    [DC_SCOPE_RANK] = {"rank", offsetof(dc_problem, rank), false, true, 1, 3},
    [DC_SCOPE_N] = {"n", offsetof(dc_problem, n), false, false, 0, MOST},
    [DC_SCOPE_CI] = {"ci", offsetof(dc_problem, ci), false, false, 0, MOST},
    [DC_SCOPE_CO] = {"co", offsetof(dc_problem, co), false, false, 0, MOST},
    [DC_SCOPE_G] = {"g", offsetof(dc_problem, g), false, false, 1, MOST},
    [DC_SCOPE_I] = {"i", offsetof(dc_problem, i), true, false, 0, MOST},
    [DC_SCOPE_K] = {"k", offsetof(dc_problem, k), true, false, 1, MOST},
    [DC_SCOPE_S] = {"s", offsetof(dc_problem, s), true, false, 1, MOST},
    [DC_SCOPE_D] = {"d", offsetof(dc_problem, d), true, false, 1, MOST},
    [DC_SCOPE_PB] = {"pb", offsetof(dc_problem, pb), true, false, -MOST, MOST},
    [DC_SCOPE_PE] = {"pe", offsetof(dc_problem, pe), true, false, -MOST, MOST},
    [DC_SCOPE_OP] = {"op", offsetof(dc_problem, op), true, false, 0, MOST},
    [DC_SCOPE_O] = {"o", offsetof(dc_problem, o), true, false, 0, INT64_MAX},
    [DC_SCOPE_B] = {"b", offsetof(dc_problem, has_bias), false, true, 0, 1},
    [DC_SCOPE_U] = {"u", offsetof(dc_problem, unbatched), false, true, 0, 1},
};

void dc_scope_open(dc_scope *s)
{
    memset(s, 0, sizeof *s);
    s->given = true;
    for (int f = 0; f < DC_SCOPE_FIELDS; f++)
        s->of[f] =
            (dc_scope_range){.lo = fields[f].least, .hi = fields[f].most};
    s->dtypes = (1u << DC_FORMATS) - 1;
}

bool dc_scope_is_axial(dc_scope_field f)
{
    return fields[f].axial;
}

int64_t dc_scope_get(const dc_problem *p, dc_scope_field f, int axis)
{
    const char *const at = (const char *)p + fields[f].offset;

    return fields[f].narrow  ? *(const int32_t *)(const void *)at
           : fields[f].axial ? ((const int64_t *)(const void *)at)[axis]
                             : *(const int64_t *)(const void *)at;
}

void dc_scope_set(dc_problem *p, dc_scope_field f, int axis, int64_t value)
{
    char *const at = (char *)p + fields[f].offset;

    if (fields[f].narrow)
        *(int32_t *)(void *)at = (int32_t)value;
    else
        ((int64_t *)(void *)at)[fields[f].axial ? axis : 0] = value;
}

/* ==== Reading =========================================================== */

/* "2", "2..5", "2.." or "..5" within what is legal. */
static void print_range(dc_scope_field f, int64_t lo, int64_t hi, char text[64])
{
    if (lo == hi)
        snprintf(text, 64, "%" PRId64, lo);
    else if (hi >= fields[f].most)
        snprintf(text, 64, "%" PRId64 "..", lo);
    else if (lo <= fields[f].least)
        snprintf(text, 64, "..%" PRId64, hi);
    else
        snprintf(text, 64, "%" PRId64 "..%" PRId64, lo, hi);
}

dc_status dc_scope_narrow(dc_scope *s, dc_scope_field f, int64_t lo, int64_t hi,
                          dc_error *e)
{
    dc_scope_range *const to = &s->of[f];
    char old[64];
    char new[64];

    if (dc_max(lo, to->lo) > dc_min(hi, to->hi)) {
        print_range(f, to->lo, to->hi, old);
        print_range(f, lo, hi, new);
        return dc_invalid(e, "the scope is empty: %s cannot be %s and %s",
                          fields[f].name, old, new);
    }
    to->lo = dc_max(lo, to->lo);
    to->hi = dc_min(hi, to->hi);
    return DC_OK;
}

static int find_field(const char *name, size_t length)
{
    for (int f = 0; f < DC_SCOPE_FIELDS; f++)
        if (strlen(fields[f].name) == length &&
            memcmp(fields[f].name, name, length) == 0)
            return f;
    return -1;
}

static dc_status fault(const char *term, const char *what, dc_error *e)
{
    return dc_invalid(e,
                      "scope '%.60s': %s; write rank=2,g=1,k=2..5,ci=16.. with "
                      "fields rank n ci co g i k s d p pb pe op o b u dtype",
                      term, what);
}

/* A number that ends at `end`; without digits: *value is kept. */
static bool read_number(const char *text, const char *end, int64_t *value)
{
    char *stop;

    if (text == end)
        return true;
    if (text[*text == '-'] < '0' || text[*text == '-'] > '9')
        return false;
    errno = 0;
    *value = strtoll(text, &stop, 10);
    return stop == end && !errno;
}

/* FIELD=FIELD.  g stands on the right, because channels are drawn for it. */
static dc_status read_equal(dc_scope *s, const char *term, int f, int other,
                            dc_error *e)
{
    if (f == other || fields[f].axial != fields[other].axial)
        return fault(term, "these two fields cannot be compared", e);
    if (f == DC_SCOPE_G || (f < other && other != DC_SCOPE_G)) {
        const int left = f;

        f = other;
        other = left;
    }
    s->of[f].equal = true;
    s->of[f].other = (dc_scope_field)other;
    return DC_OK;
}

static dc_status read_value(dc_scope *s, const char *term, int f,
                            const char *value, dc_error *e)
{
    const char *const dots = strstr(value, "..");
    const int other = find_field(value, strlen(value));
    int64_t lo = fields[f].least;
    int64_t hi = fields[f].most;
    bool good = *value != 0;

    if (other >= 0)
        return read_equal(s, term, f, other, e);
    if (dots) {
        good = read_number(value, dots, &lo) &&
               read_number(dots + 2, value + strlen(value), &hi);
    } else {
        good = good && read_number(value, value + strlen(value), &lo);
        hi = lo;
    }
    if (!good)
        return fault(term, "this is no number and no range", e);
    if (lo > hi)
        return dc_invalid(
            e, "the scope is empty: '%.60s' ends before it begins", term);
    return dc_scope_narrow(s, (dc_scope_field)f, lo, hi, e);
}

static dc_status read_dtype(dc_scope *s, const char *term, const char *value,
                            dc_error *e)
{
    const int dtype = dc_format_find(value, strlen(value));

    if (dtype < 0)
        return fault(term, "no storage type has this name", e);
    if (!(s->dtypes & 1u << dtype))
        return dc_invalid(e, "the scope is empty: it names two storage types");
    s->dtypes = 1u << dtype;
    return DC_OK;
}

static dc_status read_term(dc_scope *s, const char *term, dc_error *e)
{
    const char *const sign = strchr(term, '=');
    const size_t length = sign ? (size_t)(sign - term) : 0;
    const bool pads = length == 1 && *term == 'p';
    const int f = pads ? DC_SCOPE_PB : find_field(term, length);
    dc_status status;

    if (!sign)
        return fault(term, "an = is missing", e);
    if (length == 5 && memcmp(term, "dtype", length) == 0)
        return read_dtype(s, term, sign + 1, e);
    if (f < 0)
        return fault(term, "no field has this name", e);
    status = read_value(s, term, f, sign + 1, e);
    if (pads && status == DC_OK)
        status = read_value(s, term, DC_SCOPE_PE, sign + 1, e);
    return status;
}

dc_status dc_scope_read(dc_scope *s, const char *text, dc_error *e)
{
    enum { TERM = 128 };
    dc_status status = DC_OK;

    for (const char *at = text; at && status == DC_OK;) {
        const size_t length = strcspn(at, ",");
        char term[TERM];

        snprintf(term, sizeof term, "%.*s",
                 (int)(length < TERM ? length : TERM - 1), at);
        status = read_term(s, term, e);
        at = at[length] ? at + length + 1 : NULL;
    }
    return status;
}

/* ==== Inside ============================================================ */

static bool field_has(const dc_scope *s, dc_scope_field f, const dc_problem *p)
{
    const dc_scope_range *const range = &s->of[f];
    const int axes = fields[f].axial ? p->rank : 1;

    for (int a = 0; a < axes; a++) {
        const int64_t v = dc_scope_get(p, f, a);

        if (v < range->lo || v > range->hi ||
            (range->equal && v != dc_scope_get(p, range->other, a)))
            return false;
    }
    return true;
}

const char *dc_scope_outside(const dc_scope *s, const dc_problem *p)
{
    if (!s->given)
        return NULL;
    for (int f = 0; f < DC_SCOPE_FIELDS; f++)
        if (!field_has(s, (dc_scope_field)f, p))
            return fields[f].name;
    if (!(s->dtypes & 1u << p->dtype))
        return "dtype";
    return s->holds && !s->holds(s->context, p) ? "combination" : NULL;
}

bool dc_scope_has(const dc_scope *s, const dc_problem *p)
{
    return dc_scope_outside(s, p) == NULL;
}

/* The field that dc_problem_complete calls so; DC_SCOPE_O if it is none. */
static int find_broken(const char *broken)
{
    const int f = strcmp(broken, "has_bias") == 0 ? DC_SCOPE_B
                  : strcmp(broken, "unbatched") == 0
                      ? DC_SCOPE_U
                      : find_field(broken, strlen(broken));

    return f < 0 ? DC_SCOPE_O : f;
}

static void open_field(dc_scope *s, int field)
{
    s->of[field] = (dc_scope_range){.lo = INT64_MIN, .hi = INT64_MAX};
    for (int f = 0; f < DC_SCOPE_FIELDS; f++)
        if (s->of[f].equal && (int)s->of[f].other == field)
            s->of[f].equal = false;
}

bool dc_scope_has_illegal(const dc_scope *s, const dc_problem *p,
                          const char *broken)
{
    dc_scope but = *s;

    /* neither the fields of axes nor a condition can be read without these */
    if (strcmp(broken, "rank") == 0 || strcmp(broken, "dtype") == 0)
        return true;
    open_field(&but, find_broken(broken));
    open_field(&but, DC_SCOPE_O);
    return dc_scope_has(&but, p);
}
