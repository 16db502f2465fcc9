/* SPDX-License-Identifier: MIT
 *
 * The options of `bench` and its help.
 */
#include "oracle/bench/bench.h"

#include <stdio.h>
#include <string.h>

/* Seconds of a sample: long compared with the resolution of the clock and the
 * time slice of the scheduler; --small only tries things out. */
static const double SAMPLE = 0.02;
static const double SAMPLE_SMALL = 0.0005;

enum { REPEAT = 9, THREADS_MAX = 256 };

static dc_status read_rival(const dc_option *o, const char *value, void *to,
                            dc_error *e)
{
    dc_bench *const b = to;

    if (b->count == DC_BENCH_SUBJECTS)
        return dc_option_bad(o, value, "more than four to compare with", e);
    b->what[b->count++] = value;
    return DC_OK;
}

static const dc_option options[] = {
    {"impl", "A",
     "fast*, onednn, onednn-plain, xnnpack, torch,\n"
     "torch-native, ./lib.so, 'pipe:COMMAND', ...",
     DC_OPTION_TEXT(dc_bench, what[0])},
    {"vs", "B", "compared with A; up to four times", DC_OPTION_OWN(read_rival)},
    {"layers", "GLOB", "names of network layers, a list; * all",
     DC_OPTION_TEXT(dc_bench, layers)},
    {"op", "LIST", "of forward*,grad_input*,grad_weight*,grad_bias",
     DC_OPTION_OPS(dc_bench, ops)},
    {"dtype", "D", "f32*, f64, f16 or bf16", DC_OPTION_DTYPE(dc_bench, dtype)},
    {"threads", "N", "1*; passed to every implementation",
     DC_OPTION_WHOLE(dc_bench, plan.threads, 1, THREADS_MAX)},
    {"repeat", "N", "rounds per row, 9*",
     DC_OPTION_WHOLE(dc_bench, plan.repeat, 1, DC_BENCH_ROUNDS)},
    {"seconds", "S", "instead: rounds for S seconds per row, at least three",
     DC_OPTION_SECONDS(dc_bench, plan.seconds, 0.001, 60)},
    {"judge", NULL, "instead: the cost of judging the results of fast",
     DC_OPTION_FLAG(dc_bench, judge)},
    {"small", NULL, "layers scaled down: tries things out, measures nothing",
     DC_OPTION_FLAG(dc_bench, small)},
    {"csv", "FILE", "one line per layer, operation and implementation",
     DC_OPTION_TEXT(dc_bench, files[DC_BENCH_CSV])},
    {"json", "FILE", "one object",
     DC_OPTION_TEXT(dc_bench, files[DC_BENCH_JSON])},
    {"plot", "FILE", "SVG", DC_OPTION_TEXT(dc_bench, files[DC_BENCH_PLOT])},
    {.name = NULL}};

static void print_layers(void)
{
    int column = 79;

    for (int l = 0; l < dc_layers_count; l++) {
        const int n = (int)strlen(dc_layers[l].name);

        column += n + 1;
        if (column > 78) {
            fputs("\n ", stdout);
            column = n + 2;
        }
        printf(" %s", dc_layers[l].name);
    }
    putchar('\n');
}

const dc_verb dc_bench_verb = {
    .name = "bench",
    .about = "how fast, side by side",
    .options = options,
    .notes =
        "A and B take turns, A B A B ..., with the multiply-add peak and the\n"
        "memory measured between them; ratios are computed within each round.\n"
        "Shared objects run inside this process: if one crashes, so does the\n"
        "benchmark (`verify` says where).  A plug-in that exports\n"
        "deconform_bench (oracle/bench/bench_plugin.h) prepares outside the\n"
        "measured time: oneDNN's reorders are not counted.  Results are\n"
        "compared loosely, not judged.\n"
        "\n"
        "exit: 0 done, 2 usage or harness fault, 77 nothing could be "
        "measured,\n"
        "130 interrupted\n"
        "\n"
        "layers:",
    .more = print_layers,
    .interruptible = true,
    .run = dc_bench_run,
};

/* Mistakes that involve several options. */
static dc_status check_together(const dc_bench *b, dc_error *e)
{
    const char *const *const file = b->files;

    if (b->plan.seconds > 0 && b->plan.repeat)
        return dc_invalid(e, "--repeat and --seconds exclude each other");
    if (b->judge && (b->count > 1 || strcmp(b->what[0], "fast") != 0 ||
                     file[0] || file[1] || file[2] || b->plan.seconds > 0))
        return dc_invalid(e, "--judge measures fast alone and prints a table: "
                             "not with --impl, --vs, --csv, --json, --plot or "
                             "--seconds");
    for (int k = 0; k < DC_BENCH_FILES; k++)
        for (int l = 0; l < k; l++)
            if (file[k] && file[l] && strcmp(file[k], file[l]) == 0)
                return dc_invalid(e, "two reports into the same file %.60s",
                                  file[k]);
    return DC_OK;
}

dc_status dc_bench_read(dc_bench *b, int argc, char **argv, dc_error *e)
{
    dc_verb_line line;
    dc_status status;

    *b = (dc_bench){.what = {"fast"},
                    .count = 1,
                    .dtype = DC_F32,
                    .ops = {[DC_FORWARD] = true,
                            [DC_GRAD_INPUT] = true,
                            [DC_GRAD_WEIGHT] = true},
                    .plan.threads = 1};
    status = dc_verb_read(&dc_bench_verb, argc, argv, b, &line, e);
    if (status == DC_OK)
        status = check_together(b, e);
    if (!b->plan.repeat)
        b->plan.repeat = REPEAT;
    b->plan.sample = b->small ? SAMPLE_SMALL : SAMPLE;
    return status;
}
