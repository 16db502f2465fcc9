/* SPDX-License-Identifier: MIT
 *
 * Resolves --impl WHAT to a command line, and loads a plug-in inside the host.
 */
#ifndef DC_PLUGIN_H
#define DC_PLUGIN_H

#include "oracle/subject/endpoint.h"

enum { DC_LAUNCH_WORDS = 8 };

/* How to start a subject's process. */
typedef struct {
    bool hosted; /* by `deconform host`, which guards; else a foreign command */
    char *argv[DC_LAUNCH_WORDS + 1]; /* owned; NULL after the last */
} dc_launch;

/* Resolves WHAT:
 *   fast           the built-in implementation, hosted
 *   mutant:ID      a mutant of the self-check, hosted
 *   pipe:COMMAND   sh -c COMMAND
 *   a/path, x.so   that shared object, hosted
 *   NAME           an adapter: NAME.so in the directory DECONFORM_PLUGINS,
 *                  else in .build/plugins next to our binary, hosted; or a
 *                  script in oracle/adapters next to our binary, as a pipe
 * DC_UNSUPPORTED if the adapter is not built, DC_INVALID if the name is not
 * known, DC_NOMEM. */
dc_status dc_plugin_find(const dc_subject *subject, dc_launch *launch,
                         dc_error *e);
void dc_plugin_forget(dc_launch *launch);

/* Prefixes argv with `env DECONFORM_THREADS=N OMP_NUM_THREADS=N`.  DC_NOMEM. */
dc_status dc_plugin_threads(dc_launch *launch, int threads, dc_error *e);

/* The implementation inside a host: built in (fast, mutant:ID), or a shared
 * object, whose table is checked: symbol, ABI number, name, at least one
 * function.  DC_FAILED if it is refused.  It stays loaded until the process
 * ends, because a library that keeps threads cannot be unloaded safely. */
dc_status dc_plugin_load(const char *what, const dc_impl **impl, dc_error *e);

#endif
