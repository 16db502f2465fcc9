/* SPDX-License-Identifier: MIT
 *
 * Quantities, a function for each row of size.def.
 */
#include "ref/size.h"

#include "ref/integer.h"

static int64_t cig(const dc_problem *p)
{
    return p->ci / p->g;
}

static int64_t cog(const dc_problem *p)
{
    return p->co / p->g;
}

/* The groups, if the problem has several and they are of this kind. */
static int64_t groups_if(const dc_problem *p, bool kind)
{
    return p->g > 1 && kind ? p->g : 0;
}

/* The most products that one position of y gets on axis a: j*s + t*d is the
 * same for every (d/gcd)-th input and every (s/gcd)-th tap. */
static int64_t overlap(const dc_problem *p, int a)
{
    const int64_t common = dc_gcd(p->s[a], p->d[a]);

    return dc_min(dc_ceil_div(p->i[a], p->d[a] / common),
                  dc_ceil_div(p->k[a], p->s[a] / common));
}

/* The products of the longest sum of op, if no pad crops them. */
static int64_t products(const dc_problem *p, dc_op op)
{
    int64_t product = op == DC_FORWARD      ? cig(p)
                      : op == DC_GRAD_INPUT ? cog(p)
                                            : p->n;

    for (int a = 0; a < p->rank; a++)
        product *= op == DC_FORWARD       ? overlap(p, a)
                   : op == DC_GRAD_INPUT  ? p->k[a]
                   : op == DC_GRAD_WEIGHT ? p->i[a]
                                          : p->o[a];
    return product;
}

#define SIZE(name, words, value)                                               \
    static int64_t of_##name(const dc_problem *p, dc_op op)                    \
    {                                                                          \
        (void)op;                                                              \
        return value;                                                          \
    }
#define AXES(name, value, first, best)                                         \
    static int64_t of_##name(const dc_problem *p, dc_op op)                    \
    {                                                                          \
        int64_t found = first;                                                 \
                                                                               \
        (void)op;                                                              \
        for (int a = 0; a < p->rank; a++)                                      \
            found = best(found, value);                                        \
        return found;                                                          \
    }
#define LARGEST_AXIS(name, words, value) AXES(name, value, 0, dc_max)
#define LEAST_AXIS(name, words, value)   AXES(name, value, INT64_MAX, dc_min)
#include "ref/size.def"
#undef SIZE
#undef LARGEST_AXIS
#undef LEAST_AXIS

static int64_t of_nothing(const dc_problem *p, dc_op op)
{
    (void)p;
    (void)op;
    return 0;
}

#define LARGEST_AXIS SIZE
#define LEAST_AXIS   SIZE

#define SIZE(name, words, value) [name] = of_##name,
static int64_t (*const values[DC_SIZES])(const dc_problem *p, dc_op op) = {
    [DC_OF_NOTHING] = of_nothing,
#include "ref/size.def"
};
#undef SIZE

#define SIZE(name, words, value) [name] = words,
const char *const dc_size_names[DC_SIZES] = {
    [DC_OF_NOTHING] = "",
#include "ref/size.def"
};

int64_t dc_size_of(dc_size q, const dc_problem *p, dc_op op)
{
    return values[q](p, op);
}
