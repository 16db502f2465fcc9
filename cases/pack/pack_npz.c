/* SPDX-License-Identifier: MIT
 *
 * The format npz: one zip archive per case with one NAME.npy per tensor, as
 * numpy.savez writes it.  numpy has no bf16, so its bits are written as uint16.
 */
#include "cases/pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "ref/format.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, FIXED = 10, ALIGN = 64, HEADER_MAX = 4096, ENTRIES_MAX = 64 };

/* numpy's names of the types, without the byte order. */
static const char *const descr[DC_FORMATS] = {"f8", "f4", "f2", "u2"};

/* 1980-01-01 00:00, so that the bytes do not depend on the time of writing. */
enum { DOS_TIME = 0, DOS_DATE = 1 << 5 | 1 };

/* ==== Writing =========================================================== */

/* The header of format 1.0, padded so that the data start at a multiple of 64
 * bytes. */
static void put_header(dc_pack_text *to, const dc_problem *p, dc_tensor t)
{
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t, shape);
    char text[256];
    int at = snprintf(text, sizeof text,
                      "{'descr': '<%s', 'fortran_order': False, 'shape': (",
                      descr[p->dtype]);

    for (int a = 0; a < axes; a++)
        at += snprintf(text + at, sizeof text - (size_t)at, "%s%lld%s",
                       a ? " " : "", (long long)shape[a],
                       a + 1 < axes || axes == 1 ? "," : "");
    at += snprintf(text + at, sizeof text - (size_t)at, "), }");
    while ((FIXED + at + 1) % ALIGN)
        text[at++] = ' ';
    text[at++] = '\n';

    const unsigned char length[] = {1, 0, (unsigned char)(at & 255),
                                    (unsigned char)(at >> 8)};
    dc_pack_add(to, magic, MAGIC);
    dc_pack_add(to, length, sizeof length);
    dc_pack_add(to, text, (size_t)at);
}

/* Adds NAME.npy.  The caller frees the bytes after the archive is closed,
 * because libzip frees a buffer on some errors and not on others. */
static bool put_entry(zip_t *zip, dc_tensor t, const dc_pack_text *npy)
{
    char name[16];
    zip_source_t *source =
        npy->failed ? NULL : zip_source_buffer(zip, npy->bytes, npy->size, 0);
    zip_int64_t at;

    if (!source)
        return false;
    snprintf(name, sizeof name, "%s.npy", dc_tensor_names[t]);
    at = zip_file_add(zip, name, source, 0);
    if (at < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) ==
               0 &&
           zip_file_set_dostime(zip, (zip_uint64_t)at, DOS_TIME, DOS_DATE, 0) ==
               0;
}

/* Writes the archive, which libzip built in memory, to a file. */
static dc_status put_archive(zip_source_t *source, const char *path,
                             dc_pack_sink *to, dc_error *e)
{
    zip_stat_t stat;
    char *bytes = NULL;
    dc_status status = DC_NOMEM;

    if (zip_source_stat(source, &stat) == 0 && zip_source_open(source) == 0) {
        bytes = malloc(stat.size + 1);
        if (bytes &&
            zip_source_read(source, bytes, stat.size) == (zip_int64_t)stat.size)
            status = dc_pack_put(to, path, bytes, stat.size, e);
        zip_source_close(source);
    }
    free(bytes);
    return status == DC_NOMEM ? dc_nomem(e) : status;
}

dc_status dc_pack_npz_write(const dc_pack_case *c, dc_pack_sink *to,
                            dc_error *e)
{
    char path[DC_PACK_PATH];
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip =
        source ? zip_open_from_source(source, ZIP_TRUNCATE, NULL) : NULL;
    dc_pack_text npy[DC_TENSORS] = {{0}};
    bool good = zip != NULL;
    dc_status status;

    if (!zip) {
        zip_source_free(source);
        return dc_nomem(e);
    }
    zip_source_keep(source);
    for (int t = 0; t < DC_TENSORS && good; t++) {
        if (!c->tensors[t])
            continue;
        put_header(&npy[t], &c->c.p, (dc_tensor)t);
        dc_pack_add_tensor(&npy[t], &c->c.p, (dc_tensor)t, c->tensors[t]);
        good = put_entry(zip, (dc_tensor)t, &npy[t]);
    }
    if (good && zip_close(zip) == 0) {
        dc_pack_path(c, ".npz", path);
        status = put_archive(source, path, to, e);
    } else {
        zip_discard(zip);
        status = dc_nomem(e);
    }
    for (int t = 0; t < DC_TENSORS; t++)
        free(npy[t].bytes);
    zip_source_free(source);
    return status;
}

/* ==== Reading =========================================================== */

/* An entry that is being read. */
typedef struct {
    const char *file;
    const char *name; /* x.npy */
    dc_tensor t;      /* by the name; DC_TENSORS: unknown */
    dc_tensor_set want;
    dc_pack_tensors *to;
} entry;

/* The value of a key in the header's dictionary, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);

    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at++ != ':')
        return NULL;
    return at + strspn(at, " ");
}

/* Reads "(2, 3)" and returns the number of axes, or -1 if the text is wrong.
 * At most 5 extents are stored. */
static int read_shape(const char *text, int64_t shape[5])
{
    int axes = 0;

    if (!text || *text++ != '(')
        return -1;
    for (;; axes++) {
        char *end;
        long long v;

        text += strspn(text, " ,");
        if (*text == ')')
            return axes;
        if (*text < '0' || *text > '9')
            return -1;
        v = strtoll(text, &end, 10);
        if (axes < 5)
            shape[axes] = v;
        text = end;
    }
}

/* Is this 'descr' our type?  The byte order is < or >; ml_dtypes saves bf16 as
 * V2. */
static bool right_type(int dtype, const char *type, bool *swapped)
{
    *swapped = type[0] == '>';
    if (dtype == DC_BF16 && (strcmp(type, "<V2") == 0 || //
                             strcmp(type, "|V2") == 0))
        return true;
    return (type[0] == '<' || type[0] == '>') &&
           strcmp(type + 1, descr[dtype]) == 0;
}

/* The buffer for the tensor that the header describes, or NULL if it is not
 * accepted. */
static void *accept_header(const entry *n, const char *header, bool *swapped)
{
    const char *type = value_of(header, "'descr'");
    const char *order = value_of(header, "'fortran_order'");
    char word[16] = "";
    dc_pack_found found = {.file = n->file,
                           .name = n->name,
                           .name_size = (int)strlen(n->name) - 4,
                           .dtype = word};
    void *buffer;

    if (type && *type == '\'')
        snprintf(word, sizeof word, "%.*s", (int)strcspn(type + 1, "'"),
                 type + 1);
    found.axes = read_shape(value_of(header, "'shape'"), found.shape);
    found.right_dtype = right_type(n->to->p.dtype, word, swapped);
    buffer = dc_pack_accept(n->to, n->want, &found);
    return !buffer || (order && strncmp(order, "False", 5) == 0)
               ? buffer
               : dc_pack_reject(n->to, n->t, "%.100s: %.40s is not in C order",
                                n->file, n->name);
}

/* Reads an entry, which must have exactly the bytes of its shape. */
static void read_entry(zip_file_t *from, const entry *n)
{
    const dc_problem *p = &n->to->p;
    unsigned char fixed[FIXED];
    char header[HEADER_MAX + 1] = "";
    char beyond;
    bool swapped = false;
    const char *wrong = NULL;

    if (zip_fread(from, fixed, FIXED) != FIXED ||
        memcmp(fixed, magic, MAGIC) != 0 || fixed[6] != 1) {
        dc_pack_reject(n->to, n->t,
                       "%.100s: %.40s is not an npy file of version 1", n->file,
                       n->name);
        return;
    }
    const int length = fixed[8] | fixed[9] << 8;
    if (length > HEADER_MAX ||
        zip_fread(from, header, (zip_uint64_t)length) != length) {
        dc_pack_reject(n->to, n->t,
                       "%.100s: the header of %.40s is cut off or larger than "
                       "%d bytes",
                       n->file, n->name, HEADER_MAX);
        return;
    }
    void *buffer = accept_header(n, header, &swapped);
    if (!buffer)
        return;
    const int64_t count = dc_problem_count(p, n->t);
    const size_t bytes = dc_problem_bytes(p, n->t);

    if (zip_fread(from, buffer, bytes) != (zip_int64_t)bytes)
        wrong = "is cut off or does not match its checksum";
    else if (zip_fread(from, &beyond, 1) != 0)
        wrong = "has more bytes than its shape, or does not match its checksum";
    if (wrong) {
        dc_pack_reject(n->to, n->t, "%.100s: %.40s %s", n->file, n->name,
                       wrong);
        return;
    }
    dc_pack_swap(p->dtype, buffer, swapped ? count : 0);
    dc_pack_little(p->dtype, buffer, buffer, count);
}

static dc_status read_all(zip_t *zip, const char *path, dc_tensor_set want,
                          dc_pack_tensors *to, dc_error *e)
{
    const zip_int64_t entries = zip_get_num_entries(zip, 0);

    if (entries > ENTRIES_MAX)
        return dc_failed(e, "%.150s has %lld entries, more than %d", path,
                         (long long)entries, ENTRIES_MAX);
    for (zip_int64_t k = 0; k < entries; k++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)k, 0);
        const size_t length = name ? strlen(name) : 0;
        const entry n = {path, name,
                         dc_pack_tensor(name ? name : "", (int)length - 4),
                         want, to};
        zip_file_t *from;

        /* names are looked up, never used as paths */
        if (length < 5 || strcmp(name + length - 4, ".npy") != 0) {
            const dc_pack_found unknown = {.file = path,
                                           .name = name ? name : "",
                                           .name_size = (int)length,
                                           .dtype = ""};
            dc_pack_accept(to, 0, &unknown);
            continue;
        }
        from = zip_fopen_index(zip, (zip_uint64_t)k, 0);
        if (!from)
            return dc_failed(e, "%.120s: entry %d cannot be read: %.80s", path,
                             (int)k, zip_strerror(zip));
        read_entry(from, &n);
        zip_fclose(from);
    }
    return DC_OK;
}

dc_status dc_pack_npz_read(const char *base, dc_tensor_set want,
                           dc_pack_tensors *to, dc_error *e)
{
    zip_error_t why;
    char *bytes;
    size_t size;
    zip_source_t *source;
    zip_t *zip;
    dc_status status = dc_pack_read_file(
        base,
        dc_pack_bytes_max(&to->p, DC_PACK_ALL, dc_formats[to->p.dtype].size),
        &bytes, &size, e);

    if (status != DC_OK)
        return status;
    zip_error_init(&why);
    source = zip_source_buffer_create(bytes, size, 0, &why);
    zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    if (!zip) {
        status = dc_failed(e, "%.120s is no npz archive: %.80s", base,
                           zip_error_strerror(&why));
        zip_source_free(source);
    } else {
        status = read_all(zip, base, want, to, e);
        zip_discard(zip);
    }
    zip_error_fini(&why);
    free(bytes);
    return status;
}
