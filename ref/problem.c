/* SPDX-License-Identifier: MIT
 *
 * Validation, the formula of the output extent, and the shapes of the eight
 * tensors.  Every product of extents is checked for overflow here, so that no
 * user of a complete problem has to.
 */
#include "ref/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ref/format.h"
#include "ref/integer.h"

const dc_op_info dc_ops[DC_OPS] = {
    [DC_FORWARD] = {"forward", 3, {DC_X, DC_W, DC_B}, DC_Y},
    [DC_GRAD_INPUT] = {"grad_input", 2, {DC_GY, DC_W}, DC_GX},
    [DC_GRAD_WEIGHT] = {"grad_weight", 2, {DC_GY, DC_X}, DC_GW},
    [DC_GRAD_BIAS] = {"grad_bias", 1, {DC_GY}, DC_GB},
};

const char *const dc_tensor_names[DC_TENSORS] = {"x", "w",  "b",  "gy",
                                                 "y", "gx", "gw", "gb"};

dc_status dc_error_set(dc_error *e, dc_status status, const char *field,
                       int axis, const char *format, ...)
{
    if (e) {
        va_list args;
        e->status = status;
        e->field = field;
        e->axis = axis;
        va_start(args, format);
        vsnprintf(e->text, sizeof e->text, format, args);
        va_end(args);
    }
    return status;
}

dc_status dc_nomem(dc_error *e)
{
    return dc_error_set(e, DC_NOMEM, NULL, -1, "out of memory");
}

const char *dc_axis_name(int rank, int a)
{
    static const char *const names[] = {"d", "h", "w"};
    return a >= 0 && a < rank && rank <= 3 ? names[3 - rank + a] : "?";
}

const char *dc_status_name(dc_status status)
{
    static const char *const names[] = {"OK", "UNSUPPORTED", "INVALID", "NOMEM",
                                        "FAILED"};
    return (unsigned)status <= DC_FAILED ? names[status] : "an unknown status";
}

bool dc_op_takes(const dc_problem *p, dc_op op, dc_tensor t)
{
    for (int a = 0; a < dc_ops[op].takes; a++)
        if (dc_ops[op].in[a] == t)
            return t != DC_B || p->has_bias;
    return false;
}

void dc_problem_set_channels(dc_problem *p, int64_t g, int64_t cig, int64_t cog)
{
    p->g = g;
    p->ci = g * cig;
    p->co = g * cog;
}

/* ==== Validation ======================================================== */

static dc_status refuse(dc_error *e, const char *field, const char *rule,
                        int64_t got)
{
    return dc_error_set(e, DC_INVALID, field, -1, "%s must be %s, got %lld",
                        field, rule, (long long)got);
}

static dc_status check_scalars(const dc_problem *p, dc_error *e)
{
    const struct {
        const char *field;
        const char *rule;
        int64_t value, least, most;
    } rows[] = {
        {"rank", "1, 2 or 3", p->rank, 1, 3},
        {"dtype", "a known storage type", p->dtype, 0, DC_FORMATS - 1},
        {"unbatched", "0 or 1", p->unbatched, 0, 1},
        {"has_bias", "0 or 1", p->has_bias, 0, 1},
        {"n", "between 0 and 2^40", p->n, 0, DC_FIELD_MAX},
        {"ci", "between 0 and 2^40", p->ci, 0, DC_FIELD_MAX},
        {"co", "between 0 and 2^40", p->co, 0, DC_FIELD_MAX},
        {"g", "between 1 and 2^40", p->g, 1, DC_FIELD_MAX},
    };

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (rows[r].value < rows[r].least || rows[r].value > rows[r].most)
            return refuse(e, rows[r].field, rows[r].rule, rows[r].value);
    if (p->unbatched && p->n != 1)
        return refuse(e, "n", "1 without a batch axis", p->n);
    if (p->ci % p->g)
        return dc_error_set(e, DC_INVALID, "ci", -1,
                            "ci = %lld must be divisible by g = %lld",
                            (long long)p->ci, (long long)p->g);
    if (p->co % p->g)
        return dc_error_set(e, DC_INVALID, "co", -1,
                            "co = %lld must be divisible by g = %lld",
                            (long long)p->co, (long long)p->g);
    return DC_OK;
}

static dc_status check_axis(const dc_problem *p, int a, dc_error *e)
{
    const struct {
        const char *field;
        const char *rule;
        int64_t value, least, most;
    } rows[] = {
        {"i", "between 0 and 2^40", p->i[a], 0, DC_FIELD_MAX},
        {"k", "between 1 and 2^40", p->k[a], 1, DC_FIELD_MAX},
        {"s", "between 1 and 2^40", p->s[a], 1, DC_FIELD_MAX},
        {"d", "between 1 and 2^40", p->d[a], 1, DC_FIELD_MAX},
        {"pb", "between -2^40 and 2^40", p->pb[a], -DC_FIELD_MAX, DC_FIELD_MAX},
        {"pe", "between -2^40 and 2^40", p->pe[a], -DC_FIELD_MAX, DC_FIELD_MAX},
        {"op", "between 0 and 2^40", p->op[a], 0, DC_FIELD_MAX},
    };
    const char *axis = dc_axis_name(p->rank, a);

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        if (rows[r].value < rows[r].least || rows[r].value > rows[r].most)
            return dc_error_set(e, DC_INVALID, rows[r].field, a,
                                "%s on axis %s must be %s, got %lld",
                                rows[r].field, axis, rows[r].rule,
                                (long long)rows[r].value);
    if (p->op[a] >= p->s[a] && p->op[a] >= p->d[a])
        return dc_error_set(e, DC_INVALID, "op", a,
                            "op = %lld on axis %s must be below max(s,d) = "
                            "%lld",
                            (long long)p->op[a], axis,
                            (long long)(p->s[a] > p->d[a] ? p->s[a] : p->d[a]));
    return DC_OK;
}

/* o = (i-1)*s - pb - pe + d*(k-1) + op + 1 on axis a. */
static dc_status output_extent(const dc_problem *p, int a, int64_t *o,
                               dc_error *e)
{
    const char *axis = dc_axis_name(p->rank, a);
    int64_t steps;
    int64_t reach;
    int64_t full;

    if (__builtin_mul_overflow(p->i[a] - 1, p->s[a], &steps) ||
        __builtin_mul_overflow(p->d[a], p->k[a] - 1, &reach) ||
        __builtin_add_overflow(steps, reach, &full) ||
        full > INT64_MAX - 4 * DC_FIELD_MAX)
        return dc_error_set(e, DC_INVALID, "o", a,
                            "o on axis %s does not fit 64 bits", axis);
    *o = full - p->pb[a] - p->pe[a] + p->op[a] + 1;
    if (*o < 0)
        return dc_error_set(e, DC_INVALID, "o", a,
                            "o = %lld on axis %s must not be negative",
                            (long long)*o, axis);
    return DC_OK;
}

/* Do the bytes of every tensor fit, with extents of zero counted as one?  An
 * implementation may multiply the extents in any order. */
static dc_status check_bytes(const dc_problem *p, dc_error *e)
{
    /* gx, gw, gb and gy have the shapes of these */
    static const dc_tensor shapes[] = {DC_X, DC_W, DC_B, DC_Y};

    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        const dc_tensor t = shapes[k];
        int64_t shape[5];
        int axes = dc_problem_shape(p, t, shape);
        int64_t bytes = dc_formats[p->dtype].size;

        for (int a = 0; a < axes; a++)
            if (__builtin_mul_overflow(bytes, shape[a] ? shape[a] : 1, &bytes))
                return dc_error_set(e, DC_INVALID, dc_tensor_names[t], -1,
                                    "the bytes of tensor %s do not fit 64 bits",
                                    dc_tensor_names[t]);
    }
    return DC_OK;
}

dc_status dc_problem_complete(dc_problem *p, dc_error *e)
{
    dc_status status = check_scalars(p, e);

    for (int a = 0; a < p->rank && status == DC_OK; a++) {
        status = check_axis(p, a, e);
        if (status == DC_OK)
            status = output_extent(p, a, &p->o[a], e);
    }
    if (status != DC_OK)
        return status;
    for (int a = p->rank; a < 3; a++)
        p->i[a] = p->k[a] = p->s[a] = p->d[a] = p->pb[a] = p->pe[a] = p->op[a] =
            p->o[a] = 0;
    p->size = sizeof *p;
    return check_bytes(p, e);
}

dc_status dc_problem_check(const dc_problem *p, dc_error *e)
{
    dc_problem q = *p;
    dc_status status;

    if (p->size != sizeof *p)
        return refuse(e, "size", "that of this contract", p->size);
    status = dc_problem_complete(&q, e);
    for (int a = 0; a < q.rank && status == DC_OK; a++)
        if (p->o[a] != q.o[a])
            status = dc_error_set(
                e, DC_INVALID, "o", a, "o on axis %s must be %lld, got %lld",
                dc_axis_name(q.rank, a), (long long)q.o[a], (long long)p->o[a]);
    return status;
}

/* ==== Shapes ============================================================ */

int dc_problem_shape(const dc_problem *p, dc_tensor t, int64_t shape[5])
{
    const int64_t *extent = NULL; /* b and gb have no spatial axes */
    int axes = 0;

    switch (t) {
    case DC_X:
    case DC_GX:
    case DC_Y:
    case DC_GY: {
        const bool input = t == DC_X || t == DC_GX;
        if (!p->unbatched)
            shape[axes++] = p->n;
        shape[axes++] = input ? p->ci : p->co;
        extent = input ? p->i : p->o;
        break;
    }
    case DC_W:
    case DC_GW:
        shape[axes++] = p->ci;
        shape[axes++] = p->co / p->g;
        extent = p->k;
        break;
    default:
        shape[axes++] = p->co;
    }
    for (int a = 0; extent && a < p->rank; a++)
        shape[axes++] = extent[a];
    return axes;
}

int64_t dc_problem_count(const dc_problem *p, dc_tensor t)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);

    return dc_volume(shape, axes);
}

size_t dc_problem_bytes(const dc_problem *p, dc_tensor t)
{
    return (size_t)dc_problem_count(p, t) * (size_t)dc_formats[p->dtype].size;
}

bool dc_problem_equal(const dc_problem *p, const dc_problem *q)
{
    const size_t first = offsetof(dc_problem, has_bias) + sizeof p->has_bias;
    const size_t then = offsetof(dc_problem, n);

    return memcmp(p, q, first) == 0 &&
           memcmp((const char *)p + then, (const char *)q + then,
                  sizeof *p - then) == 0;
}

dc_problem dc_problem_raise(const dc_problem *p, int rank)
{
    dc_problem q = *p;
    const int shift = rank - p->rank;
    const struct {
        const int64_t *from;
        int64_t *to;
        int64_t unit;
    } rows[] = {{p->i, q.i, 1},   {p->k, q.k, 1},   {p->s, q.s, 1},
                {p->d, q.d, 1},   {p->pb, q.pb, 0}, {p->pe, q.pe, 0},
                {p->op, q.op, 0}, {p->o, q.o, 1}};

    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int a = 0; a < rank; a++)
            rows[r].to[a] = a < shift ? rows[r].unit : rows[r].from[a - shift];
    q.rank = rank;
    return q;
}

dc_problem dc_problem_lift(const dc_problem *p)
{
    return dc_problem_raise(p, 3);
}

dc_problem dc_problem_planes(const dc_problem *p)
{
    dc_problem planes = *p;

    planes.rank = 0; /* so that lifting replaces all axes by unit ones */
    return dc_problem_lift(&planes);
}
