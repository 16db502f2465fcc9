/* SPDX-License-Identifier: MIT
 *
 * For tests of ONNX files: protobuf messages built byte by byte, so that they
 * can also be wrong.
 */
#ifndef TESTS_PROTOBUF_H
#define TESTS_PROTOBUF_H

#include "ref/format.h"
#include "tests/support/pack.h"

typedef struct {
    unsigned char at[2048];
    size_t size;
} blob;

enum { VARINT = 0, WIDE = 1, BYTES = 2, NARROW = 5 }; /* wire types */

static inline void add_raw(blob *b, const void *bytes, size_t size)
{
    assert_true(b->size + size <= sizeof b->at);
    if (size)
        memcpy(b->at + b->size, bytes, size);
    b->size += size;
}

static inline void add_varint(blob *b, uint64_t v)
{
    do {
        const unsigned char byte =
            (unsigned char)((v & 127) | (v > 127 ? 128 : 0));

        add_raw(b, &byte, 1);
        v >>= 7;
    } while (v);
}

static inline void add_number(blob *b, int field, int64_t v)
{
    add_varint(b, (uint64_t)field << 3 | VARINT);
    add_varint(b, (uint64_t)v);
}

static inline void add_bytes(blob *b, int field, const void *bytes, size_t size)
{
    add_varint(b, (uint64_t)field << 3 | BYTES);
    add_varint(b, size);
    add_raw(b, bytes, size);
}

static inline void add_text(blob *b, int field, const char *text)
{
    add_bytes(b, field, text, strlen(text));
}

static inline void add_blob(blob *b, int field, const blob *message)
{
    add_bytes(b, field, message->at, message->size);
}

/* ==== Tensors of ONNX =================================================== */

/* Field numbers of TensorProto. */
enum { DIMS = 1, TYPE = 2, FLOATS = 4, INT32S = 5, RAW = 9, DOUBLES = 10 };

/* Adds the numbers 1, 2, ... of type dtype to the field: packed if wire is
 * BYTES, else each with its own tag.  INT32S holds 32-bit words. */
static inline void add_values(blob *b, int field, int wire, int dtype,
                              int count)
{
    blob all = {.size = 0};
    blob *const to = wire == BYTES ? &all : b;

    for (int i = 0; i < count; i++) {
        double v = 0;

        if (wire != BYTES)
            add_varint(b, (uint64_t)field << 3 | (unsigned)wire);
        dc_format_set(dtype, &v, 0, i + 1);
        if (wire == VARINT || field == INT32S) {
            /* readers must ignore the upper half of the word */
            add_varint(to, dc_format_bits(dtype, &v, 0) | ~(uint64_t)0xffff);
            continue;
        }
        dc_pack_little(dtype, &v, &v, 1);
        add_raw(to, &v,
                wire == WIDE     ? 8
                : wire == NARROW ? 4
                                 : (size_t)dc_formats[dtype].size);
    }
    if (wire == BYTES)
        add_bytes(b, field, all.at, all.size);
}

/* Adds extents, one per character: a digit, "-" for -1, "!" for far beyond and
 * "*" for just at the limit of a problem read from a file. */
static inline void add_dims(blob *b, const char *dims)
{
    for (; *dims; dims++)
        add_number(b, DIMS,
                   *dims == '-'   ? -1
                   : *dims == '!' ? INT64_MAX
                   : *dims == '*' ? 1 << 26
                                  : *dims - '0');
}

#endif
