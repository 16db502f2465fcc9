/* SPDX-License-Identifier: MIT
 *
 * The hidden verb `deconform host WHAT`: how is a plug-in called in a process
 * that may die?  It serves the pipe protocol on what were its stdin and
 * stdout, calls through guard.c, and says where a fatal access was.
 */
#ifndef DC_HOST_H
#define DC_HOST_H

/* Serves the shared object at path `what`, or the built-in one for "fast",
 * until end of input.  Returns the exit status: 0, or 2 when what it reads is
 * no request. */
int dc_host_main(const char *what);

#endif
