/* SPDX-License-Identifier: MIT
 *
 * What is a verb of the command line?  A name, a table of options, and a
 * function that runs it.  main.c lists the verbs and prints their errors.
 */
#ifndef DC_VERB_H
#define DC_VERB_H

#include <signal.h>

#include "oracle/base/option.h"

/* Exit codes. */
enum {
    DC_EXIT_CONFORMS = 0,
    DC_EXIT_FAILS = 1,
    DC_EXIT_FAULT = 2,
    DC_EXIT_NOTHING = 77, /* nothing could be judged */
    DC_EXIT_INTERRUPTED = 130
};

/* What main knows and verbs need. */
typedef struct {
    const char *program; /* argv[0]: printed commands begin with it */
    const char *version;
    const volatile sig_atomic_t *interrupted; /* set by SIGINT or SIGTERM */
} dc_env;

/* Runs a verb; argv[0] is its name.  Returns the exit code; with
 * DC_EXIT_FAULT, e holds the reason as a sentence that main prints as
 * "deconform: VERB: ...".  Flushing stdout is left to main. */
typedef int dc_verb_run(const dc_env *env, int argc, char **argv, dc_error *e);

typedef struct {
    const char *name;
    const char *about;        /* line in the overview; NULL: internal */
    const char *words;        /* arguments that are no options, as the help
                               * writes them; NULL: there are none */
    int words_max;            /* how many are allowed */
    const dc_option *options; /* NULL: none */
    unsigned option_set;      /* bit of this verb in dc_option.verbs */
    const char *notes;        /* text below the options, or NULL */
    void (*more)(void);       /* prints further help on stdout, or NULL */
    bool interruptible;       /* run watches env->interrupted */
    dc_verb_run *run;
} dc_verb;

enum { DC_VERB_REPRODUCE = 256 /* bytes of dc_verb_line.reproduce */ };

/* The parts of a command line that are not in the settings. */
typedef struct {
    char **words; /* the arguments that are no options, in order */
    int n_words;
    char reproduce[DC_VERB_REPRODUCE]; /* " --NAME VALUE" of each option that
                                        * a reproduction repeats */
} dc_verb_line;

/* Is --help or -h among the options of argv[1..]?  The value of an option is
 * none. */
bool dc_verb_wants_help(const dc_verb *verb, int argc, char **argv);

/* Reads the options of argv[1..], which do not ask for help, into `settings`,
 * the structure that the table's offsets refer to, wherever they are among the
 * words; "--" ends them.  Permutes argv.  DC_INVALID for the first mistake. */
dc_status dc_verb_read(const dc_verb *verb, int argc, char **argv,
                       void *settings, dc_verb_line *line, dc_error *e);

/* Prints the usage and the options of a verb on stdout. */
void dc_verb_help(const dc_verb *verb, const char *program);

#endif
