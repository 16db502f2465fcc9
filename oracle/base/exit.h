/* SPDX-License-Identifier: MIT
 *
 * Exit codes of the command line.
 */
#ifndef DC_EXIT_H
#define DC_EXIT_H

enum {
    DC_EXIT_CONFORMS = 0,
    DC_EXIT_FAILS = 1,
    DC_EXIT_FAULT = 2,
    DC_EXIT_NOTHING = 77, /* nothing could be judged */
    DC_EXIT_INTERRUPTED = 130
};

#endif
