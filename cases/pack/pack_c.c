/* SPDX-License-Identifier: MIT
 *
 * The format c: one header per case with its tensors as constant arrays, for
 * firmware without a file system; deconform_golden.h describes a case, and
 * deconform_pack.h lists them all.
 */
#include <inttypes.h>
#include <string.h>

#include "cases/data/data.h"
#include "cases/pack/pack_internal.h"
#include "ref/format.h"

/* The types of the arrays; f16 and bf16 are written as bit patterns. */
static const struct {
    const char *type;
    const char *suffix; /* of a constant; NULL: bits in hexadecimal */
} types[DC_FORMATS] = {
    {"double", ""}, {"float", "f"}, {"uint16_t", NULL}, {"uint16_t", NULL}};

static void put_value(dc_pack_text *to, int dtype, const void *values,
                      int64_t i)
{
    char hex[DC_PACK_HEX];

    if (!types[dtype].suffix) {
        dc_pack_print(to, "0x%04" PRIx64, dc_format_bits(dtype, values, i));
        return;
    }
    dc_pack_hex(dc_format_get(dtype, values, i), hex);
    if (strstr(hex, "inf"))
        dc_pack_print(to, "%sDC_GOLDEN_INF", hex[0] == '-' ? "-" : "");
    else if (strstr(hex, "nan"))
        dc_pack_print(to, "(DC_GOLDEN_INF - DC_GOLDEN_INF)");
    else
        dc_pack_print(to, "%s%s", hex, types[dtype].suffix);
}

static void put_array(dc_pack_text *to, const dc_pack_case *c, dc_tensor t)
{
    enum { A_LINE = 4 };
    const int64_t count = dc_problem_count(&c->c.p, t);
    const int dtype = c->c.p.dtype;

    dc_pack_print(to, "static const %s %s_%s[] = {", types[dtype].type, c->id,
                  dc_tensor_names[t]);
    for (int64_t i = 0; i < count; i++) {
        dc_pack_print(to, "%s",
                      i == 0       ? "\n    "
                      : i % A_LINE ? ", "
                                   : ",\n    ");
        put_value(to, dtype, c->tensors[t], i);
    }
    if (count == 0) /* C has no empty arrays */
        dc_pack_print(to, "0");
    dc_pack_print(to, "};\n");
}

static void put_field(dc_pack_text *to, const char *name, const int64_t *at,
                      int count)
{
    dc_pack_print(to, " .%s = {", name);
    for (int k = 0; k < count; k++)
        dc_pack_print(to, "%s%" PRId64, k ? ", " : "", at[k]);
    dc_pack_print(to, "},");
}

static void put_struct(dc_pack_text *to, const dc_pack_case *c)
{
    const dc_problem q = dc_problem_lift(&c->c.p);
    char name[DC_CASE_MAX];
    int exact = 0; /* bit 1 << op */
    const struct {
        const char *name;
        const int64_t *at;
    } rows[] = {
        {"i", q.i},   {"k", q.k},   {"s", q.s},   {"d", q.d},
        {"pb", q.pb}, {"pe", q.pe}, {"op", q.op}, {"o", q.o},
    };

    for (int op = 0; op < DC_OPS; op++)
        exact |= dc_data_exact(c->c.family, (dc_op)op) << op;
    dc_case_print(&c->c, name);
    dc_pack_print(to,
                  "static const deconform_golden %s = {\n    \"%s\", \"%s\",\n",
                  c->id, c->id, name);
    dc_pack_print(
        to, "    .rank = %d, .dtype = %d, .exact = %d, .exact_in = %d,\n",
        (int)c->c.p.rank, (int)c->c.p.dtype, exact == (1 << DC_OPS) - 1, exact);
    dc_pack_print(to,
                  "    .n = %" PRId64 ", .ci = %" PRId64 ", .co = %" PRId64
                  ", .g = %" PRId64 ",\n   ",
                  q.n, q.ci, q.co, q.g);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        put_field(to, rows[k].name, rows[k].at, 3);
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            dc_pack_print(to, "\n    .%s = %s_%s,", dc_tensor_names[t], c->id,
                          dc_tensor_names[t]);
    dc_pack_print(to, "\n};\n");
}

dc_status dc_pack_c_write(const dc_pack_case *c, dc_pack_sink *to, dc_error *e)
{
    char path[DC_PACK_PATH];
    dc_pack_text text = {0};

    dc_pack_print(&text, "/* A golden vector of deconform: PACK.md. */\n"
                         "#include \"../deconform_golden.h\"\n\n");
    for (int t = 0; t < DC_TENSORS; t++)
        if (c->tensors[t])
            put_array(&text, c, (dc_tensor)t);
    put_struct(&text, c);
    dc_pack_path(c, ".h", path);
    return dc_pack_put_text(to, path, &text, e);
}

static const char describes[] =
    "/* What a golden vector of deconform says: PACK.md. */\n"
    "#ifndef DECONFORM_GOLDEN_H\n"
    "#define DECONFORM_GOLDEN_H\n"
    "\n"
    "#include <stdint.h>\n"
    "\n"
    "#define DC_GOLDEN_INF (1e300 * 1e300)\n"
    "\n"
    "/* One case.  Axes are d, h, w, with unit axes in front: the numbers are\n"
    " * the same for every rank.  Tensors are dense, in C order; f16 and bf16\n"
    " * are bit patterns.  b is a null pointer without bias. */\n"
    "typedef struct {\n"
    "    const char *id, *name;\n"
    "    int rank;\n"
    "    int dtype; /* 0 double, 1 float, 2 f16, 3 bf16 */\n"
    "    int exact; /* 1: every partial sum of every result is exact, compare\n"
    "                * bit for bit */\n"
    "    int exact_in; /* where that is so: 1 y, 2 gx, 4 gw, 8 gb */\n"
    "    int64_t n, ci, co, g;\n"
    "    int64_t i[3], k[3], s[3], d[3], pb[3], pe[3], op[3], o[3];\n"
    "    const void *x, *w, *b, *gy, *y, *gx, *gw, *gb;\n"
    "} deconform_golden;\n"
    "\n"
    "/* Positions along three axes, such as c->i. */\n"
    "static inline int64_t deconform_volume(const int64_t at[3])\n"
    "{\n"
    "    return at[0] * at[1] * at[2];\n"
    "}\n"
    "\n"
    "/* Where the product of x[e] and weight f of its channel, f = co' * K + "
    "t,\n"
    " * lands: the number of the element of y, or -1 where it is cropped. */\n"
    "static inline int64_t deconform_lands(const deconform_golden *c,\n"
    "                                      int64_t e, int64_t f)\n"
    "{\n"
    "    const int64_t I = deconform_volume(c->i), K = "
    "deconform_volume(c->k);\n"
    "    const int64_t ci = e / I % c->ci, n = e / I / c->ci;\n"
    "    const int64_t co = ci / (c->ci / c->g) * (c->co / c->g) + f / K;\n"
    "    int64_t j = e % I, t = f % K, at = 0, step = 1;\n"
    "    for (int a = 2; a >= 0; a--) {\n"
    "        const int64_t o = j % c->i[a] * c->s[a] - c->pb[a] +\n"
    "                          t % c->k[a] * c->d[a];\n"
    "        if (o < 0 || o >= c->o[a])\n"
    "            return -1;\n"
    "        at += o * step, step *= c->o[a];\n"
    "        j /= c->i[a], t /= c->k[a];\n"
    "    }\n"
    "    return (n * c->co + co) * step + at;\n"
    "}\n"
    "\n"
    "/* Are these the golden values?  Zeros of either sign are equal.  For\n"
    " * exact results alone: others need a bound. */\n"
    "static inline int deconform_equal(const deconform_golden *c,\n"
    "                                  const void *got, const void *golden,\n"
    "                                  int64_t count)\n"
    "{\n"
    "    int64_t e = 0;\n"
    "    if (c->dtype == 0) {\n"
    "        const double *a = got, *b = golden;\n"
    "        while (e < count && a[e] == b[e])\n"
    "            e++;\n"
    "    } else if (c->dtype == 1) {\n"
    "        const float *a = got, *b = golden;\n"
    "        while (e < count && a[e] == b[e])\n"
    "            e++;\n"
    "    } else {\n"
    "        const uint16_t *a = got, *b = golden;\n"
    "        while (e < count && (a[e] == b[e] || !((a[e] | b[e]) & 0x7fff)))\n"
    "            e++;\n"
    "    }\n"
    "    return e == count;\n"
    "}\n"
    "\n"
    "#endif\n";

/* A function of the pack that goes through all cases. */
static const char checks[] =
    "/* Asks `forward` for y of each case of this dtype whose y is exact and "
    "fits\n"
    " * into `bytes` of room; *cases is how many, the answer how many were "
    "wrong. */\n"
    "static inline int deconform_check(\n"
    "    int dtype, void (*forward)(const deconform_golden *c, void *y),\n"
    "    void *y, int64_t bytes, int *cases)\n"
    "{\n"
    "    const int64_t size = dtype == 0 ? 8 : dtype == 1 ? 4 : 2;\n"
    "    int wrong = *cases = 0;\n"
    "    for (int k = 0; k < DECONFORM_PACK; k++) {\n"
    "        const deconform_golden *c = deconform_pack[k];\n"
    "        const int64_t count = c->n * c->co * deconform_volume(c->o);\n"
    "        if (c->dtype != dtype || !(c->exact_in & 1) || count > bytes / "
    "size)\n"
    "            continue;\n"
    "        for (int64_t e = 0; e < bytes; e++) /* nothing is left there */\n"
    "            ((unsigned char *)y)[e] = 0x5a;\n"
    "        forward(c, y);\n"
    "        wrong += !deconform_equal(c, y, c->y, count);\n"
    "        ++*cases;\n"
    "    }\n"
    "    return wrong;\n"
    "}\n";

dc_status dc_pack_c_finish(const dc_pack_case *cases, int64_t count,
                           dc_pack_sink *to, dc_error *e)
{
    dc_pack_text text = {0};
    dc_status status = dc_pack_put(to, "deconform_golden.h", describes,
                                   sizeof describes - 1, e);

    if (status != DC_OK)
        return status;
    dc_pack_print(&text, "/* All golden vectors of this pack: PACK.md. */\n");
    for (int64_t i = 0; i < count; i++)
        dc_pack_print(&text, "#include \"tensors/%s.h\"\n", cases[i].id);
    dc_pack_print(&text, "\nstatic const deconform_golden *const "
                         "deconform_pack[] = {\n");
    for (int64_t i = 0; i < count; i++)
        dc_pack_print(&text, "    &%s,\n", cases[i].id);
    dc_pack_print(&text, "};\nenum { DECONFORM_PACK = %" PRId64 " };\n\n%s",
                  count, checks);
    return dc_pack_put_text(to, "deconform_pack.h", &text, e);
}
