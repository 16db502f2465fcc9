/* SPDX-License-Identifier: MIT
 *
 * The options of `verify` and `cases`, from the command line.
 */
#ifndef DC_OPTIONS_H
#define DC_OPTIONS_H

#include "oracle/verbs/verify.h"

/* Reads argv[1..] (argv[0] is the verb) into v, whose program, self and
 * interrupted are set already.  The verb limits which options are known. */
dc_status dc_options_read(dc_verify *v, int argc, char **argv, dc_error *e);

/* Frees what reading took. */
void dc_options_free(dc_verify *v);

#endif
