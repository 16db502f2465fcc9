/* SPDX-License-Identifier: MIT
 *
 * The hidden verb `deconform host WHAT`: calls a plug-in in a process that may
 * die.  It serves the pipe protocol on its stdin and stdout, calls through
 * guard.c, and reports where a fatal access was.
 */
#ifndef DC_HOST_H
#define DC_HOST_H

/* Serves the shared object at path `what`, or a built-in implementation, until
 * its input ends.  Returns the exit status: 0, or 2 if it reads something that
 * is no request. */
int dc_host_main(const char *what);

#endif
