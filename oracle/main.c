/* SPDX-License-Identifier: MIT
 *
 * The command line: the list of verbs, their errors, and the one place that
 * exits.
 */
#include <fcntl.h>
#include <malloc.h>
#include <mpfr.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oracle/bench/bench.h"
#include "oracle/fingerprint/fingerprint.h"
#include "oracle/selfcheck/selfcheck.h"
#include "oracle/subject/child.h"
#include "oracle/subject/host.h"
#include "oracle/verbs/verbs.h"
#include "ref/text.h"

#define VERSION "0.2.0"

/* Set by the first SIGINT or SIGTERM; the second one kills. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* ==== Verbs ============================================================= */

/* Serves a plug-in over the pipe protocol: what `verify` starts. */
static int run_host(const dc_env *env, int argc, char **argv, dc_error *e)
{
    (void)env;
    if (argc == 2)
        return dc_host_main(argv[1]);
    dc_invalid(e, "for internal use");
    return DC_EXIT_FAULT;
}

static int run_version(const dc_env *env, int argc, char **argv, dc_error *e)
{
    (void)argc, (void)argv, (void)e;
    printf("deconform %s, ABI %d\n", env->version, DC_ABI);
    return DC_EXIT_CONFORMS;
}

static int run_help(const dc_env *env, int argc, char **argv, dc_error *e);

static const dc_verb version = {
    .name = "version", .about = "version and plug-in ABI", .run = run_version};
static const dc_verb help = {.name = "help",
                             .about = "this text; help VERB: its options",
                             .run = run_help};
static const dc_verb host = {.name = "host", .run = run_host};

static const dc_verb *const verbs[] = {&dc_verify_verb,
                                       &dc_selfcheck_verb,
                                       &dc_cases_verb,
                                       &dc_show_verb,
                                       &dc_fingerprint_verb,
                                       &dc_vectors_verb,
                                       &dc_judge_pack_verb,
                                       &dc_bench_verb,
                                       &version,
                                       &help,
                                       &host};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* NULL if there is none of this name. */
static const dc_verb *find_verb(const char *name)
{
    for (int k = 0; k < VERBS; k++)
        if (strcmp(name, verbs[k]->name) == 0)
            return verbs[k];
    return NULL;
}

static int run_help(const dc_env *env, int argc, char **argv, dc_error *e)
{
    const dc_verb *verb = argc > 1 ? find_verb(argv[1]) : NULL;

    if (verb)
        dc_verb_help(verb, env->program);
    else if (argc > 1)
        dc_invalid(e, "unknown verb %.60s", argv[1]);
    if (argc > 1)
        return verb ? DC_EXIT_CONFORMS : DC_EXIT_FAULT;
    printf("usage: %s VERB [OPTIONS]\n\n", env->program);
    for (int k = 0; k < VERBS; k++)
        if (verbs[k]->about)
            printf("  %-11s %s\n", verbs[k]->name, verbs[k]->about);
    fputs(
        "\n"
        "VERB --help lists the options of a verb; the default is marked *\n"
        "\n"
        "exit: 0 conforms, 1 does not, 2 usage or harness fault, 77 nothing\n"
        "could be judged, 130 interrupted\n"
        "\n"
        "example: deconform verify --impl ./my.so --tier smoke --op forward\n",
        stdout);
    return DC_EXIT_CONFORMS;
}

/* ==== main ============================================================== */

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Keeps freed memory in the process.  Every case allocates megabytes; if they
 * were returned to the system each time, page faults would take a third of the
 * time that judging a network layer needs. */
static void keep_pages(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

/* A terminal that is closed ends the run like an interrupt, unless nohup has
 * made SIGHUP ignored. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = on_interrupt,
                                     .sa_flags = (int)SA_RESETHAND};
    struct sigaction now;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!sigaction(SIGHUP, NULL, &now) && now.sa_handler == SIG_DFL)
        sigaction(SIGHUP, &action, NULL);
}

/* Opens those of stdin, stdout and stderr that are closed, so that no file of
 * ours gets their number and with it what is printed. */
static bool open_standard(void)
{
    int d = 0;

    while (d >= 0 && d <= STDERR_FILENO)
        d = fcntl(d, F_GETFD) < 0 ? open("/dev/null", O_RDWR) : d + 1;
    return d >= 0;
}

/* Runs a verb or prints its help; prints its error if there is one. */
static int run_verb(const dc_verb *verb, const dc_env *env, int argc,
                    char **argv)
{
    dc_error e = {DC_OK, NULL, -1, ""};
    int code = DC_EXIT_CONFORMS;

    if (verb != &host)
        dc_child_adopt();
    if (verb->interruptible)
        catch_signals();
    if (dc_verb_wants_help(verb, argc, argv))
        dc_verb_help(verb, env->program);
    else
        code = verb->run(env, argc, argv, &e);
    if (code != DC_EXIT_FAULT && (fflush(stdout) != 0 || ferror(stdout))) {
        snprintf(e.text, sizeof e.text, "cannot write standard output");
        code = DC_EXIT_FAULT;
    }
    dc_text_tame(e.text); /* it may quote a file or a word of the shell */
    if (code == DC_EXIT_FAULT && e.text[0])
        fprintf(stderr, "deconform: %s: %s\n", verb->name, e.text);
    mpfr_free_cache();
    return code;
}

int main(int argc, char **argv)
{
    const dc_env env = {argv[0], VERSION, &interrupted};
    const char *name = argc > 1 ? argv[1] : "help";
    const dc_verb *verb;
    char word[64];

    if (!open_standard()) {
        fprintf(stderr, "deconform: cannot open /dev/null\n");
        return DC_EXIT_FAULT;
    }
    keep_pages();
    if (is_help(name))
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    verb = find_verb(name);
    if (verb)
        return run_verb(verb, &env, argc - (argc > 1), argv + (argc > 1));
    snprintf(word, sizeof word, "%.60s", name);
    dc_text_tame(word);
    fprintf(stderr, "deconform: unknown verb %s; try `%s help`\n", word,
            argv[0]);
    return DC_EXIT_FAULT;
}
