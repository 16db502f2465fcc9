/* SPDX-License-Identifier: MIT
 *
 * Options of `bench`: getopt_long finds them, each value is checked by name.
 */
#include "oracle/bench/bench.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "ref/format.h"

/* Seconds of a sample: long against the clock and the scheduler's tick; with
 * --small only to see that it runs. */
static const double SAMPLE = 0.02;
static const double SAMPLE_SMALL = 0.0005;

enum { REPEAT = 9, THREADS_MAX = 256 };

typedef enum {
    O_IMPL = 256,
    O_VS,
    O_LAYERS,
    O_OP,
    O_DTYPE,
    O_THREADS,
    O_REPEAT,
    O_SECONDS,
    O_SMALL,
    O_JUDGE,
    O_CSV,
    O_JSON,
    O_PLOT,
    O_HELP
} option;

static const struct option table[] = {
    {"impl", required_argument, NULL, O_IMPL},
    {"vs", required_argument, NULL, O_VS},
    {"layers", required_argument, NULL, O_LAYERS},
    {"op", required_argument, NULL, O_OP},
    {"dtype", required_argument, NULL, O_DTYPE},
    {"threads", required_argument, NULL, O_THREADS},
    {"repeat", required_argument, NULL, O_REPEAT},
    {"seconds", required_argument, NULL, O_SECONDS},
    {"small", no_argument, NULL, O_SMALL},
    {"judge", no_argument, NULL, O_JUDGE},
    {"csv", required_argument, NULL, O_CSV},
    {"json", required_argument, NULL, O_JSON},
    {"plot", required_argument, NULL, O_PLOT},
    {"help", no_argument, NULL, O_HELP},
    {NULL, 0, NULL, 0},
};

static dc_status bad(dc_error *e, const char *name, const char *value,
                     const char *want)
{
    return dc_error_set(e, DC_INVALID, NULL, -1, "--%s %.60s: %s", name, value,
                        want);
}

static dc_status read_ops(dc_bench *b, const char *list, dc_error *e)
{
    memset(b->ops, 0, sizeof b->ops);
    for (const char *word = list;; word++) {
        const size_t n = strcspn(word, ",");
        int op = 0;

        while (op < DC_OPS && (strlen(dc_ops[op].name) != n ||
                               memcmp(dc_ops[op].name, word, n) != 0))
            op++;
        if (op == DC_OPS)
            return bad(e, "op", list,
                       "a list of forward, grad_input, grad_weight, "
                       "grad_bias");
        b->ops[op] = true;
        word += n;
        if (!*word)
            return DC_OK;
    }
}

/* A whole number of 1..most. */
static dc_status read_whole(int *number, const char *name, const char *value,
                            int most, dc_error *e)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || n < 1 || n > most) {
        char want[64];

        snprintf(want, sizeof want, "a number of 1..%d", most);
        return bad(e, name, value, want);
    }
    *number = (int)n;
    return DC_OK;
}

static dc_status read_seconds(dc_bench *b, const char *value, dc_error *e)
{
    char *end;

    b->plan.seconds = strtod(value, &end);
    if (end == value || *end ||
        !(b->plan.seconds >= 0.001 && b->plan.seconds <= 60))
        return bad(e, "seconds", value, "seconds between 0.001 and 60");
    return DC_OK;
}

static dc_status read_one(dc_bench *b, int code, const char *value, dc_error *e)
{
    switch (code) {
    case O_IMPL:
        b->what[0] = value;
        return DC_OK;
    case O_VS:
        if (b->count == DC_BENCH_SUBJECTS)
            return bad(e, "vs", value, "more than four to compare with");
        b->what[b->count++] = value;
        return DC_OK;
    case O_LAYERS:
        b->layers = value;
        return DC_OK;
    case O_OP:
        return read_ops(b, value, e);
    case O_DTYPE:
        b->dtype = dc_format_find(value, strlen(value));
        return b->dtype < 0 ? bad(e, "dtype", value, "f32, f64, f16 or bf16")
                            : DC_OK;
    case O_THREADS:
        return read_whole(&b->plan.threads, "threads", value, THREADS_MAX, e);
    case O_REPEAT:
        return read_whole(&b->plan.repeat, "repeat", value, DC_BENCH_ROUNDS, e);
    case O_SECONDS:
        return read_seconds(b, value, e);
    case O_SMALL:
        b->small = true;
        return DC_OK;
    case O_JUDGE:
        b->judge = true;
        return DC_OK;
    case O_CSV:
        b->files[DC_BENCH_CSV] = value;
        return DC_OK;
    case O_JSON:
        b->files[DC_BENCH_JSON] = value;
        return DC_OK;
    case O_PLOT:
        b->files[DC_BENCH_PLOT] = value;
        return DC_OK;
    default:
        b->help = true;
        return DC_OK;
    }
}

/* Things that one option alone cannot know. */
static dc_status check_together(const dc_bench *b, dc_error *e)
{
    const char *const *const file = b->files;

    if (b->plan.seconds > 0 && b->plan.repeat)
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "--repeat and --seconds exclude each other");
    if (b->judge && (b->count > 1 || strcmp(b->what[0], "fast") != 0 ||
                     file[0] || file[1] || file[2] || b->plan.seconds > 0))
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "--judge measures fast alone and prints a "
                            "table: not with --impl, --vs, --csv, --json, "
                            "--plot or --seconds");
    for (int k = 0; k < 3; k++)
        for (int l = 0; l < k; l++)
            if (file[k] && file[l] && strcmp(file[k], file[l]) == 0)
                return dc_error_set(e, DC_INVALID, NULL, -1,
                                    "two reports into the same file "
                                    "%.60s",
                                    file[k]);
    return DC_OK;
}

dc_status dc_bench_read(dc_bench *b, int argc, char **argv, dc_error *e)
{
    dc_status status = DC_OK;
    int code;

    *b = (dc_bench){.what = {"fast"}, .count = 1, .dtype = DC_F32};
    b->ops[DC_FORWARD] = b->ops[DC_GRAD_INPUT] = b->ops[DC_GRAD_WEIGHT] = true;
    b->plan.threads = 1;
    optind = 0; /* glibc: start over */
    opterr = 0;
    while (status == DC_OK &&
           (code = getopt_long(argc, argv, "+:", table, NULL)) != -1) {
        if (code == '?' || code == ':')
            return dc_error_set(e, DC_INVALID, NULL, -1,
                                code == '?' ? "unknown option %.60s"
                                            : "%.60s needs a value",
                                argv[optind - 1]);
        status = read_one(b, code, optarg, e);
    }
    if (status == DC_OK && optind < argc)
        return dc_error_set(e, DC_INVALID, NULL, -1,
                            "unexpected argument %.60s", argv[optind]);
    if (status == DC_OK)
        status = check_together(b, e);
    if (!b->plan.repeat)
        b->plan.repeat = REPEAT;
    b->plan.sample = b->small ? SAMPLE_SMALL : SAMPLE;
    return status;
}
