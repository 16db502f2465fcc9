/* SPDX-License-Identifier: MIT
 *
 * `deconform vectors`: golden packs, and the audit of packs.
 */
#ifndef DC_VECTORS_H
#define DC_VECTORS_H

#include <signal.h>

/* The verb: reads argv[1..], writes the pack (or audits one) and returns the
 * exit code.  A fault is one sentence on stderr. */
int dc_vectors_main(int argc, char **argv, const char *version,
                    const volatile sig_atomic_t *interrupted);

#endif
