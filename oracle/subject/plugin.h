/* SPDX-License-Identifier: MIT
 *
 * What does --impl WHAT mean, and is the shared object that it names a
 * plug-in?
 */
#ifndef DC_PLUGIN_H
#define DC_PLUGIN_H

#include "oracle/subject/endpoint.h"

/* How to start a subject's process. */
enum { DC_LAUNCH_WORDS = 8 };
typedef struct {
    int hosted; /* 1: our own host, which guards; 0: a foreign command */
    char *argv[DC_LAUNCH_WORDS + 1]; /* owned; NULL after the last */
} dc_launch;

/* Resolves WHAT:
 *   fast           the built-in implementation, hosted
 *   mutant:ID      a mutant of the self-check, hosted
 *   pipe:COMMAND   sh -c COMMAND
 *   a/path, x.so   that shared object, hosted
 *   NAME           an adapter: NAME.so in the directory DECONFORM_PLUGINS,
 *                  else in .build/plugins beside our binary, hosted; or a
 *                  script in oracle/adapters beside our binary, as a pipe
 * DC_UNSUPPORTED when an adapter is not built, DC_INVALID when the name is not
 * known, DC_NOMEM. */
dc_status dc_plugin_find(const dc_subject *subject, dc_launch *route,
                         dc_error *e);
void dc_plugin_forget(dc_launch *route);

/* Puts `env DECONFORM_THREADS=N OMP_NUM_THREADS=N` in front.  DC_NOMEM. */
dc_status dc_plugin_threads(dc_launch *route, int threads, dc_error *e);

/* The implementation inside a host: built in (fast, mutant:ID), or a shared
 * object, whose table is checked: symbol, ABI number, name, at least one
 * function.  It stays loaded until the process ends, for a library
 * that keeps threads cannot be unloaded safely. */
dc_status dc_plugin_load(const char *what, const dc_impl **impl, dc_error *e);

#endif
