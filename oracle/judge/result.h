/* SPDX-License-Identifier: MIT
 *
 * What judging one case gave: the one stream that every report reads.
 */
#ifndef DC_RESULT_H
#define DC_RESULT_H

#include "cases/space/sweep.h"
#include "oracle/base/check.h"
#include "oracle/subject/endpoint.h"
#include "oracle/truth/grade.h"

/* Verdicts, the worst last: a case has the worst verdict of its operations,
 * but an unsupported operation does not spoil a pass. */
typedef enum {
    DC_UNJUDGED, /* unsupported */
    DC_PASS,
    DC_FAIL,
    DC_CRASH,
    DC_HANG,
    DC_VERDICTS
} dc_verdict;

extern const char *const dc_verdict_names[DC_VERDICTS];

/* A finding.  Everything is plain data, so that it outlives its case. */
typedef struct {
    dc_op op;
    dc_check check;
    char text[320]; /* one sentence */
    int has_value;  /* 1: the fields below are set */
    int64_t index;  /* first wrong element, C order ... */
    int64_t at[5];  /* ... and by axis */
    int axes;
    int64_t wrong; /* wrong elements ... */
    int64_t total; /* ... of so many */
    uint64_t got_bits;
    uint64_t want_bits;
    double got;
    double want;
    int64_t n;        /* products of the formula */
    double s;         /* S, rounded up */
    double bound;     /* 0 when bitwise */
    double ratio;     /* error / bound */
    dc_tensor tensor; /* changed, or accessed outside; DC_TENSORS: none */
    dc_side side;     /* of tensor, for an access outside */
    int signal;       /* that ended the process, or 0 */
    bool exited;      /* the process ended by itself */
    dc_status status; /* that the call returned */
} dc_finding;

enum { DC_FINDINGS_MAX = 12 };

/* error / bound of every element: exact, up to 2^-9, then by powers of two up
 * to 1, then above 1. */
enum { DC_BINS = 12 };

/* What was measured beside the verdict. */
typedef struct {
    int64_t ratios[DC_OPS][DC_BINS];
    dc_grade grade[DC_OPS]; /* `real` alone */
    int64_t policy[DC_OPS][DC_ZEROS]
                  [2]; /* elements that show such a zero left alone,
                                    multiplied */
    int proved;        /* 1: the structure of forward and of both
                                    gradients, as far as they are judged */
    int other_bits;    /* 1: not those of one thread, which is legal */
    int64_t warnings;
} dc_measures;

/* The bin of a ratio. */
int dc_result_bin(double ratio);

typedef struct {
    int64_t number; /* position in the run, from 0 */
    dc_item item;
    dc_verdict verdict;
    dc_verdict by_op[DC_OPS];
    int asked[DC_OPS]; /* 1: the operation was put to the implementation */
    char reason[256];  /* of the last operation that was refused, or "" */
    dc_finding findings[DC_FINDINGS_MAX];
    int n_findings;
    int prove; /* asked for: the structure proof, too (prove.h) */
    dc_measures measures;
    double seconds;
} dc_result;

/* A further finding of this verdict, or NULL when there are enough. */
dc_finding *dc_result_find(dc_result *r, dc_op op, dc_verdict verdict,
                           dc_check check, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Copies how the call ended from `a` to f, unless f is NULL. */
void dc_finding_answer(dc_finding *f, const dc_answer *a);

/* A finding about a call that crashed or hung; false if it was answered. */
bool dc_result_lost(dc_result *r, dc_op op, const dc_answer *a);

/* The position of a finding: "y[1,0,2,3]". */
void dc_finding_position(const dc_finding *f, char *text, size_t size);

#endif
