/* SPDX-License-Identifier: MIT
 *
 * A golden pack: cases with their tensors, written in formats that people can
 * load, and read back without trusting the files.  PACK.md describes the layout
 * and its promises.
 */
#ifndef DC_PACK_H
#define DC_PACK_H

#include <stdio.h>

#include "ref/case.h"

enum {
    DC_PACK_VERSION = 1, /* of the layout */
    DC_PACK_ID = 48,     /* size of a buffer for any id */
    DC_PACK_PATH = 128,  /* size of a buffer for any path inside a pack */
    DC_PACK_FILES = 8,   /* files of one case, at most */
    DC_PACK_REASON = 224 /* size of a buffer for a sentence about a tensor */
};

/* A set of tensors: bits 1 << tensor. */
typedef int dc_tensor_set;

/* A name of the catalog, and the defect that it hunts. */
typedef struct {
    const char *name;
    const char *hunts;
} dc_pack_label;

/* A case to be written. */
typedef struct {
    char id[DC_PACK_ID];
    const char *variant; /* how ONNX writes the pads, or NULL */
    dc_case c;
    const dc_pack_label *labels;
    int n_labels;
    const void *tensors[DC_TENSORS]; /* dense, native; NULL: left out */
    /* the elements of a result that have several legal values */
    const int64_t *open[DC_TENSORS];
    int64_t n_open[DC_TENSORS];
} dc_pack_case;

/* A file of a pack. */
typedef struct {
    char path[DC_PACK_PATH]; /* inside the pack */
    char sha256[65];
} dc_pack_file;

/* The files written for one case, or for the pack as a whole. */
typedef struct {
    const char *root; /* the directory under construction */
    dc_pack_file files[DC_PACK_FILES];
    int count;
} dc_pack_sink;

/* Tensors that were read for a problem. */
typedef struct {
    dc_problem p;
    void *data[DC_TENSORS]; /* owned, native; NULL: missing or wrong */
    char wrong[DC_TENSORS][DC_PACK_REASON]; /* why it is wrong, or "" */
    char extra[DC_PACK_REASON]; /* an unknown tensor in the file, or "" */
} dc_pack_tensors;

/* DC_UNSUPPORTED, with the reason, if the format cannot express the case. */
typedef dc_status dc_pack_admit(const dc_pack_case *c, dc_error *e);

/* Writes the files of a case. */
typedef dc_status dc_pack_write(const dc_pack_case *c, dc_pack_sink *to,
                                dc_error *e);

/* Reads the tensors in `want` from the file or directory `base`.  A file that
 * cannot be read is an error; a tensor that is missing or wrong is not. */
typedef dc_status dc_pack_read(const char *base, dc_tensor_set want,
                               dc_pack_tensors *to, dc_error *e);

typedef struct {
    const char *name;
    const char *suffix;    /* of a case's file; "" if it is a directory */
    dc_tensor_set tensors; /* that the format can hold */
    dc_pack_admit *admit;  /* NULL: it can express all */
    dc_pack_write *write;
    dc_pack_read *read; /* NULL: the format cannot be read back */
    /* Writes the files of the pack as a whole; NULL: there are none. */
    dc_status (*finish)(const dc_pack_case *cases, int64_t count,
                        dc_pack_sink *to, dc_error *e);
} dc_pack_format;

extern const dc_pack_format dc_pack_formats[];
extern const int dc_pack_formats_count;

/* The format with this name, or NULL. */
const dc_pack_format *dc_pack_find(const char *name);

/* Sets c->id to "c", 12 hexadecimal digits of the SHA-256 of the case string,
 * and the variant: the same in every pack and every format. */
void dc_pack_identify(dc_pack_case *c);

/* Frees the tensors and clears t. */
void dc_pack_release(dc_pack_tensors *t);

/* ---- a pack under construction (pack_dir.c) ---- */

typedef struct {
    char path[4096]; /* the final directory */
    char part[4128]; /* the directory where the pack is built */
} dc_pack_dir;

/* Makes the directory where the pack is built, next to `path`.  DC_INVALID if
 * path exists and is not an empty directory. */
dc_status dc_pack_begin(dc_pack_dir *d, const char *path, dc_error *e);

/* Renames the complete pack to its final name. */
dc_status dc_pack_commit(dc_pack_dir *d, dc_error *e);

/* Removes the incomplete pack. */
void dc_pack_abort(dc_pack_dir *d);

/* Writes one file, with the directories that lead to it, and records its
 * checksum. */
dc_status dc_pack_put(dc_pack_sink *to, const char *path, const void *bytes,
                      size_t size, dc_error *e);

/* SHA-256 as 64 hexadecimal digits. */
void dc_pack_sha256(const void *bytes, size_t size, char text[65]);

/* ---- the index: pack.json, cases.jsonl, SHA256SUMS (pack_index.c) ---- */

/* A reason to leave cases out, and how many it concerns. */
typedef struct {
    char text[120];
    int64_t count;
} dc_pack_reason;

/* The contents of pack.json. */
typedef struct {
    const char *generator; /* "deconform 0.1.0" */
    const char *format;
    const char *tier;
    const char *match; /* or NULL */
    const char *dtypes;
    uint64_t seed;
    int64_t cases;
    int64_t left_out;          /* selected, but the format has no words */
    const dc_pack_reason *why; /* the reasons, up to one with text "" */
    const char *const *rungs;  /* how values were settled, up to NULL ... */
    const int64_t *settled;    /* ... and the number of values for each */
} dc_pack_about;

/* Writes the three files.  sinks[i] has the files of cases[i], extra those of
 * the pack as a whole. */
dc_status dc_pack_index(const dc_pack_about *about, const dc_pack_case *cases,
                        const dc_pack_sink *sinks, dc_pack_sink *extra,
                        dc_error *e);

/* ---- reading a pack (pack_read.c) ---- */

/* A case of a pack that is read. */
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

/* Reads the index without trusting it: sizes are bounded, problems are checked,
 * ids must be those of their cases, files those of their ids, and SHA256SUMS
 * must agree. */
dc_status dc_pack_open(dc_pack *pack, const char *root, dc_error *e);
void dc_pack_close(dc_pack *pack);

/* Compares the files of a case with their checksums and reads its tensors.  A
 * tensor that is missing or wrong is an error. */
dc_status dc_pack_load(const dc_pack *pack, int64_t index, dc_pack_tensors *to,
                       dc_error *e);

#endif
