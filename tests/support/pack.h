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

/* The path of the case in the format, as read() wants it. */
static inline const char *base_of(const dc_pack_format *f,
                                  const dc_pack_case *c)
{
    return at("tensors/%s%s", c->id, f->suffix);
}

/* Writes the case and reads it back, if the format can. */
static inline void give_back(const dc_pack_format *format, dc_pack_case *c,
                             const char *spec)
{
    dc_pack_sink sink = {.root = home};
    dc_pack_tensors got = {.p = c->c.p};
    dc_error e;

    if (format->admit && format->admit(c, &e) != DC_OK)
        return;
    if (format->write(c, &sink, &e) != DC_OK)
        fail_msg("%s: %s", format->name, e.text);
    assert_true(sink.count >= 1);
    if (!format->read)
        return;
    if (format->read(base_of(format, c), format->tensors, &got, &e))
        fail_msg("%s: %s", format->name, e.text);
    for (int t = 0; t < DC_TENSORS; t++) {
        if (!(format->tensors & 1 << t) || !c->tensors[t]) {
            assert_null(got.data[t]);
            continue;
        }
        if (!got.data[t])
            fail_msg("%s: %s: %s", format->name, spec, got.wrong[t]);
        assert_memory_equal(got.data[t], c->tensors[t],
                            dc_problem_bytes(&c->c.p, (dc_tensor)t));
    }
    assert_string_equal(got.extra, "");
    dc_pack_release(&got);
}

#endif
