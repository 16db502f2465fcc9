/* SPDX-License-Identifier: MIT
 *
 * The table of sequences, and the order of their visits.  All problems have
 * equal pads or differ from such a one in the pads, no extent of zero and
 * op < s, so that restricted implementations can take part.
 */
#include "cases/catalog/sequences.h"

#include <string.h>

/* ==== The problems ====================================================== */

/* One field changed at a time: a plan that is kept under a key without it is
 * used for another problem. */
static const char *const fields_1d[] = {
    "n2_ci4_co6_g2_i5_k3_s2_d1_pb1_pe1_op1_b1",
    "n3",
    "n1",
    "n1_u1",
    "ci6",
    "co8",
    "g1",
    "i6",
    "k2",
    "s3",
    "d2",
    "pb0",
    "pe0",
    "pb0_pe0",
    "op0",
    "b0",
    NULL};

static const char *const fields_2d[] = {
    "n2_ci4_co4_g1_i4x5_k3x3_s2x2_d1x1_pb1x1_pe1x1_op1x1_b1",
    "n3",
    "n1",
    "n1_u1",
    "ci6",
    "co6",
    "g2",
    "g4",
    "i5x5",
    "i4x4",
    "k2x3",
    "k3x2",
    "s3x2",
    "s2x3",
    "d2x1",
    "d1x2",
    "pb0x1",
    "pb1x0",
    "pe0x1",
    "pe1x0",
    "pb0x0_pe0x0",
    "op0x1",
    "op1x0",
    "b0",
    NULL};

static const char *const fields_3d[] = {
    "n2_ci2_co4_g1_i2x3x2_k2x3x2_s2x2x2_d1x1x1_pb1x1x1_pe1x1x1_op1x1x1_b1",
    "n3",
    "n1",
    "n1_u1",
    "ci4",
    "co6",
    "g2",
    "i3x3x2",
    "i2x2x2",
    "i2x3x3",
    "k3x3x2",
    "k2x2x2",
    "k2x3x3",
    "s3x2x2",
    "s2x3x2",
    "s2x2x3",
    "d2x1x1",
    "d1x2x1",
    "d1x1x2",
    "pb0x1x1",
    "pb1x0x1",
    "pb1x1x0",
    "pe0x1x1",
    "pe1x0x1",
    "pe1x1x0",
    "pb0x0x0_pe0x0x0",
    "op0x1x1",
    "op1x0x1",
    "op1x1x0",
    "b0",
    NULL};

static const char *const types_1d[] = {"n2_ci4_co6_g2_i5_k3_s2_pb1_pe1_op1_b1",
                                       "f64", "f16", "bf16", NULL};

static const char *const types_2d[] = {"n2_ci8_co8_i3x3_k2x2_s2x2_b1", "f64",
                                       "f16", "bf16", NULL};

/* A workspace that is sized by the first problem, or not cleared for a smaller
 * one. */
static const char *const sizes_1d[] = {
    "n1_ci2_co2_i4_k3_s1_b1", "i60", "ci40", "co40", "k9", "n9",
    "ci12_co12_i20",          NULL};

static const char *const sizes_2d[] = {
    "n2_ci4_co6_i3x4_k3x3_s2x2_pb1x1_pe1x1_b1",
    "n1_ci1_co1_i1x1",
    "n1_ci2_co2_i2x2_k2x2_pb0x0_pe0x0",
    "ci17",
    "co17",
    "i7x8",
    "n2_ci8_co7_i6x7_k4x4",
    NULL};

static const char *const sizes_3d[] = {"n1_ci2_co2_i2x2x2_k2x2x2_s2x2x2_b1",
                                       "i5x2x2",
                                       "i2x2x6",
                                       "ci9",
                                       "co9",
                                       "k3x3x3",
                                       "n2_ci4_co5_i3x3x3",
                                       NULL};

/* The same sums and products of fields, the same numbers of elements: keys
 * that are no more than such numbers cannot tell them apart. */
static const char *const look_alikes[] = {"n2_ci2_co4_i3x6_k3x2_s2x1_b1",
                                          "i6x3",
                                          "i2x9",
                                          "k2x3",
                                          "k1x6",
                                          "s1x2",
                                          "n4_ci1",
                                          "n1_ci4",
                                          "ci4_co2",
                                          "i6x3_k2x3_s1x2",
                                          NULL};

static const char *const ranks[] = {
    "n2_ci2_co4_i6_k3_s2_pb1_pe1_b1",       "i1x6_k1x3_s1x2_pb0x1_pe0x1",
    "i6x1_k3x1_s2x1_pb1x0_pe1x0",           "i6x6_k3x3_s2x2_pb1x1_pe1x1",
    "i1x1x6_k1x1x3_s1x1x2_pb0x0x1_pe0x0x1", NULL};

/* Every element counts in every result that depends on it. */
static const char *const often[] = {"n2_ci3_co4_i5_k3_s2_b1_real_r5", NULL};
static const char *const contents_2d[] = {"n2_ci4_co6_g2_i4x3_k2x3_b1_real_r6",
                                          NULL};
static const char *const contents_3d[] = {"ci8_co8_g8_i2x3x2_k2x2x2_s2_real_r7",
                                          NULL};

static const char keys[] = "a plan kept under a key without this field";
static const char old_contents[] =
    "packed tensors or results that are kept although the contents changed";

const dc_sequence dc_sequences[] = {
    {"fields-1d", keys, DC_SEQUENCE_FIELDS, fields_1d, false, 0},
    {"fields-2d", keys, DC_SEQUENCE_FIELDS, fields_2d, false, 0},
    {"fields-3d", keys, DC_SEQUENCE_FIELDS, fields_3d, false, 0},
    {"types-1d", "a plan kept under a key without the storage type",
     DC_SEQUENCE_PAIRS, types_1d, true, 0},
    {"types-2d", "a plan kept under a key without the storage type",
     DC_SEQUENCE_PAIRS, types_2d, true, 0},
    {"sizes-1d", "a workspace of the first size, or not cleared",
     DC_SEQUENCE_PAIRS, sizes_1d, false, 0},
    {"sizes-2d", "a workspace of the first size, or not cleared",
     DC_SEQUENCE_PAIRS, sizes_2d, false, 0},
    {"sizes-3d", "a workspace of the first size, or not cleared",
     DC_SEQUENCE_PAIRS, sizes_3d, false, 0},
    {"look-alikes", "a plan kept under a sum or a product of fields",
     DC_SEQUENCE_PAIRS, look_alikes, false, 0},
    {"ranks", "a plan kept under a key without the rank", DC_SEQUENCE_PAIRS,
     ranks, false, 0},
    {"contents-2d", old_contents, DC_SEQUENCE_OFTEN, contents_2d, false, 4},
    {"contents-3d", old_contents, DC_SEQUENCE_OFTEN, contents_3d, false, 4},
    /* a host makes three calls for each visit: 1,110 of one problem */
    {"often", "right for the first calls of a problem only", DC_SEQUENCE_OFTEN,
     often, false, 74},
    {"many", "a table of plans that overflows, or loses one that comes back",
     DC_SEQUENCE_MANY, NULL, false, 0},
};

const int dc_sequences_count =
    (int)(sizeof dc_sequences / sizeof *dc_sequences);

/* ==== Many small problems =============================================== */

enum {
    MANY = 1040,       /* more than tables of 1,000 or 1,024 plans hold */
    TRAINED = 3 * 260, /* have a gradient: tables of 256 of each overflow */
    EARLY = 36,        /* are asked again */
    SPREAD = 17        /* and every 17th */
};

/* The digits of `index` in a mixed radix are the fields, so that no two
 * problems are equal. */
static dc_status many_case(int index, dc_case *c, dc_error *e)
{
    dc_status status = dc_case_parse("i1_k1", c, e);
    dc_problem *const p = &c->p;
    const struct {
        int64_t *field;
        int values;
    } digits[] = {{&p->ci, 3}, {&p->k[0], 3}, {&p->i[0], 4}, {&p->s[0], 2},
                  {&p->co, 3}, {&p->n, 2},    {&p->d[0], 3}};

    for (size_t k = 0; k < sizeof digits / sizeof *digits; k++) {
        *digits[k].field = 1 + index % digits[k].values;
        index /= digits[k].values;
    }
    p->has_bias = p->co % 2 == 0;
    return status == DC_OK ? dc_problem_complete(p, e) : status;
}

/* ==== One problem ======================================================= */

/* Are the letters before the number of both keys the same? */
static bool same_key(const char *a, const char *b)
{
    const size_t length = strcspn(a, "0123456789");

    return strcspn(b, "0123456789") == length && memcmp(a, b, length) == 0;
}

/* Is the key of `token` in the list? */
static bool replaces(const char *list, const char *token)
{
    for (const char *at = list; at; at = strchr(at + 1, '_'))
        if (same_key(at + (*at == '_'), token))
            return true;
    return false;
}

int dc_sequence_problems(const dc_sequence *s)
{
    int count = 0;

    if (s->order == DC_SEQUENCE_MANY)
        return MANY;
    while (s->specs[count])
        count++;
    return count;
}

dc_status dc_sequence_case(const dc_sequence *s, int index, dc_case *c,
                           dc_error *e)
{
    char text[DC_CASE_MAX] = "";
    char base[DC_CASE_MAX];
    char *rest = base;

    if (s->order == DC_SEQUENCE_MANY)
        return many_case(index, c, e);
    if (index == 0)
        return dc_case_parse(s->specs[0], c, e);
    strcpy(text, s->specs[index]);
    strcpy(base, s->specs[0]);
    for (char *token; (token = strsep(&rest, "_"));)
        if (!replaces(s->specs[index], token))
            strcat(strcat(text, "_"), token);
    return dc_case_parse(text, c, e);
}

/* ==== Visits ============================================================ */

enum {
    ALL = (1 << DC_OPS) - 1,
    GRADIENTS = 90 /* visits of OFTEN: 270 calls in a host, beyond 8 bits */
};

int dc_sequence_visits(const dc_sequence *s)
{
    const int n = dc_sequence_problems(s);

    switch (s->order) {
    case DC_SEQUENCE_FIELDS:
        return 2 * (n - 1) + 1 + n;
    case DC_SEQUENCE_PAIRS:
        return 3 * n * (n - 1) / 2;
    case DC_SEQUENCE_OFTEN:
        return s->rounds * DC_SEQUENCE_CONTENTS;
    default:
        return MANY + EARLY + MANY / SPREAD;
    }
}

static dc_visit visit_pair(int n, int index)
{
    int pair = index / 3;
    int first = 0;

    while (pair >= n - 1 - first)
        pair -= n - 1 - first++;
    return (dc_visit){.problem = index % 3 == 1 ? first + 1 + pair : first,
                      .ops = ALL};
}

/* Forward each time, the gradients in the first visits only. */
static dc_visit visit_often(int index)
{
    return (dc_visit){.contents = index % DC_SEQUENCE_CONTENTS,
                      .ops = index < GRADIENTS ? ALL : 1 << DC_FORWARD};
}

/* Forward of each problem, and one gradient of most. */
static dc_visit visit_many(int index)
{
    const int problem =
        index < MANY + EARLY ? index % MANY : (index - MANY - EARLY) * SPREAD;
    const unsigned gradient = 1u << (DC_GRAD_INPUT + problem % 3);

    return (dc_visit){.problem = problem,
                      .ops = 1u << DC_FORWARD |
                             (problem < TRAINED ? gradient : 0)};
}

dc_visit dc_sequence_visit(const dc_sequence *s, int index)
{
    const int n = dc_sequence_problems(s);
    const int there =
        2 * (n - 1) + 1; /* visits of FIELDS before the way back */

    switch (s->order) {
    case DC_SEQUENCE_FIELDS:
        return (dc_visit){.problem = index >= there ? n - 1 - (index - there)
                                     : index % 2    ? (index + 1) / 2
                                                    : 0,
                          .ops = ALL,
                          .backwards = index >= there};
    case DC_SEQUENCE_PAIRS:
        return visit_pair(n, index);
    case DC_SEQUENCE_OFTEN:
        return visit_often(index);
    default:
        return visit_many(index);
    }
}
