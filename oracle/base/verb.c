/* SPDX-License-Identifier: MIT
 *
 * The one reader of command lines, and the help made of the same table.
 */
#include "oracle/base/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 32, FIRST_CODE = 256, HELP_COLUMN = 20 };

/* Does the verb have this option? */
static bool has(const dc_verb *verb, const dc_option *o)
{
    return o->verbs == 0 || o->verbs & verb->option_set;
}

/* The mistake that getopt_long found. */
static dc_status refuse(const dc_verb *verb, char **argv, int code, dc_error *e)
{
    if (code == ':')
        return dc_invalid(e, "%.60s needs a value", argv[optind - 1]);
    if (optopt >= FIRST_CODE)
        return dc_invalid(e, "--%s takes no value",
                          verb->options[optopt - FIRST_CODE].name);
    if (optopt > 0) /* one letter of several: argv[optind] may still hold it */
        return dc_invalid(e, "unknown option -%c", optopt);
    return dc_invalid(e, "unknown option %.60s", argv[optind - 1]);
}

static dc_status read_one(const dc_option *o, void *settings,
                          dc_verb_line *line, dc_error *e)
{
    const size_t at = strlen(line->reproduce);

    if (o->reproduce)
        snprintf(line->reproduce + at, sizeof line->reproduce - at, " --%s%s%s",
                 o->name, optarg ? " " : "", optarg ? optarg : "");
    return o->read(o, optarg, (char *)settings + o->at, e);
}

/* The verb's options for getopt_long, and a fresh start of it. */
static void begin(const dc_verb *verb, struct option table[OPTIONS_MAX + 2])
{
    int n = 0;

    for (int k = 0; verb->options && verb->options[k].name; k++) {
        const dc_option *o = &verb->options[k];

        if (has(verb, o) && n < OPTIONS_MAX)
            table[n++] = (struct option){
                o->name, o->value ? required_argument : no_argument, NULL,
                FIRST_CODE + k};
    }
    table[n++] = (struct option){"help", no_argument, NULL, 'h'};
    table[n] = (struct option){NULL, 0, NULL, 0};
    optind = 0; /* glibc: start over */
    opterr = 0;
}

bool dc_verb_wants_help(const dc_verb *verb, int argc, char **argv)
{
    struct option table[OPTIONS_MAX + 2];
    int code;

    begin(verb, table);
    do
        code = getopt_long(argc, argv, "-:h", table, NULL); /* '-': in order */
    while (code != 'h' && code != -1);
    return code == 'h';
}

dc_status dc_verb_read(const dc_verb *verb, int argc, char **argv,
                       void *settings, dc_verb_line *line, dc_error *e)
{
    struct option table[OPTIONS_MAX + 2];
    dc_status status = DC_OK;
    int code;

    memset(line, 0, sizeof *line);
    begin(verb, table);
    while (status == DC_OK &&
           (code = getopt_long(argc, argv, ":h", table, NULL)) != -1)
        status = code == '?' || code == ':'
                     ? refuse(verb, argv, code, e)
                     : read_one(&verb->options[code - FIRST_CODE], settings,
                                line, e);
    if (status != DC_OK)
        return status;
    line->words = argv + optind;
    line->n_words = argc - optind;
    return line->n_words > verb->words_max
               ? dc_invalid(e, "unexpected argument %.60s",
                            line->words[verb->words_max])
               : DC_OK;
}

void dc_verb_help(const dc_verb *verb, const char *program)
{
    printf("usage: %s %s%s%s%s\n\n", program, verb->name,
           verb->words ? " " : "", verb->words ? verb->words : "",
           verb->options ? " [OPTIONS]" : "");
    for (const dc_option *o = verb->options; o && o->name; o++) {
        const char *help = o->help;
        int column;

        if (!has(verb, o))
            continue;
        column = printf("  --%s%s%s", o->name, o->value ? " " : "",
                        o->value ? o->value : "");
        while (*help) {
            const int length = (int)strcspn(help, "\n");

            printf("%*s%.*s\n", column < HELP_COLUMN ? HELP_COLUMN - column : 1,
                   "", length, help);
            help += length + (help[length] == '\n');
            column = 0;
        }
    }
    if (verb->notes)
        printf("\n%s", verb->notes);
    if (verb->more)
        verb->more();
}
