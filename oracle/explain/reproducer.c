/* SPDX-License-Identifier: MIT
 *
 * The program consists of an extract of ref/deconform.h, the inputs as bit
 * patterns, the accepted interval of every element of the result, and the call,
 * made with every tensor at the end and then at the begin of its memory: an
 * access outside of a tensor ends the program in one of the two, or changes a
 * byte that the program looks at.
 */
#include "oracle/explain/reproducer.h"

#include <inttypes.h>
#include <math.h>

#include "oracle/truth/truth.h"

static const char contract[] =
    "#define _DEFAULT_SOURCE\n"
    "#include <dlfcn.h>\n"
    "#include <math.h>\n"
    "#include <stdint.h>\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "#include <sys/mman.h>\n"
    "#include <unistd.h>\n"
    "\n"
    "typedef struct {\n"
    "    uint32_t size;\n"
    "    int32_t rank, dtype, unbatched, has_bias;\n"
    "    int64_t n, ci, co, g;\n"
    "    int64_t i[3], k[3], s[3], d[3], pb[3], pe[3], op[3], o[3];\n"
    "} problem;\n"
    "\n"
    "typedef struct {\n"
    "    uint32_t abi;\n"
    "    const char *name, *version;\n"
    "    int (*supports)(const problem *p);\n"
    "    int (*forward)(const problem *p, const void *x, const void *w,\n"
    "                   const void *b, void *y);\n"
    "    int (*grad_input)(const problem *p, const void *gy, const void *w,\n"
    "                      void *gx);\n"
    "    int (*grad_weight)(const problem *p, const void *gy, const void *x,\n"
    "                       void *gw);\n"
    "    int (*grad_bias)(const problem *p, const void *gy, void *gb);\n"
    "} table;\n\n";

/* Memory of a tensor. */
static const char memory[] =
    "/* A tensor, against memory that nobody may touch. */\n"
    "typedef struct {\n"
    "    const char *name;\n"
    "    const void *from; /* an input's values; 0: a result */\n"
    "    size_t bytes, all;\n"
    "    unsigned char *pages, *data;\n"
    "} tensor;\n"
    "\n"
    "enum { GUARD = 1 << 20, AROUND = 0x5a };\n"
    "\n"
    "static int place(tensor *t, int at_end)\n"
    "{\n"
    "    const size_t page = (size_t)sysconf(_SC_PAGESIZE);\n"
    "    void *map;\n"
    "\n"
    "    t->all = (t->bytes / page + 1) * page;\n"
    "    map = mmap(0, t->all + 2 * GUARD, PROT_NONE,\n"
    "               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n"
    "    t->pages = (unsigned char *)map + GUARD;\n"
    "    if (map == MAP_FAILED ||\n"
    "        mprotect(t->pages, t->all, PROT_READ | PROT_WRITE)) {\n"
    "        perror(\"memory\");\n"
    "        return 0;\n"
    "    }\n"
    "    t->data = t->pages + (at_end ? t->all - t->bytes : 0);\n"
    "    memset(t->pages, AROUND, t->all);\n"
    "    memset(t->data, 0xff, t->bytes);\n"
    "    if (t->from)\n"
    "        memcpy(t->data, t->from, t->bytes);\n"
    "    return 1;\n"
    "}\n"
    "\n"
    "/* Prints the first byte that the call should not have changed. */\n"
    "static int changed(const tensor *t)\n"
    "{\n"
    "    const unsigned char *from = t->from;\n"
    "    const long begin = (long)(t->data - t->pages);\n"
    "    const long bytes = (long)t->bytes;\n"
    "    long k;\n"
    "\n"
    "    for (k = -begin; k < (long)t->all - begin; k++) {\n"
    "        const int inside = k >= 0 && k < bytes;\n"
    "        const int was = !inside ? AROUND : from ? from[k] : t->data[k];\n"
    "\n"
    "        if (t->data[k] == was)\n"
    "            continue;\n"
    "        printf(\"byte %ld of the %ld of %s was changed\\n\", k, bytes,\n"
    "               t->name);\n"
    "        return 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n\n";

/* An element's C type, and the body of value(element bits). */
static const struct {
    const char *type;
    const char *value;
} formats[DC_FORMATS] = {
    [DC_F64] = {"uint64_t", "    double v;\n"
                            "    memcpy(&v, &bits, sizeof v);\n"
                            "    return v;\n"},
    [DC_F32] = {"uint32_t", "    float v;\n"
                            "    memcpy(&v, &bits, sizeof v);\n"
                            "    return v;\n"},
    [DC_F16] = {"uint16_t",
                "    const double sign = bits >> 15 ? -1 : 1;\n"
                "    const int power = bits >> 10 & 31;\n"
                "    double v = bits & 1023;\n"
                "    int k;\n"
                "    if (power == 31)\n"
                "        return v ? 0.0 / (v - v) : sign / (v * 0.0);\n"
                "    v += power ? 1024 : 0;\n"
                "    for (k = power ? power : 1; k < 25; k++)\n"
                "        v /= 2;\n"
                "    for (k = 25; k < power; k++)\n"
                "        v *= 2;\n"
                "    return sign * v;\n"},
    [DC_BF16] = {"uint16_t", "    const uint32_t wide = (uint32_t)bits << 16;\n"
                             "    float v;\n"
                             "    memcpy(&v, &wide, sizeof v);\n"
                             "    return v;\n"},
};

static void write_tensor(const dc_truth *t, dc_tensor tensor, FILE *to)
{
    const dc_problem *const p = &t->c.p;
    const int64_t count = dc_problem_count(p, tensor);
    const int digits = dc_formats[p->dtype].size * 2;

    fprintf(to, "static element %s[] = {", dc_tensor_names[tensor]);
    for (int64_t k = 0; k < count; k++)
        fprintf(to, "%s0x%0*" PRIx64 ",", k % 4 ? " " : "\n    ", digits,
                dc_format_bits(p->dtype, t->tensors[tensor], k));
    fprintf(to, "%s};\n", count ? "\n" : "0");
}

/* Writes v as C reads it back exactly. */
static void write_number(double v, const char *after, FILE *to)
{
    if (isfinite(v))
        fprintf(to, "%a%s", v, after);
    else
        fprintf(to, "%s%s",
                v < 0   ? "-HUGE_VAL"
                : v > 0 ? "HUGE_VAL"
                        : "NAN",
                after);
}

static void write_accepted(const dc_truth *t, dc_op op, FILE *to)
{
    fprintf(to, "\n/* accepted: lo <= got <= hi */\n"
                "static const struct {\n    double lo, want, hi;\n"
                "} accepted[] = {\n");
    for (int64_t k = 0; k < t->count[op]; k++) {
        fputs("    {", to);
        write_number(t->accepted[op][k].lo, ", ", to);
        write_number(t->accepted[op][k].want, ", ", to);
        write_number(t->accepted[op][k].hi, "},", to);
        fprintf(to, " /* %.9g */\n", t->accepted[op][k].want);
    }
    if (t->count[op] == 0)
        fprintf(to, "    {0, 0, 0},\n");
    fprintf(to, "};\nenum { COUNT = %" PRId64 " };\n", t->count[op]);
}

static void write_problem(const dc_problem *p, FILE *to)
{
    const struct {
        const char *name;
        const int64_t *v;
    } axes[] = {{"i", p->i},   {"k", p->k},   {"s", p->s},   {"d", p->d},
                {"pb", p->pb}, {"pe", p->pe}, {"op", p->op}, {"o", p->o}};

    fprintf(to,
            "    const problem p = {\n        sizeof p, %d, %d, %d, %d,\n"
            "        %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ",\n",
            (int)p->rank, (int)p->dtype, (int)p->unbatched, (int)p->has_bias,
            p->n, p->ci, p->co, p->g);
    for (size_t k = 0; k < sizeof axes / sizeof *axes; k++)
        fprintf(to, "        .%s = {%" PRId64 ", %" PRId64 ", %" PRId64 "},\n",
                axes[k].name, axes[k].v[0], axes[k].v[1], axes[k].v[2]);
    fputs("    };\n", to);
}

static void write_placed(const dc_problem *p, dc_tensor t, const char *from,
                         FILE *to)
{
    fprintf(to, "        {.name = \"%s\", .from = %s, .bytes = %zu},\n",
            dc_tensor_names[t], from, dc_problem_bytes(p, t));
}

/* The tensors of the call; the result is the last. */
static int write_tensors(const dc_problem *p, dc_op op, FILE *to)
{
    const dc_op_info *const info = &dc_ops[op];
    int count = 1;

    fputs("    tensor t[] = {\n", to);
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(p, op, info->in[k])) {
            write_placed(p, info->in[k], dc_tensor_names[info->in[k]], to);
            count++;
        }
    write_placed(p, info->out, "0", to);
    fputs("    };\n", to);
    return count;
}

static void write_call(const dc_problem *p, dc_op op, int tensors, FILE *to)
{
    const dc_op_info *const info = &dc_ops[op];
    int at = 0;

    fprintf(to,
            "    for (end = 1; end >= 0; end--) {\n"
            "        for (k = 0; k < %d; k++)\n"
            "            if (!place(&t[k], end))\n"
            "                return 2;\n"
            "        printf(\"%s, tensors at the %%s of their memory\\n\",\n"
            "               end ? \"end\" : \"begin\");\n"
            "        fflush(stdout);\n"
            "        status = impl->%s(&p",
            tensors, info->name, info->name);
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(p, op, info->in[k]))
            fprintf(to, ", t[%d].data", at++);
        else
            fputs(", 0", to);
    fprintf(
        to,
        ", t[%d].data);\n"
        "        for (k = 0; k < %d; k++)\n"
        "            outside += changed(&t[k]);\n"
        "        if (status != 0)\n"
        "            printf(\"status %%d\\n\", status);\n"
        "        for (k = 0; k < COUNT && status == 0; k++) {\n"
        "            element bits;\n"
        "            double got;\n\n"
        "            memcpy(&bits, t[%d].data + (size_t)k * sizeof bits,\n"
        "                   sizeof bits);\n"
        "            got = value(bits);\n"
        "            if (got >= accepted[k].lo && got <= accepted[k].hi)\n"
        "                continue;\n"
        "            wrong++;\n"
        "            printf(\"%s[%%d] = %%.17g, right is %%.17g\\n\", k,\n"
        "                   got, accepted[k].want);\n        }\n"
        "        bad |= wrong > 0 || outside > 0 || status != 0;\n"
        "        printf(\"%%d of %%d elements are wrong\\n\", wrong, COUNT);\n"
        "        wrong = 0;\n    }\n    return bad;\n}\n",
        at, tensors, at, dc_tensor_names[info->out]);
}

static void write_main(const dc_truth *t, dc_op op, FILE *to)
{
    const dc_problem *const p = &t->c.p;
    int tensors;

    fputs("\nint main(int argc, char **argv)\n{\n", to);
    write_problem(p, to);
    tensors = write_tensors(p, op, to);
    fprintf(to,
            "    void *lib = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;\n"
            "    const table *(*entry)(void) = 0;\n"
            "    void *symbol = lib ? dlsym(lib, \"deconform_plugin\") : 0;\n"
            "    const table *impl;\n"
            "    int status, k, end, wrong = 0, outside = 0, bad = 0;\n\n"
            "    memcpy(&entry, &symbol, sizeof entry);\n"
            "    impl = symbol ? entry() : 0;\n"
            "    if (!impl || !impl->%s) {\n"
            "        fprintf(stderr, \"usage: %%s ./lib.so\\n\", argv[0]);\n"
            "        return 2;\n    }\n",
            dc_ops[op].name);
    write_call(p, op, tensors, to);
}

static dc_status write_all(dc_truth *t, dc_op op, FILE *to)
{
    const dc_op_info *const info = &dc_ops[op];
    const int dtype = t->c.p.dtype;
    char name[DC_CASE_MAX];

    dc_case_print(&t->c, name);
    fprintf(to,
            "/* %s of\n * %s\n"
            " * cc -std=c11 THIS.c -o reproduce -ldl && ./reproduce ./lib.so "
            "*/\n%s%s"
            "typedef %s element;\n\nstatic double value(element bits)\n{\n"
            "%s}\n\n",
            info->name, name, contract, memory, formats[dtype].type,
            formats[dtype].value);
    for (int k = 0; k < info->takes; k++)
        if (dc_op_takes(&t->c.p, op, info->in[k]))
            write_tensor(t, info->in[k], to);
    write_accepted(t, op, to);
    write_main(t, op, to);
    return fflush(to) == 0 && !ferror(to) ? DC_OK : DC_FAILED;
}

dc_status dc_reproducer_write(const dc_case *c, dc_op op,
                              const dc_arithmetic *a, FILE *to, dc_error *e)
{
    dc_truth t;
    dc_status status;

    for (int k = DC_X; k < DC_TENSORS; k++)
        if (dc_problem_count(&c->p, (dc_tensor)k) > DC_REPRODUCER_MOST)
            return dc_error_set(e, DC_UNSUPPORTED, dc_tensor_names[k], -1,
                                "tensor %s is too large for a reproducer",
                                dc_tensor_names[k]);
    status = dc_truth_open(&t, c, e);
    if (status != DC_OK)
        return status;
    status = dc_truth_make(&t, op, a, e);
    if (status == DC_OK && write_all(&t, op, to) != DC_OK)
        status = dc_failed(e, "the reproducer cannot be written");
    dc_truth_close(&t);
    return status;
}
