/* SPDX-License-Identifier: MIT
 *
 * What judging one case found.  Every report is written from these results
 * and from nothing else.
 */
#ifndef DC_RESULT_H
#define DC_RESULT_H

#include "cases/profile/limit.h"
#include "cases/space/sweep.h"
#include "oracle/base/check.h"
#include "oracle/subject/endpoint.h"
#include "oracle/truth/grade.h"

/* Verdicts in ascending order.  A case has the highest verdict of its
 * operations, so an unsupported operation does not spoil a pass. */
typedef enum {
    DC_UNJUDGED, /* unsupported */
    DC_PASS,
    DC_FAIL,
    DC_CRASH,
    DC_HANG,
    DC_VERDICTS
} dc_verdict;

extern const char *const dc_verdict_names[DC_VERDICTS];

enum { DC_FINDING_TEXT = 320 };

/* One finding.  It holds no pointers, so that it outlives its case. */
typedef struct {
    dc_op op;
    dc_check check;
    char text[DC_FINDING_TEXT];  /* one sentence for people */
    char said[DC_ENDPOINT_SAID]; /* what was printed during the call */

    /* The call, as in dc_answer. */
    dc_status status;
    int signal;
    bool exited;
    dc_side side;
    dc_tensor tensor;

    bool omitted; /* the call was not made, after many without an answer */
    bool earlier; /* it is about a call of an earlier case */
    bool once;    /* the same call again gave the right result */
    bool later;   /* the first call gave it, the same again did not */

    /* The first wrong element: axes is 0 if the finding names none. */
    int axes;
    int64_t index; /* C order */
    int64_t at[5]; /* the same by axis */

    /* Its value, if has_value. */
    bool has_value;
    int64_t wrong; /* number of wrong elements; 0: other bits than before */
    int64_t total; /* number of elements */
    uint64_t got_bits;
    uint64_t want_bits;
    double got;
    double want;
    double sum;   /* of the whole result (dc_result_sum) */
    int64_t n;    /* products of the formula */
    double s;     /* S, rounded up */
    double bound; /* 0: compared bit for bit */
    double ratio; /* error / bound */
} dc_finding;

enum { DC_FINDINGS_MAX = 12 };

/* Bins of error / bound: 0, up to 2^-9, then one per power of two up to 1,
 * then above 1. */
enum { DC_BINS = 12 };

/* Statistics that do not affect the verdict. */
typedef struct {
    int64_t ratios[DC_OPS][DC_BINS]; /* elements by error / bound */
    dc_grade grade[DC_OPS];          /* of `real` data */
    /* Elements that show that a zero times NaN or infinity was skipped [0] or
     * multiplied [1]. */
    int64_t policy[DC_OPS][DC_ZEROS][2];
    bool proved;     /* the structure of every judged operation */
    bool other_bits; /* than with one thread, which is legal */
    int64_t warnings;
    unsigned left; /* bits 1 << dc_left: what calls changed of the process */
} dc_measures;

/* A result that a later call may be compared with. */
typedef struct {
    bool kept;
    dc_moment moment; /* of the call that gave it */
    uint64_t hash;    /* of its bits */
} dc_trace;

/* Does judging include the structure proof (prove.h)? */
typedef enum {
    DC_PROVE_NOTHING,
    DC_PROVE_CASE, /* of the geometry with its channels */
    DC_PROVE_AXES  /* of the axes alone: n, ci, co and g are 1 */
} dc_proving;

typedef struct {
    /* Set by the caller; the rest is zero before judging. */
    int64_t number; /* position in the run, from 0 */
    dc_item item;
    dc_proving prove;

    dc_verdict verdict;
    dc_verdict by_op[DC_OPS];
    bool requested[DC_OPS];        /* the operation was called */
    dc_limit_rule refused[DC_OPS]; /* the documented limit, if it was INVALID */
    char reason[256];              /* of the last refusal, or "" */
    dc_finding findings[DC_FINDINGS_MAX];
    int n_findings;
    dc_measures measures;
    dc_trace traces[DC_OPS];
    double seconds;
} dc_result;

/* The bin of error / bound. */
int dc_result_bin(double ratio);

/* Raises op and the case to at least `verdict`. */
void dc_result_raise(dc_result *r, dc_op op, dc_verdict verdict);

/* Adds a finding and raises the verdict.  Returns the finding, or NULL if the
 * result is full. */
dc_finding *dc_result_find(dc_result *r, dc_op op, dc_verdict verdict,
                           dc_check check, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Sets the element of op's result that f is about.  f may be NULL. */
void dc_finding_element(dc_finding *f, const dc_problem *p, int64_t index);

/* A weighted sum of the finite ones of `count` elements, which tells results
 * with different values, or the same in other places, apart. */
double dc_result_sum(int dtype, const void *result, int64_t count);

/* The position of a finding: "y[1,0,2,3]". */
void dc_finding_position(const dc_finding *f, char *text, size_t size);

/* The verdict on a call that gave no result. */
dc_verdict dc_result_verdict(dc_outcome outcome);

/* Adds the finding about a call that crashed or hung; false if it was
 * answered. */
bool dc_result_lost(dc_result *r, dc_op op, const dc_answer *a);

/* Adds the finding that a legal problem was answered with a->status.  INVALID
 * is about the extent: the implementation derives another one. */
void dc_result_status(dc_result *r, dc_op op, const dc_answer *a);

/* Adds the finding that the call changed an input, if it did. */
void dc_result_inputs(dc_result *r, dc_op op, const dc_answer *a);

/* Adds the finding that the call changed a byte outside of the tensors, if it
 * did. */
void dc_result_outside(dc_result *r, dc_op op, const dc_answer *a);

/* Adds the finding that a call from a second thread, or from two at once, had
 * another status or other bits than alone.  nondeterministic: only the status
 * counts, since the values are judged. */
void dc_result_reentrant(dc_result *r, dc_op op, const dc_problem *p,
                         const dc_answer *a, bool nondeterministic);

/* Element `index` of a tensor of this shape, by axis. */
void dc_result_split(int64_t index, const int64_t *shape, int axes,
                     int64_t at[5]);

/* Element `index` of tensor t by axis; returns the number of axes. */
int dc_result_locate(const dc_problem *p, dc_tensor t, int64_t index,
                     int64_t at[5]);

/* Prints "[1,0,2,3]". */
void dc_result_list(const int64_t *at, int axes, char *text, size_t size);

/* What all cases of a run share. */
typedef struct {
    const char *program; /* argv[0] */
    const char *impl;    /* as typed after --impl */
    const char *how;     /* verb and options that precede impl in the command;
                          * NULL: "verify --impl" */
    const char *name;    /* as shown in reports, with version */
    const char *version;
    const char *options; /* further options of the command, each with a blank
                          * before it; "": none */
    const char *whole;   /* options that ask all of the run's cases in one
                          * process; NULL: no finding needs them */
    const char *dtypes;  /* sentence: which types are judged, which are not
                          * offered */
    uint64_t seed;
} dc_run;

/* Copies word to text[size], in single quotes if the shell needs them.  A word
 * that is too long is cut. */
void dc_result_quote(const char *word, char *text, size_t size);

/* Size of a buffer for a command; longer ones are cut. */
enum { DC_COMMAND_MAX = DC_CASE_MAX + 16384 };

/* The command that reproduces r's finding about op: of r's case alone, or of
 * the whole run if the finding depends on the cases before.  All operations are
 * asked if the finding compares them, or depends on the calls before, as any of
 * a sequence may. */
void dc_result_command(const dc_result *r, dc_op op, const dc_run *run,
                       char *text, size_t size);

#endif
