/* SPDX-License-Identifier: MIT
 *
 * The mode of a plug-in: what a test sets in DC_TEST_MODE.
 */
#ifndef MODES_H
#define MODES_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline const char *mode_now(void)
{
    const char *mode = getenv("DC_TEST_MODE");

    return mode ? mode : "";
}

static inline bool mode_is(const char *mode)
{
    return !strcmp(mode_now(), mode);
}

#endif
