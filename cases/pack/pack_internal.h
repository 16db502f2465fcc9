/* SPDX-License-Identifier: MIT
 *
 * What do the pack formats share?  Text that grows, bytes in little-endian
 * order, files that are read with a limit, and the one door through which a
 * foreign tensor comes in.  Only pack*.c include this file.
 */
#ifndef DC_PACK_INTERNAL_H
#define DC_PACK_INTERNAL_H

#include "cases/pack/pack.h"

/* ==== Writing =========================================================== */

/* Bytes that grow; a failed allocation is remembered until they are used. */
typedef struct {
    char *bytes;
    size_t size;
    size_t room;
    int failed;
} dc_pack_text;

void dc_pack_add(dc_pack_text *t, const void *bytes, size_t size);

/* Adds a line, of whatever length. */
void dc_pack_say(dc_pack_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the text as a file (DC_NOMEM when it had failed) and frees it. */
dc_status dc_pack_put_text(dc_pack_sink *to, const char *path, dc_pack_text *t,
                           dc_error *e);

/* Has each element one golden value?  Else DC_UNSUPPORTED. */
dc_status dc_pack_definite(const dc_pack_case *c, dc_error *e);

/* tensors/ID and a tail: the path of a file of a case. */
void dc_pack_path(const dc_pack_case *c, const char *tail,
                  char path[DC_PACK_PATH]);

/* Turns the bytes of each element round. */
void dc_pack_swap(int dtype, void *values, int64_t count);

/* Copies elements between native and little-endian order, either way. */
void dc_pack_little(int dtype, const void *from, void *to, int64_t count);

enum { DC_PACK_HEX = 40 };

/* A finite value as a hexadecimal constant of C, always normalised:
 * 0x1.8p+0, -0x0p+0; "inf", "-inf", "nan" for the others. */
void dc_pack_hex(double v, char text[DC_PACK_HEX]);

/* ==== Reading =========================================================== */

/* Reads a whole file of at most `most` bytes; the caller frees *bytes, which
 * has room for one byte more. */
dc_status dc_pack_slurp(const char *path, int64_t most, char **bytes,
                        size_t *size, dc_error *e);

/* The most bytes that the tensors in `want` can take, each with `each` bytes
 * an element, and 64 KiB for what is around them. */
int64_t dc_pack_most(const dc_problem *p, int want, int64_t each);

/* A foreign tensor announces itself. */
typedef struct {
    const char *file;
    const char *name; /* as it is written there, NAME_SIZE bytes of it */
    int name_size;
    const char *dtype; /* as it is written there */
    int right_dtype;
    int axes; /* its number; more than 5 need no shape */
    int64_t shape[5];
} dc_pack_found;

/* Axes and extents as an array of JSON has them; -1 for what is no number. */
struct json_t;
void dc_pack_json_shape(const struct json_t *shape, dc_pack_found *found);

/* Room for its bytes if it is one of `want` and is what the problem says;
 * else NULL, and the reason is noted where it is not simply unwanted. */
void *dc_pack_room(dc_pack_tensors *to, int want, const dc_pack_found *found);

/* Notes why a tensor for which room was given is not there after all. */
void dc_pack_spoil(dc_pack_tensors *to, void *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The tensor with this name (length given), or DC_TENSORS. */
dc_tensor dc_pack_tensor(const char *name, int size);

/* ==== The formats ======================================================= */

dc_status dc_pack_npz_write(const dc_pack_case *c, dc_pack_sink *to,
                            dc_error *e);
dc_status dc_pack_npz_read(const char *base, int want, dc_pack_tensors *to,
                           dc_error *e);
dc_status dc_pack_safetensors_write(const dc_pack_case *c, dc_pack_sink *to,
                                    dc_error *e);
dc_status dc_pack_safetensors_read(const char *base, int want,
                                   dc_pack_tensors *to, dc_error *e);
dc_status dc_pack_json_write(const dc_pack_case *c, dc_pack_sink *to,
                             dc_error *e);
dc_status dc_pack_json_read(const char *base, int want, dc_pack_tensors *to,
                            dc_error *e);
dc_status dc_pack_onnx_admit(const dc_pack_case *c, dc_error *e);
dc_status dc_pack_onnx_write(const dc_pack_case *c, dc_pack_sink *to,
                             dc_error *e);
dc_status dc_pack_onnx_read(const char *base, int want, dc_pack_tensors *to,
                            dc_error *e);
dc_status dc_pack_c_write(const dc_pack_case *c, dc_pack_sink *to, dc_error *e);
dc_status dc_pack_c_finish(const dc_pack_case *cases, int64_t count,
                           dc_pack_sink *to, dc_error *e);

#endif
