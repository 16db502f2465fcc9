/* SPDX-License-Identifier: MIT
 *
 * Shared by the pack formats: a growing buffer, little-endian numbers, files
 * that are read up to a limit, and the checks of a foreign tensor.  Only
 * pack*.c include this file.
 */
#ifndef DC_PACK_INTERNAL_H
#define DC_PACK_INTERNAL_H

#include <stdbool.h>

#include "cases/pack/pack.h"

enum { DC_PACK_ALL = (1 << DC_TENSORS) - 1 }; /* every tensor */

/* ==== Writing =========================================================== */

/* A growing buffer.  A failed allocation sets `failed` and is reported by
 * dc_pack_put_text. */
typedef struct {
    char *bytes;
    size_t size;
    size_t capacity;
    bool failed;
} dc_pack_text;

void dc_pack_add(dc_pack_text *t, const void *bytes, size_t size);

/* Adds text as printf would print it, of any length. */
void dc_pack_print(dc_pack_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds the shape of tensor t as a JSON array. */
void dc_pack_print_shape(dc_pack_text *to, const dc_problem *p, dc_tensor t);

/* Adds the elements of tensor t in little-endian order. */
void dc_pack_add_tensor(dc_pack_text *to, const dc_problem *p, dc_tensor t,
                        const void *values);

/* Writes the buffer to a file and frees it.  DC_NOMEM if it had failed. */
dc_status dc_pack_put_text(dc_pack_sink *to, const char *path, dc_pack_text *t,
                           dc_error *e);

/* The path of a file of a case: tensors/ID and a tail. */
void dc_pack_path(const dc_pack_case *c, const char *tail,
                  char path[DC_PACK_PATH]);

/* Reverses the bytes of each element. */
void dc_pack_swap(int dtype, void *values, int64_t count);

/* Copies elements from native to little-endian order, or back. */
void dc_pack_little(int dtype, const void *from, void *to, int64_t count);

enum { DC_PACK_HEX = 40 };

/* A finite value as a normalised hexadecimal constant of C: 0x1.8p+0, -0x0p+0.
 * Else "inf", "-inf" or "nan". */
void dc_pack_hex(double v, char text[DC_PACK_HEX]);

/* ==== Reading =========================================================== */

/* Checks that ids, files and the text of SHA256SUMS fit the cases of a pack.
 * DC_FAILED with a sentence, DC_NOMEM. */
dc_status dc_pack_check(const dc_pack *pack, const char *sums, dc_error *e);

/* Reads a whole file of at most `most` bytes.  The caller frees *bytes, which
 * has space for one byte more.  DC_FAILED, DC_NOMEM. */
dc_status dc_pack_read_file(const char *path, int64_t most, char **bytes,
                            size_t *size, dc_error *e);

/* Upper bound for an element in json, the longest format, as bits and as a
 * constant, with quotes, commas and indentation. */
enum { DC_PACK_BYTES_EACH = 160 };

#define DC_PACK_ENDLESS ((int64_t)1 << 62)

/* Upper bound of the size of a file with the tensors in `want`, at `each` bytes
 * per element: 64 KiB more than the tensors, DC_PACK_ENDLESS at most. */
int64_t dc_pack_bytes_max(const dc_problem *p, dc_tensor_set want,
                          int64_t each);

/* What a foreign file says about a tensor. */
typedef struct {
    const char *file;
    const char *name; /* name_size bytes of text from the file */
    int name_size;
    const char *dtype; /* text from the file */
    bool right_dtype;
    int axes;
    int64_t shape[5]; /* the first five */
} dc_pack_found;

/* Sets axes and shape from a JSON array; to -1 if something is no number. */
struct json_t;
void dc_pack_json_shape(const struct json_t *shape, dc_pack_found *found);

/* A zeroed buffer in `to` for the elements of the tensor, if it is one of
 * `want` and has the type and the shape of the problem.  Else NULL, with the
 * reason in to->wrong or to->extra unless the tensor is merely unwanted. */
void *dc_pack_accept(dc_pack_tensors *to, dc_tensor_set want,
                     const dc_pack_found *found);

/* Records why tensor t (DC_TENSORS: an unknown one) is wrong, unless there is a
 * reason already, and frees its buffer.  Returns NULL. */
void *dc_pack_reject(dc_pack_tensors *to, dc_tensor t, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The tensor with this name of `size` bytes, or DC_TENSORS. */
dc_tensor dc_pack_tensor(const char *name, int size);

/* ==== The formats ======================================================= */

/* dc_pack_definite: DC_UNSUPPORTED if an element may have several golden
 * values. */
dc_pack_admit dc_pack_definite, dc_pack_onnx_admit;
dc_pack_write dc_pack_npz_write, dc_pack_safetensors_write, dc_pack_json_write,
    dc_pack_onnx_write, dc_pack_c_write;
dc_pack_read dc_pack_npz_read, dc_pack_safetensors_read, dc_pack_json_read,
    dc_pack_onnx_read;
dc_status dc_pack_c_finish(const dc_pack_case *cases, int64_t count,
                           dc_pack_sink *to, dc_error *e);

#endif
