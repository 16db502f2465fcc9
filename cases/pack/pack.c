/* SPDX-License-Identifier: MIT
 *
 * The table of pack formats, and what they share in writing and reading.
 */
#include "cases/pack/pack_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ref/format.h"
#include "ref/text.h"

/* ONNX has no operator for the gradients. */
enum { FORWARD = 1 << DC_X | 1 << DC_W | 1 << DC_B | 1 << DC_Y };

const dc_pack_format dc_pack_formats[] = {
    {"npz", ".npz", DC_PACK_ALL, NULL, dc_pack_npz_write, dc_pack_npz_read,
     NULL},
    {"onnx", "", FORWARD, dc_pack_onnx_admit, dc_pack_onnx_write,
     dc_pack_onnx_read, NULL},
    {"safetensors", ".safetensors", DC_PACK_ALL, NULL,
     dc_pack_safetensors_write, dc_pack_safetensors_read, NULL},
    {"json", ".json", DC_PACK_ALL, NULL, dc_pack_json_write, dc_pack_json_read,
     NULL},
    {"c", ".h", DC_PACK_ALL, dc_pack_definite, dc_pack_c_write, NULL,
     dc_pack_c_finish},
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

/* ==== The growing buffer ================================================ */

static void reserve(dc_pack_text *t, size_t more)
{
    size_t capacity = t->capacity ? t->capacity : 4096;
    char *bytes;

    if (t->failed || more <= t->capacity - t->size)
        return;
    while (capacity - t->size < more && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    bytes = capacity - t->size < more ? NULL : realloc(t->bytes, capacity);
    t->failed = !bytes;
    if (bytes) {
        t->bytes = bytes;
        t->capacity = capacity;
    }
}

void dc_pack_add(dc_pack_text *t, const void *bytes, size_t size)
{
    reserve(t, size);
    if (t->failed || size == 0)
        return;
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
}

void dc_pack_print(dc_pack_text *t, const char *format, ...)
{
    size_t need = 256; /* enough for most lines */

    for (reserve(t, need); !t->failed; reserve(t, need)) {
        const size_t left = t->capacity - t->size;
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

void dc_pack_print_shape(dc_pack_text *to, const dc_problem *p, dc_tensor t)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);

    for (int a = 0; a < axes; a++)
        dc_pack_print(to, "%s%lld", a ? "," : "[", (long long)shape[a]);
    dc_pack_print(to, "]");
}

void dc_pack_add_tensor(dc_pack_text *to, const dc_problem *p, dc_tensor t,
                        const void *values)
{
    const size_t bytes = dc_problem_bytes(p, t);

    /* one byte more, so that there is a buffer even without elements */
    reserve(to, bytes + 1);
    if (to->failed)
        return;
    dc_pack_little(p->dtype, values, to->bytes + to->size,
                   dc_problem_count(p, t));
    to->size += bytes;
}

dc_status dc_pack_put_text(dc_pack_sink *to, const char *path, dc_pack_text *t,
                           dc_error *e)
{
    const dc_status status =
        t->failed ? dc_nomem(e) : dc_pack_put(to, path, t->bytes, t->size, e);

    free(t->bytes);
    memset(t, 0, sizeof *t);
    return status;
}

/* ==== Numbers =========================================================== */

static bool little_endian(void)
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

static dc_status too_large(const char *path, int64_t most, dc_error *e)
{
    return dc_failed(e, "%.150s is larger than the %lld bytes that it can need",
                     path, (long long)most);
}

dc_status dc_pack_read_file(const char *path, int64_t most, char **bytes,
                            size_t *size, dc_error *e)
{
    /* O_NONBLOCK: if the file is a named pipe, open must not wait */
    const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
    size_t capacity = 65536;
    dc_status status = DC_OK;
    struct stat about;

    *bytes = NULL;
    *size = 0;
    if (!file)
        return dc_failed(e, "cannot read %.150s: %s", path, strerror(errno));
    /* a regular file is refused before it is read, anything else as it comes */
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size > most)
        status = too_large(path, most, e);
    while (status == DC_OK) {
        char *more;
        size_t got;

        if ((int64_t)capacity > most + 1)
            capacity = (size_t)most + 1;
        more = realloc(*bytes, capacity + 1);
        if (!more) {
            status = dc_nomem(e);
            break;
        }
        *bytes = more;
        got = fread(*bytes + *size, 1, capacity - *size, file);
        *size += got;
        if (ferror(file))
            status =
                dc_failed(e, "cannot read %.150s: %s", path, strerror(errno));
        else if ((int64_t)*size > most)
            status = too_large(path, most, e);
        else if (*size < capacity)
            break;
        capacity *= 2;
    }
    fclose(file);
    if (status != DC_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}

int64_t dc_pack_bytes_max(const dc_problem *p, dc_tensor_set want, int64_t each)
{
    int64_t most = 65536;

    for (int t = 0; t < DC_TENSORS; t++) {
        int64_t bytes;

        if (want & 1 << t && !(t == DC_B && !p->has_bias) &&
            (__builtin_mul_overflow(dc_problem_count(p, (dc_tensor)t), each,
                                    &bytes) ||
             __builtin_add_overflow(most, bytes, &most)))
            return DC_PACK_ENDLESS;
    }
    return most < DC_PACK_ENDLESS ? most : DC_PACK_ENDLESS;
}

dc_tensor dc_pack_tensor(const char *name, int size)
{
    for (int t = 0; t < DC_TENSORS; t++)
        if (strlen(dc_tensor_names[t]) == (size_t)size &&
            memcmp(dc_tensor_names[t], name, (size_t)size) == 0)
            return (dc_tensor)t;
    return DC_TENSORS;
}

static void print_shape(int axes, const int64_t *shape, char text[64])
{
    int at = snprintf(text, 64, "[");

    for (int a = 0; a < axes && axes <= 5 && at < 48; a++)
        at += snprintf(text + at, (size_t)(64 - at), "%s%lld", a ? "," : "",
                       (long long)shape[a]);
    snprintf(text + (at < 60 ? at : 60), 4, "]");
}

void *dc_pack_reject(dc_pack_tensors *to, dc_tensor t, const char *format, ...)
{
    char *const reason = t == DC_TENSORS ? to->extra : to->wrong[t];
    va_list args;

    if (!reason[0]) {
        va_start(args, format);
        vsnprintf(reason, DC_PACK_REASON, format, args);
        va_end(args);
    }
    if (t != DC_TENSORS) {
        free(to->data[t]);
        to->data[t] = NULL;
    }
    return NULL;
}

void *dc_pack_accept(dc_pack_tensors *to, dc_tensor_set want,
                     const dc_pack_found *found)
{
    const dc_tensor t = dc_pack_tensor(found->name, found->name_size);
    int64_t shape[5];
    char name[40];
    char dtype[24];
    char got[64];
    char must[64];
    int axes;

    dc_text_clean_name(found->name, (size_t)found->name_size, name,
                       sizeof name);
    dc_text_clean_name(found->dtype, strlen(found->dtype), dtype, sizeof dtype);
    if (t == DC_TENSORS)
        return dc_pack_reject(to, t,
                              "%.100s holds %s, which is no tensor of a case",
                              found->file, name);
    if (!(want & 1 << t))
        return NULL;
    if (to->data[t] || to->wrong[t][0])
        return dc_pack_reject(to, t, "%.100s holds %s twice", found->file,
                              name);
    if (!found->right_dtype)
        return dc_pack_reject(to, t, "%.100s: %s has the type %s instead of %s",
                              found->file, name, dtype,
                              dc_formats[to->p.dtype].name);
    axes = dc_problem_shape(&to->p, t, shape);
    if (found->axes != axes ||
        memcmp(found->shape, shape, (size_t)axes * sizeof *shape) != 0) {
        print_shape(found->axes, found->shape, got);
        print_shape(axes, shape, must);
        return dc_pack_reject(to, t, "%.80s: %s has the shape %s instead of %s",
                              found->file, name, got, must);
    }
    to->data[t] = calloc(1, dc_problem_bytes(&to->p, t) + 1);
    return to->data[t] ? to->data[t]
                       : dc_pack_reject(to, t, "%.100s: no memory for %s",
                                        found->file, name);
}

void dc_pack_release(dc_pack_tensors *t)
{
    for (int k = 0; k < DC_TENSORS; k++)
        free(t->data[k]);
    memset(t, 0, sizeof *t);
}
