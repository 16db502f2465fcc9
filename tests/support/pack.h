/* SPDX-License-Identifier: MIT
 *
 * For tests of packs: a temporary directory and files in it.
 */
#ifndef TESTS_PACK_H
#define TESTS_PACK_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/pack/pack_internal.h"

static char home[64];

/* The path of a file in the directory; valid for the next three calls. */
static inline const char *at(const char *format, ...)
{
    static char text[4][512];
    static int turn;
    char *to = text[turn++ % 4];
    va_list args;
    int length = snprintf(to, 512, "%s/", home);

    va_start(args, format);
    vsnprintf(to + length, 512 - (size_t)length, format, args);
    va_end(args);
    return to;
}

/* Writes a file.  An old one is removed first, because some file systems flush
 * a file that is truncated. */
static inline void put(const char *path, const void *bytes, size_t size)
{
    FILE *f;

    (void)unlink(path);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static inline int start(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/dc-pack-XXXXXX");
    return mkdtemp(home) ? 0 : -1;
}

static inline int stop(void **state)
{
    dc_pack_dir d;

    (void)state;
    memset(&d, 0, sizeof d);
    snprintf(d.part, sizeof d.part, "%s", home);
    dc_pack_abort(&d);
    return 0;
}

#endif
