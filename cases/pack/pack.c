/* SPDX-License-Identifier: MIT
 *
 * Which formats are there, and what do they share when they write and when
 * they read?
 */
#include "cases/pack/pack_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ref/format.h"

enum {
    ALL = (1 << DC_TENSORS) - 1,
    /* ONNX has no operator for the gradients */
    FORWARD = 1 << DC_X | 1 << DC_W | 1 << DC_B | 1 << DC_Y
};

const dc_pack_format dc_pack_formats[] = {
    {"npz", ".npz", ALL, NULL, dc_pack_npz_write, dc_pack_npz_read, NULL},
    {"onnx", "", FORWARD, dc_pack_onnx_admit, dc_pack_onnx_write,
     dc_pack_onnx_read, NULL},
    {"safetensors", ".safetensors", ALL, NULL, dc_pack_safetensors_write,
     dc_pack_safetensors_read, NULL},
    {"json", ".json", ALL, NULL, dc_pack_json_write, dc_pack_json_read, NULL},
    {"c", ".h", ALL, dc_pack_definite, dc_pack_c_write, NULL, dc_pack_c_finish},
};

const int dc_pack_formats_count =
    (int)(sizeof dc_pack_formats / sizeof *dc_pack_formats);

const dc_pack_format *dc_pack_find(const char *name)
{
    for (int f = 0; f < dc_pack_formats_count; f++)
        if (strcmp(dc_pack_formats[f].name, name) == 0)
            return &dc_pack_formats[f];
    return NULL;
}

void dc_pack_identify(dc_pack_case *c)
{
    char text[DC_CASE_MAX];
    char sum[65];
    const int length = dc_case_print(&c->c, text);

    dc_pack_sha256(text, (size_t)length, sum);
    snprintf(c->id, sizeof c->id, "c%.12s%s%.20s", sum, c->variant ? "_" : "",
             c->variant ? c->variant : "");
}

dc_status dc_pack_definite(const dc_pack_case *c, dc_error *e)
{
    return c->c.family != DC_SPECIAL
               ? DC_OK
               : dc_error_set(e, DC_UNSUPPORTED, "family", -1,
                              "where something is not finite several answers "
                              "are legal, which the format cannot say");
}

void dc_pack_path(const dc_pack_case *c, const char *tail,
                  char path[DC_PACK_PATH])
{
    snprintf(path, DC_PACK_PATH, "tensors/%s%s", c->id, tail);
}

/* ==== Text that grows =================================================== */

static void make_room(dc_pack_text *t, size_t more)
{
    size_t room = t->room ? t->room : 4096;
    char *bytes;

    if (t->failed || more <= t->room - t->size)
        return;
    while (room - t->size < more && room <= SIZE_MAX / 2)
        room *= 2;
    bytes = room - t->size < more ? NULL : realloc(t->bytes, room);
    t->failed = !bytes;
    if (bytes) {
        t->bytes = bytes;
        t->room = room;
    }
}

void dc_pack_add(dc_pack_text *t, const void *bytes, size_t size)
{
    make_room(t, size);
    if (t->failed || size == 0)
        return;
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
}

void dc_pack_say(dc_pack_text *t, const char *format, ...)
{
    size_t need = 256; /* more than most lines take: one attempt */

    for (make_room(t, need); !t->failed; make_room(t, need)) {
        const size_t left = t->room - t->size;
        va_list args;
        int length;

        va_start(args, format);
        length = vsnprintf(t->bytes + t->size, left, format, args);
        va_end(args);
        t->failed = length < 0;
        if ((size_t)length < left) {
            t->size += (size_t)length;
            return;
        }
        need = (size_t)length + 1;
    }
}

dc_status dc_pack_put_text(dc_pack_sink *to, const char *path, dc_pack_text *t,
                           dc_error *e)
{
    const dc_status status =
        t->failed ? dc_nomem(e)
                  : dc_pack_put(to, path, t->bytes, t->size, e);

    free(t->bytes);
    memset(t, 0, sizeof *t);
    return status;
}

/* ==== Numbers =========================================================== */

static int little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;

    memcpy(&first, &one, 1);
    return first;
}

void dc_pack_swap(int dtype, void *values, int64_t count)
{
    const int size = dc_formats[dtype].size;
    unsigned char *const b = values;

    for (int64_t i = 0; i < count * size; i += size)
        for (int k = 0; k < size / 2; k++) {
            const unsigned char first = b[i + k];

            b[i + k] = b[i + size - 1 - k];
            b[i + size - 1 - k] = first;
        }
}

void dc_pack_little(int dtype, const void *from, void *to, int64_t count)
{
    if (count == 0)
        return;
    memmove(to, from, (size_t)count * (size_t)dc_formats[dtype].size);
    dc_pack_swap(dtype, to, little_endian() ? 0 : count);
}

void dc_pack_hex(double v, char text[DC_PACK_HEX])
{
    const char *const sign = signbit(v) ? "-" : "";
    int exponent;
    char digits[16];
    int length = 13;

    if (!isfinite(v) || v == 0) {
        snprintf(text, DC_PACK_HEX, "%s%s", isnan(v) ? "" : sign,
                 isnan(v)   ? "nan"
                 : isinf(v) ? "inf"
                            : "0x0p+0");
        return;
    }
    /* 1 <= m < 2, so that 52 bits of fraction are 13 digits */
    const double m = ldexp(frexp(fabs(v), &exponent), 1);
    snprintf(digits, sizeof digits, "%013" PRIx64, (uint64_t)ldexp(m - 1, 52));
    while (length > 0 && digits[length - 1] == '0')
        length--;
    snprintf(text, DC_PACK_HEX, "%s0x1%s%.*sp%+d", sign, length ? "." : "",
             length, digits, exponent - 1);
}

/* ==== Reading =========================================================== */

dc_status dc_pack_slurp(const char *path, int64_t most, char **bytes,
                        size_t *size, dc_error *e)
{
    /* O_NONBLOCK: a pipe in the place of a file must not wait for a writer */
    const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
    size_t room = 65536;
    dc_status status = DC_OK;

    *bytes = NULL;
    *size = 0;
    if (!file)
        return dc_error_set(e, DC_FAILED, NULL, -1, "cannot read %.150s: %s",
                            path, strerror(errno));
    while (status == DC_OK) {
        char *more;
        size_t got;

        if ((int64_t)room > most + 1)
            room = (size_t)most + 1;
        more = realloc(*bytes, room + 1);
        if (!more) {
            status = dc_nomem(e);
            break;
        }
        *bytes = more;
        got = fread(*bytes + *size, 1, room - *size, file);
        *size += got;
        if (ferror(file))
            status =
                dc_error_set(e, DC_FAILED, NULL, -1, "cannot read %.150s: %s",
                             path, strerror(errno));
        else if ((int64_t)*size > most)
            status = dc_error_set(e, DC_FAILED, NULL, -1,
                                  "%.150s is larger than the %lld bytes that "
                                  "it can need",
                                  path, (long long)most);
        else if (*size < room)
            break;
        room *= 2;
    }
    fclose(file);
    if (status != DC_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}

int64_t dc_pack_most(const dc_problem *p, int want, int64_t each)
{
    int64_t elements = 0;

    for (int t = 0; t < DC_TENSORS; t++)
        if (want & 1 << t && !(t == DC_B && !p->has_bias))
            elements += dc_problem_count(p, (dc_tensor)t);
    return elements * each + 65536;
}

dc_tensor dc_pack_tensor(const char *name, int size)
{
    for (int t = 0; t < DC_TENSORS; t++)
        if (strlen(dc_tensor_names[t]) == (size_t)size &&
            memcmp(dc_tensor_names[t], name, (size_t)size) == 0)
            return (dc_tensor)t;
    return DC_TENSORS;
}

/* Foreign text with everything but printable ASCII replaced. */
static void clean(const char *from, int size, char *text, int room)
{
    int at = 0;

    for (; at < size && at + 1 < room && from[at]; at++)
        text[at] = from[at] >= 32 && from[at] < 127 ? from[at] : '?';
    text[at] = 0;
}

static void print_shape(int axes, const int64_t *shape, char text[64])
{
    int at = snprintf(text, 64, "[");

    for (int a = 0; a < axes && axes <= 5 && at < 48; a++)
        at += snprintf(text + at, (size_t)(64 - at), "%s%lld", a ? "," : "",
                       (long long)shape[a]);
    snprintf(text + (at < 60 ? at : 60), 4, "]");
}

/* Keeps the first sentence about a tensor. */
static void note(char text[224], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(char text[224], const char *format, ...)
{
    va_list args;

    if (text[0])
        return;
    va_start(args, format);
    vsnprintf(text, 224, format, args);
    va_end(args);
}

void *dc_pack_room(dc_pack_tensors *to, int want, const dc_pack_found *found)
{
    const dc_tensor t = dc_pack_tensor(found->name, found->name_size);
    int64_t shape[5];
    char name[40];
    char dtype[24];
    char got[64];
    char must[64];
    int axes;

    clean(found->name, found->name_size, name, sizeof name);
    clean(found->dtype, (int)strlen(found->dtype), dtype, sizeof dtype);
    if (t == DC_TENSORS) {
        note(to->extra, "%.100s holds %s, which is no tensor of a case",
             found->file, name);
        return NULL;
    }
    if (!(want & 1 << t))
        return NULL;
    if (to->data[t] || to->wrong[t][0]) {
        free(to->data[t]);
        to->data[t] = NULL;
        note(to->wrong[t], "%.100s holds %s twice", found->file, name);
        return NULL;
    }
    if (!found->right_dtype) {
        note(to->wrong[t], "%.100s: %s has the type %s where %s is due",
             found->file, name, dtype, dc_formats[to->p.dtype].name);
        return NULL;
    }
    axes = dc_problem_shape(&to->p, t, shape);
    if (found->axes != axes ||
        memcmp(found->shape, shape, (size_t)axes * sizeof *shape) != 0) {
        print_shape(found->axes, found->shape, got);
        print_shape(axes, shape, must);
        note(to->wrong[t], "%.80s: %s has the shape %s where %s is due",
             found->file, name, got, must);
        return NULL;
    }
    to->data[t] = calloc(1, dc_problem_bytes(&to->p, t) + 1);
    if (!to->data[t])
        note(to->wrong[t], "%.100s: no memory for %s", found->file, name);
    return to->data[t];
}

void dc_pack_spoil(dc_pack_tensors *to, void *room, const char *format, ...)
{
    va_list args;

    for (int t = 0; t < DC_TENSORS; t++)
        if (room && to->data[t] == room) {
            va_start(args, format);
            vsnprintf(to->wrong[t], sizeof to->wrong[t], format, args);
            va_end(args);
            free(room);
            to->data[t] = NULL;
            return;
        }
}

void dc_pack_release(dc_pack_tensors *t)
{
    for (int k = 0; k < DC_TENSORS; k++)
        free(t->data[k]);
    memset(t, 0, sizeof *t);
}
