/* SPDX-License-Identifier: MIT
 *
 * Replies of the pipe protocol: one line of JSON and which tensor bytes follow
 * it.  The host writes them; the judge reads them, whoever sent them.
 */
#ifndef DC_REPLY_H
#define DC_REPLY_H

#include "oracle/subject/endpoint.h"
#include "oracle/subject/wire.h"

/* The host's reply to a call: `answer`, or, if e is not NULL, why the host
 * cannot go on; spoilt: the implementation may be to blame.  The caller frees
 * the line.  DC_NOMEM. */
dc_status dc_reply_write(char **line, const dc_request *request,
                         const dc_answer *answer, const dc_error *e,
                         bool spoilt);

/* The host's reply to hello: impl's name and version, or why there is no impl
 * if e is not NULL. */
dc_status dc_reply_write_hello(char **line, int64_t id, const dc_impl *impl,
                               const dc_error *e);

/* Words of the keys "side" and "tensor" in what a reply tells of a byte, and in
 * that of a process that dies. */
extern const char *const dc_reply_sides[];
const char *dc_reply_tensor(dc_tensor t);

/* Words of the key "kind" in what a reply tells of two threads. */
extern const char *const dc_reply_overlaps[];

/* DC_FAILED with a sentence that follows the subject's name. */
dc_status dc_reply_read_hello(const char *line, size_t length, int64_t id,
                              dc_hello *hello, dc_error *e);

/* The line of a reply to a call. */
typedef struct {
    dc_answer answer; /* outcome and runs are not set yet */
    bool died;        /* the host dies; answer has the place of the access */
    char fault[256];  /* why the host cannot go on, or "" */
    bool spoilt;      /* the implementation may be to blame for the fault */
    int tensors;      /* results that follow */
    int64_t bytes[2]; /* of each */
} dc_reply;

/* Reads the reply to `request`; hosted: our own host wrote it, so that its
 * extra fields count.  DC_FAILED with a sentence in e if the line is no reply
 * to that request. */
dc_status dc_reply_read(const char *line, size_t length,
                        const dc_request *request, bool hosted, dc_reply *reply,
                        dc_error *e);

#endif
