/* SPDX-License-Identifier: MIT
 *
 * The mode of a plug-in: what a test sets in DC_TEST_MODE.
 */
#ifndef MODES_H
#define MODES_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The environment is read once: a process of ours keeps its mode, and innermost
 * loops ask for it. */
static inline const char *mode_now(void)
{
    static const char *mode;

    if (!mode)
        mode = getenv("DC_TEST_MODE");
    if (!mode)
        mode = "";
    return mode;
}

static inline bool mode_is(const char *mode)
{
    return !strcmp(mode_now(), mode);
}

#endif
