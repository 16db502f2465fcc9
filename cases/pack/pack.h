/* SPDX-License-Identifier: MIT
 *
 * A golden pack: how does a case with its numbers become files that people
 * load already, and how are such files read back when nobody vouches for
 * them?  The layout and its promises are in PACK.md.
 */
#ifndef DC_PACK_H
#define DC_PACK_H

#include <stdio.h>

#include "ref/case.h"

enum {
    DC_PACK_VERSION = 1, /* of the layout */
    DC_PACK_ID = 48,     /* bytes that any id fits in */
    DC_PACK_PATH = 128,  /* bytes that any path inside a pack fits in */
    DC_PACK_FILES = 8    /* files of one case */
};

/* What hunts what: a name of the catalog. */
typedef struct {
    const char *name;
    const char *hunts;
} dc_pack_label;

/* A case as it goes into a pack. */
typedef struct {
    char id[DC_PACK_ID];
    const char *variant; /* other words for the same problem, or NULL */
    dc_case c;
    const dc_pack_label *labels;
    int n_labels;
    const void *tensors[DC_TENSORS]; /* dense, native; NULL: not in it */
    /* of a result: the elements where the pack's value is not the only one
     * that is legal */
    const int64_t *open[DC_TENSORS];
    int64_t n_open[DC_TENSORS];
} dc_pack_case;

/* One file of a pack as it was written. */
typedef struct {
    char path[DC_PACK_PATH]; /* inside the pack */
    char sha256[65];
} dc_pack_file;

/* Where the files of one case, or of the pack itself, go. */
typedef struct {
    const char *root; /* directory under construction */
    dc_pack_file files[DC_PACK_FILES];
    int count;
} dc_pack_sink;

/* Tensors that were read for a case, and what was wrong with them. */
typedef struct {
    dc_problem p;
    void *data[DC_TENSORS];      /* owned, native; NULL: not there */
    char wrong[DC_TENSORS][224]; /* "" or why data is not there */
    char extra[224];             /* "" or a tensor that nobody asked for */
} dc_pack_tensors;

typedef struct {
    const char *name;
    const char *suffix; /* of a case's file; "" when it is a directory */
    int tensors;        /* bit 1 << tensor: what the format carries */
    /* Can it say this problem?  DC_UNSUPPORTED with the reason; NULL: all. */
    dc_status (*admit)(const dc_pack_case *c, dc_error *e);
    /* Writes the case's files. */
    dc_status (*write)(const dc_pack_case *c, dc_pack_sink *to, dc_error *e);
    /* Reads those of the tensors in `want` (bits) that are there.  base is
     * the path of the file or directory.  A file that cannot be read at all
     * is an error that names it; a tensor that cannot is only noted in
     * `wrong`.  NULL: the format cannot be read back. */
    dc_status (*read)(const char *base, int want, dc_pack_tensors *to,
                      dc_error *e);
    /* Writes what the pack as a whole has; NULL: nothing. */
    dc_status (*finish)(const dc_pack_case *cases, int64_t count,
                        dc_pack_sink *to, dc_error *e);
} dc_pack_format;

extern const dc_pack_format dc_pack_formats[];
extern const int dc_pack_formats_count;

/* The format with this name, or NULL. */
const dc_pack_format *dc_pack_find(const char *name);

/* "c" and 12 hexadecimal digits of the SHA-256 of the case string, and the
 * variant: the same in every pack and every format. */
void dc_pack_identify(dc_pack_case *c);

/* Frees what a read left, and forgets it. */
void dc_pack_release(dc_pack_tensors *t);

/* ---- a pack under construction (pack_dir.c) ---- */

typedef struct {
    char path[4096]; /* where the pack will be */
    char part[4128]; /* where it grows until it is complete */
} dc_pack_dir;

/* Refuses a directory that exists and is not empty, and makes the place
 * beside it where the pack grows. */
dc_status dc_pack_begin(dc_pack_dir *d, const char *path, dc_error *e);

/* The pack is complete: it takes its name. */
dc_status dc_pack_commit(dc_pack_dir *d, dc_error *e);

/* The pack failed: nothing is left behind. */
void dc_pack_abort(dc_pack_dir *d);

/* Writes one file, directories on the way included, and notes its checksum. */
dc_status dc_pack_put(dc_pack_sink *to, const char *path, const void *bytes,
                      size_t size, dc_error *e);

/* SHA-256 as 64 hexadecimal digits. */
void dc_pack_sha256(const void *bytes, size_t size, char text[65]);

/* ---- the index: pack.json, cases.jsonl, SHA256SUMS (pack_index.c) ---- */

/* Why cases were left out, and how many. */
typedef struct {
    char text[120];
    int64_t count;
} dc_pack_reason;

/* How a pack came about. */
typedef struct {
    const char *generator; /* "deconform 0.1.0" */
    const char *format;
    const char *tier;
    const char *match; /* or NULL */
    const char *dtypes;
    uint64_t seed;
    int64_t cases;
    int64_t left_out;          /* selected, but the format cannot say them, */
    const dc_pack_reason *why; /* and why; reasons without a text end it */
    const char *const *rungs;  /* names of the ways values were settled ... */
    const int64_t *settled;    /* ... and how many by each; NULL ends rungs */
} dc_pack_about;

/* Writes the three files; sinks[i] tells the files of cases[i], and extra
 * those of the pack as a whole. */
dc_status dc_pack_index(const dc_pack_about *about, const dc_pack_case *cases,
                        const dc_pack_sink *sinks, dc_pack_sink *extra,
                        dc_error *e);

/* A case as the index tells it. */
typedef struct {
    char id[DC_PACK_ID];
    dc_case c;
    dc_pack_file files[DC_PACK_FILES];
    int n_files;
} dc_pack_entry;

/* A pack that is read. */
typedef struct {
    const char *root;
    const dc_pack_format *format;
    uint64_t seed;
    dc_pack_entry *entries;
    int64_t count;
} dc_pack;

/* Reads the index, which nobody vouches for: sizes are bounded, ids and
 * problems are checked, and nothing that it says is used as a path. */
dc_status dc_pack_open(dc_pack *pack, const char *root, dc_error *e);
void dc_pack_close(dc_pack *pack);

/* Checks the files of a case against their checksums and reads its tensors;
 * one that is missing or wrong is an error. */
dc_status dc_pack_load(const dc_pack *pack, int64_t index, dc_pack_tensors *to,
                       dc_error *e);

#endif
