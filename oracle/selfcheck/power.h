/* SPDX-License-Identifier: MIT
 *
 * How sharp are the tools?  Measured over the zoo of mutants: the kill
 * matrix, how often a diagnosis is right, how small a case becomes.
 */
#ifndef DC_POWER_H
#define DC_POWER_H

/* `self-check OPTION`: --matrix FILE [ID]..., --power FILE [ID]... (FILE is
 * rewritten; the mutants of these IDs alone, or all); without any option, the
 * self-check itself.  Returns the exit code. */
int dc_power_main(int argc, char **argv);

#endif
