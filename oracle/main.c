/* SPDX-License-Identifier: MIT
 *
 * The command line: verbs, and the one place that exits.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cases/space/certificate.h"
#include "ref/format.h"
#include "oracle/verbs/judge_pack.h"
#include "oracle/bench/bench.h"
#include "oracle/fingerprint/fingerprint.h"
#include "oracle/subject/host.h"
#include "oracle/verbs/options.h"
#include "oracle/selfcheck/power.h"
#include "oracle/verbs/show.h"
#include "oracle/verbs/vectors.h"
#include "oracle/verbs/verify.h"

#define VERSION "0.1.0"

/* Set by the first SIGINT or SIGTERM; the second one kills. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static int fault(const char *text)
{
    fprintf(stderr, "deconform: %s\n", text);
    return DC_EXIT_FAULT;
}

/* ==== Verbs ============================================================= */

static int verb_verify(int argc, char **argv, const char *program)
{
    dc_verify v = {.program = program, .interrupted = &interrupted};
    const struct sigaction action = {.sa_handler = on_interrupt,
                                     .sa_flags = (int)SA_RESETHAND};
    dc_error e;
    int code;

    if (dc_options_read(&v, argc, argv, &e) != DC_OK)
        return fault(e.text);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    code = dc_verify_run(&v);
    dc_options_free(&v);
    return code;
}

static int print_certificate(const dc_verify *v)
{
    dc_sweep sweep = v->sweep;
    dc_coverage coverage[2];
    dc_status status = dc_sweep_open(&sweep);

    if (status == DC_OK)
        status = dc_certificate(&sweep, stdout, coverage);
    dc_sweep_close(&sweep);
    if (status != DC_OK)
        return fault("out of memory");
    return fflush(stdout) == 0 ? DC_EXIT_CONFORMS
                               : fault("cannot write standard output");
}

static int verb_cases(int argc, char **argv, const char *program)
{
    dc_verify v = {.program = program, .interrupted = &interrupted};
    dc_selection s;
    dc_error e;

    if (dc_options_read(&v, argc, argv, &e) != DC_OK)
        return fault(e.text);
    if (v.sweep.n_dtypes == 0) {
        for (int d = 0; d < DC_FORMATS; d++)
            v.sweep.dtypes[d] = d; /* f64 and f32 come first */
        v.sweep.n_dtypes = v.certificate ? DC_FORMATS : v.n_cases ? 0 : 2;
    }
    if (v.certificate) {
        dc_options_free(&v);
        return print_certificate(&v);
    }
    if (dc_verify_select(&v, &s, &e) != DC_OK) {
        dc_options_free(&v);
        return fault(e.text);
    }
    for (int64_t i = 0; i < s.count; i++) {
        char text[DC_CASE_MAX];
        dc_item_print(&s.items[i], text);
        puts(text);
    }
    dc_select_free(&s);
    dc_options_free(&v);
    return fflush(stdout) == 0 ? DC_EXIT_CONFORMS
                               : fault("cannot write standard output");
}

static int verb_show(int argc, char **argv, const char *program)
{
    (void)program;
    return dc_show_main(argc, argv);
}

static int verb_bench(int argc, char **argv, const char *program)
{
    const struct sigaction action = {.sa_handler = on_interrupt,
                                     .sa_flags = (int)SA_RESETHAND};

    (void)program;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return dc_bench_main(argc, argv, &interrupted);
}

static int verb_vectors(int argc, char **argv, const char *program)
{
    const struct sigaction action = {.sa_handler = on_interrupt,
                                     .sa_flags = (int)SA_RESETHAND};

    (void)program;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return dc_vectors_main(argc, argv, VERSION, &interrupted);
}

static int verb_judge(int argc, char **argv, const char *program)
{
    const struct sigaction action = {.sa_handler = on_interrupt,
                                     .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return dc_judge_pack_main(argc, argv, program, &interrupted);
}

static int verb_selfcheck(int argc, char **argv, const char *program)
{
    (void)program;
    return dc_power_main(argc, argv);
}

static int verb_fingerprint(int argc, char **argv, const char *program)
{
    (void)program;
    return dc_fingerprint_main(argc, argv);
}

static int verb_version(int argc, char **argv, const char *program)
{
    (void)argc;
    (void)argv;
    (void)program;
    printf("deconform %s, ABI %d\n", VERSION, DC_ABI);
    return DC_EXIT_CONFORMS;
}

static int verb_host(int argc, char **argv, const char *program)
{
    (void)program;
    return argc == 2 ? dc_host_main(argv[1]) : fault("host: for internal use");
}

static int verb_later(int argc, char **argv, const char *program)
{
    (void)argc;
    (void)program;
    fprintf(stderr, "deconform: the verb %s is not there yet\n", argv[0]);
    return DC_EXIT_FAULT;
}

static int verb_help(int argc, char **argv, const char *program);

/* help is NULL for verbs that are not for people. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv, const char *program);
    const char *help;
} verbs[] = {
    {"verify", verb_verify, "judge an implementation (options below)"},
    {"self-check", verb_selfcheck, "is the judge itself sound?"},
    {"cases", verb_cases, "print the case strings of a tier"},
    {"show", verb_show, "CASE... [--prove --impl WHAT]: sizes, counts, calls"},
    {"fingerprint", verb_fingerprint,
     "which arithmetic does --impl WHAT use, in --dtype D?"},
    {"version", verb_version, "version and plug-in ABI"},
    {"help", verb_help, "this text"},
    {"vectors", verb_vectors, "DIR --format F: golden vectors (below)"},
    {"judge", verb_judge, "DIR --answers DIR2: answers that ran elsewhere"},
    {"bench", verb_bench, "how fast, side by side (bench --help)"},
    {"merge", verb_later, NULL},
    {"host", verb_host, NULL},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static int verb_help(int argc, char **argv, const char *program)
{
    (void)argc;
    (void)argv;
    printf("usage: %s VERB [OPTIONS]\n\n", program);
    for (int k = 0; k < VERBS; k++)
        if (verbs[k].help)
            printf("  %-11s %s\n", verbs[k].name, verbs[k].help);
    fputs(
        "\n"
        "verify: the default is marked *\n"
        "  --impl WHAT       fast*, onednn, onednn-plain, xnnpack, torch,\n"
        "                    torch-native, ./lib.so, 'pipe:COMMAND', "
        "mutant:ID\n"
        "  --tier T          smoke, ci*, full, large\n"
        "  --case CASE       this case alone (may be repeated)\n"
        "  --match GLOB      cases whose string or name matches\n"
        "  --dtype LIST      of f64,f32,f16,bf16; * those that are offered\n"
        "  --op LIST         of forward,grad_input,grad_weight,grad_bias; * "
        "all\n"
        "  --seed N          of the random sweep, 1*\n"
        "  --shard K/N       every N-th case, from the K-th\n"
        "  --jobs J          workers, one a core*\n"
        "  --timeout SEC     per call, 10*\n"
        "  --max-failures N  stop after N failing cases; 0* never\n"
        "  --accumulate D    accumulator that the implementation declares\n"
        "  --declare LIST    of transform,truncating,flush,nondeterministic,"
        "tf32\n"
        "  --strict          less precise than usual is a failure\n"
        "  --json FILE       one JSON object a line\n"
        "  --junit FILE      JUnit XML\n"
        "  --no-shrink       do not reduce failing cases to smallest ones\n"
        "  --reproducer FILE the first smallest case as a C program\n"
        "\n"
        "cases: --tier, --case, --match, --dtype, --seed, --shard;\n"
        "  --certificate     which pairs and triples of classes of parameters\n"
        "                    the tier asks, and why not the others\n"
        "vectors: --format npz, onnx, safetensors, json, c; --tier also "
        "layers;\n"
        "  --dtype, --match, --case, --seed, --jobs as above;\n"
        "  --audit DIR       which defects can a pack not see?\n"
        "self-check: --matrix FILE.csv: which check kills which mutant;\n"
        "  --power FILE.md: how well are mutants diagnosed and shrunk?\n"
        "judge: --op, --case, --match, --accumulate, --declare, --strict,\n"
        "  --jobs, --max-failures, --json, --junit as above\n"
        "\n"
        "exit: 0 conforms, 1 does not, 2 usage or harness fault, 77 nothing\n"
        "could be judged, 130 interrupted\n"
        "\n"
        "example: deconform verify --impl ./my.so --tier smoke --op forward\n",
        stdout);
    return DC_EXIT_CONFORMS;
}

static int is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Tensors of megabytes come and go with every case.  Returned to the system
 * each time, their pages would cost a third of what judging a layer does. */
static void keep_pages(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "help";

    keep_pages();
    if (is_help(verb) || /* bench has options enough for a page of its own */
        (argc == 3 && is_help(argv[2]) && strcmp(verb, "bench") != 0))
        verb = "help";
    if (strcmp(verb, "--version") == 0)
        verb = "version";
    for (int k = 0; k < VERBS; k++)
        if (strcmp(verb, verbs[k].name) == 0)
            return verbs[k].run(argc - (argc > 1), argv + (argc > 1), argv[0]);
    fprintf(stderr, "deconform: unknown verb %.60s; try `%s help`\n", verb,
            argv[0]);
    return DC_EXIT_FAULT;
}
