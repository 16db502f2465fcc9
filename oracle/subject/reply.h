/* SPDX-License-Identifier: MIT
 *
 * The answers of the pipe protocol: one line of JSON, and which tensor bytes
 * follow it.  The host writes them, the judge reads them, from whom ever they
 * come.
 */
#ifndef DC_REPLY_H
#define DC_REPLY_H

#include "oracle/subject/endpoint.h"
#include "oracle/subject/wire.h"

enum { DC_REPLY_TEXT = 128 };

/* Words of the key "side" of an answer by a process that dies: a dc_side. */
extern const char *const dc_reply_sides[];

/* The host's answers; the caller frees the line.  `answer` is that of a
 * guarded call; e NULL, or a fault of the harness instead of an answer. */
dc_status dc_reply_answer(char **line, const dc_request *asked,
                          const dc_answer *answer, const dc_error *e);
dc_status dc_reply_hello(char **line, int64_t id, const dc_impl *impl,
                         const dc_error *e);

/* What hello was answered with. */
typedef struct {
    char name[DC_REPLY_TEXT];
    char version[DC_REPLY_TEXT];
    char declares[DC_REPLY_TEXT]; /* comma-separated */
} dc_hello;

/* DC_OK; DC_FAILED with a sentence that follows the subject's name. */
dc_status dc_reply_greeted(const char *line, size_t length, int64_t id,
                           dc_hello *hello, dc_error *e);

/* What the judge expects of an answer, and what the header said. */
typedef struct {
    int64_t id;
    const dc_problem *p;
    dc_op op;
    int hosted;       /* our own host answers: its extra fields count */
    int refusal;      /* p is illegal: no tensor can be expected */
    char fault[256];  /* the host's own trouble, or "" */
    bool died;        /* the call died: answer says where the access was */
    int64_t bytes[2]; /* of the tensors that follow */
    int tensors;
} dc_expected;

/* Reads an answer's header into `answer` (shape included).  DC_FAILED with a
 * sentence in e when the header is no answer to what was asked. */
dc_status dc_reply_read(const char *line, size_t length, dc_expected *awaited,
                        dc_answer *answer, dc_error *e);

#endif
