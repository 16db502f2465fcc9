/* SPDX-License-Identifier: MIT
 *
 * The verb `fingerprint`: options, ten lines for people, JSON for machines.
 */
#include "oracle/fingerprint/fingerprint.h"

#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"
#include "oracle/base/exit.h"

typedef struct {
    const char *label; /* for people */
    const char *key;   /* in JSON */
    size_t at;         /* of the text in dc_fingerprint */
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

static int fault(const char *text)
{
    fprintf(stderr, "deconform: fingerprint: %s\n", text);
    return DC_EXIT_FAULT;
}

static void print_text(const dc_fingerprint *f, const char *name,
                       const char *version)
{
    printf("%-20s  %s %s, forward in %s\n", "implementation", name, version,
           dc_formats[f->dtype].name);
    if (f->accumulator_bits)
        printf("%-20s  %d significand bits\n", "accumulator",
               f->accumulator_bits);
    else
        printf("%-20s  wider than can be seen\n", "accumulator");
    for (int k = 0; k < ROWS; k++)
        printf("%-20s  %s\n", rows[k].label, (const char *)f + rows[k].at);
}

static int write_json(const dc_fingerprint *f, const char *name,
                      const char *version, const char *path)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:i, s:i}", "name", name, "version", version,
                  "dtype", dc_formats[f->dtype].name, "accumulator_bits",
                  f->accumulator_bits, "terms", DC_FINGERPRINT_TERMS);
    int bad = o == NULL;

    for (int k = 0; k < ROWS && !bad; k++)
        bad = json_object_set_new(o, rows[k].key,
                                  json_string((const char *)f + rows[k].at));
    if (!bad)
        bad = json_dump_file(o, path, JSON_INDENT(2));
    json_decref(o);
    return bad;
}

int dc_fingerprint_main(int argc, char **argv)
{
    static const struct option table[] = {
        {"impl", required_argument, NULL, 'i'},
        {"dtype", required_argument, NULL, 'd'},
        {"timeout", required_argument, NULL, 't'},
        {"json", required_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    dc_subject subject = {"fast", NULL, 10};
    const char *json = NULL;
    int dtype = DC_F32;
    dc_endpoint *end = NULL;
    dc_fingerprint f;
    dc_error e;
    int code;

    optind = 0;
    while ((code = getopt_long(argc, argv, "+", table, NULL)) != -1) {
        char *stop = NULL;
        if (code == 'i')
            subject.what = optarg;
        else if (code == 'j')
            json = optarg;
        else if (code == 'd')
            dtype = dc_format_find(optarg, strlen(optarg));
        else if (code == 't')
            subject.timeout = strtod(optarg, &stop);
        else
            return DC_EXIT_FAULT; /* getopt has said why */
        if (dtype < 0)
            return fault("--dtype: f64, f32, f16 or bf16");
        if (stop && (stop == optarg || *stop || !(subject.timeout >= 0.01) ||
                     subject.timeout > 86400))
            return fault("--timeout: seconds between 0.01 and 86400");
    }
    if (optind < argc)
        return fault("an unexpected argument");
    if (dc_endpoint_open(&end, &subject, &e) != DC_OK)
        return fault(e.text);
    code = DC_EXIT_CONFORMS;
    if (dc_fingerprint_take(end, dtype, &f, &e) != DC_OK)
        code = fault(e.text);
    if (code == DC_EXIT_CONFORMS)
        print_text(&f, dc_endpoint_name(end), dc_endpoint_version(end));
    if (code == DC_EXIT_CONFORMS && json &&
        write_json(&f, dc_endpoint_name(end), dc_endpoint_version(end), json))
        code = fault("cannot write the JSON file");
    dc_endpoint_close(end);
    if (fflush(stdout))
        code = fault("cannot write standard output");
    return code;
}
