/* SPDX-License-Identifier: MIT
 *
 * The verb `fingerprint`: its options, ten lines for people, JSON for machines.
 */
#include "oracle/fingerprint/fingerprint.h"

#include <jansson.h>

#include "ref/format.h"

typedef struct {
    const char *label; /* for people */
    const char *key;   /* in JSON */
    size_t at;         /* offset of the text in dc_fingerprint */
} row;

#define ROW(label, field)                                                      \
    {                                                                          \
        label, #field, offsetof(dc_fingerprint, field)                         \
    }

static const row rows[] = {
    ROW("input conversion", input),
    ROW("products", products),
    ROW("rounding", rounding),
    ROW("subnormals", subnormals),
    ROW("bias", bias),
    ROW("order over channels", order),
    ROW("order over taps", taps),
    ROW("repetition", repeat),
};
enum { ROWS = sizeof rows / sizeof *rows };

static void print_text(const dc_fingerprint *f, const dc_hello *hello)
{
    printf("%-20s  %s %s, forward in %s", "implementation", hello->name,
           hello->version, dc_formats[f->dtype].name);
    if (f->rank > 1)
        printf(", asked in %dd", f->rank);
    printf(f->groups > 1 ? ", %d groups\n" : "\n", f->groups);
    if (f->accumulator_bits)
        printf("%-20s  %d significand bits\n", "accumulator",
               f->accumulator_bits);
    else
        printf("%-20s  wider than can be seen\n", "accumulator");
    for (int k = 0; k < ROWS; k++)
        printf("%-20s  %s\n", rows[k].label, (const char *)f + rows[k].at);
}

static dc_status write_json(const dc_fingerprint *f, const dc_hello *hello,
                            const char *path, dc_error *e)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i}", "name", hello->name,
                  "version", hello->version, "dtype", dc_formats[f->dtype].name,
                  "rank", f->rank, "groups", f->groups, "accumulator_bits",
                  f->accumulator_bits, "terms", DC_FINGERPRINT_TERMS);
    bool written = o != NULL;

    for (int k = 0; k < ROWS && written; k++)
        written =
            json_object_set_new(o, rows[k].key,
                                json_string((const char *)f + rows[k].at)) == 0;
    written = written && json_dump_file(o, path, JSON_INDENT(2)) == 0;
    json_decref(o);
    return written ? DC_OK : dc_failed(e, "cannot write %.160s", path);
}

typedef struct {
    dc_subject subject;
    int dtype;
    const char *json; /* file, or NULL */
} settings;

static const dc_option options[] = {
    {"impl", "WHAT",
     "fast*, onednn, onednn-plain, xnnpack, torch,\n"
     "torch-native, ./lib.so, 'pipe:COMMAND', mutant:ID",
     DC_OPTION_TEXT(settings, subject.what)},
    {"dtype", "D", "f64, f32*, f16 or bf16", DC_OPTION_DTYPE(settings, dtype)},
    {"timeout", "SEC", "seconds per call, 10*",
     DC_OPTION_SECONDS(settings, subject.timeout, 0.01, 86400)},
    {"json", "FILE", "one object", DC_OPTION_TEXT(settings, json)},
    {.name = NULL}};

static int run(const dc_env *env, int argc, char **argv, dc_error *e)
{
    settings s = {.subject = {"fast", NULL, 10}, .dtype = DC_F32};
    dc_verb_line line;
    dc_endpoint *end = NULL;
    dc_fingerprint f;
    dc_status status =
        dc_verb_read(&dc_fingerprint_verb, argc, argv, &s, &line, e);

    (void)env;
    if (status == DC_OK)
        status = dc_endpoint_open(&end, &s.subject, e);
    if (status == DC_OK)
        status = dc_fingerprint_run(end, s.dtype, &f, e);
    if (status == DC_OK)
        print_text(&f, dc_endpoint_hello(end));
    if (status == DC_OK && s.json)
        status = write_json(&f, dc_endpoint_hello(end), s.json, e);
    dc_endpoint_close(end);
    return status == DC_OK ? DC_EXIT_CONFORMS : DC_EXIT_FAULT;
}

const dc_verb dc_fingerprint_verb = {
    .name = "fingerprint",
    .about = "which arithmetic does an implementation use?",
    .options = options,
    .notes = "exit: 0 done, 2 usage or harness fault\n",
    .run = run,
};
