/* SPDX-License-Identifier: MIT
 *
 * Would the judge notice?  One direct implementation of the four operations
 * and hundreds of ways to get it wrong, each modelled on a class of defect that
 * public software really had.  self-check runs them all and expects every one
 * to be caught.
 *
 * A mutant is a row of settings for the one algorithm in mutant.c; nothing is
 * cloned.  The rows and the rules that they name are in mutant_*.def.  What a
 * mutant does apart from computing (it crashes, it
 * changes its inputs, ...) is in mutant_impl.c, in a process of its own.
 */
#ifndef DC_MUTANT_H
#define DC_MUTANT_H

#include <stdbool.h>

#include "oracle/base/check.h"
#include "ref/problem.h"
#include "ref/size.h"

/* A number for one axis of a problem: a stride, an extent, a bound. */
typedef int64_t dc_axis_rule(const dc_problem *p, int axis);

/* Does the mistake show on problem p? */
typedef bool dc_when_rule(const dc_problem *p);

/* Does it show after the calls before?  detail: of the mutant. */
typedef struct dc_history dc_history; /* mutant_state.h */
typedef bool dc_history_rule(const dc_history *h, int detail);

#define WHEN(name, condition) dc_when_rule name;
#define SOME_AXIS             WHEN
#define EVERY_AXIS            WHEN
#include "oracle/mutants/mutant_when.def"
#undef WHEN
#undef SOME_AXIS
#undef EVERY_AXIS

/* Mistakes in addressing: channels, batch items, order of the weight. */
typedef enum {
    DC_X_GROUP0 = 1 << 0,      /* input channel without its group's offset */
    DC_W_GROUP0 = 1 << 1,      /* weight without its group's offset */
    DC_Y_GROUP0 = 1 << 2,      /* output channel without its group's offset */
    DC_B_GROUP0 = 1 << 3,      /* b or gb without its group's offset */
    DC_Y_INTERLEAVED = 1 << 4, /* output channel co' * g + group */
    DC_X_ITEM0 = 1 << 5,       /* x, gx without the batch offset */
    DC_Y_ITEM0 = 1 << 6,       /* y, gy without the batch offset */
    DC_W_OUT_FIRST = 1 << 7,   /* weight as [co][ci/g][k..] */
    DC_W_IN_LAST = 1 << 8,     /* weight as [co/g][k..][ci] */
    DC_TAPS_SWAPPED = 1 << 9,  /* the last two axes of a square kernel */
    DC_Y_CHANNEL_FIRST = 1 << 10, /* y as [co][n][o..] */
    DC_B_BY_COLUMN = 1 << 11,     /* bias picked by position, not by channel */
    DC_PHASE_BY_TAP = 1 << 12,    /* sub-pixel phase t mod s, not t*d mod s */
    DC_CONVOLUTION = 1 << 13,     /* o*s - pb + t*d = j, the ordinary one */
    DC_X_PITCH = 1 << 14,         /* rows of x, gx as long as columns */
    DC_Y_PITCH = 1 << 15,         /* rows of y, gy as long as columns */
    DC_B_NEXT = 1 << 16,          /* the next channel's bias */
    DC_W_OUT_LAST = 1 << 17,      /* weight as [ci][k..][co/g] */
    DC_W_TAPS_FIRST = 1 << 18,    /* weight as [k..][ci][co/g] */
    DC_TAPS_TURNED = 1 << 19,     /* weight as [ci][co/g][d][w][h] */
    DC_TAPS_OF_TWIN = 1 << 20,    /* rows of the kernel as long as columns */
    DC_EXTENT_OF_Y = 1 << 21,     /* `extent` is that of y in gx, too */
} dc_index_flags;

/* Mistakes in summing, rounding and writing. */
typedef enum {
    DC_FIRST_ITEM = 1 << 0,       /* batch items after the first left out */
    DC_LAST_ITEM = 1 << 1,        /* batch items before the last left out */
    DC_MEAN = 1 << 2,             /* divided by the batch size */
    DC_CI_TAIL_LOST = 1 << 3,     /* channels past a multiple of 4 left out */
    DC_CI_TAIL_PLAIN = 1 << 4,    /* ... added without their weight */
    DC_CO_TAIL_LOST = 1 << 5,     /* channels past a multiple of 8 left out */
    DC_OVERWRITES = 1 << 6,       /* each product replaces the sum */
    DC_NOT_CLEARED = 1 << 7,      /* sums start from the old contents */
    DC_NOT_WRITTEN = 1 << 8,      /* returns before it writes */
    DC_GAPS_NOT_WRITTEN = 1 << 9, /* elements without a product not written */
    DC_HIT_ONLY = 1 << 10,        /* gy only at positions with a product */
    DC_NO_BIAS = 1 << 11,
    DC_BIAS_EACH = 1 << 12,  /* bias once per product */
    DC_BIAS_HIT = 1 << 13,   /* bias only at positions with a product */
    DC_BIAS_ITEM0 = 1 << 14, /* bias for the first batch item only */
    DC_BIAS_ENDS = 1 << 15,  /* bias only below `ends` */
    DC_SUM_STORED = 1 << 16, /* sums rounded to the storage type */
    DC_CUT_F16 = 1 << 17,    /* factors rounded to 11 bits, as TF32 does */
    DC_CUT_BF16 = 1 << 18,   /* factors rounded to 8 bits */
    DC_CUT_F32 = 1 << 19,    /* factors rounded to 24 bits */
    DC_TRUNCATED = 1 << 20,  /* stored towards zero, not to nearest */
    DC_BIAS_TWICE = 1 << 21,
    DC_GROUP_LOST = 1 << 22,  /* the last of several groups left out */
    DC_PAIRED_ZERO = 1 << 23, /* factors are processed in pairs: in a sum of
                                 odd length the last w (gx) or x (gw) is also
                                 multiplied by a padding zero */
    DC_PAIRED_NEXT = 1 << 24, /* ... and so is the element after gy's last */
    /* mistakes at a threshold, see `of` and `least` */
    DC_PAST_LOST = 1 << 25,    /* what lies past least-1 is left out */
    DC_PAST_WRAPPED = 1 << 26, /* its index is taken modulo least-1 */
    DC_FIRST_LOST = 1 << 27,   /* the first of several batch items left out */
    DC_END_LOST = 1 << 28,     /* the last of several batch items left out */
    DC_ALL_GROUPS = 1 << 29,   /* each group's sums go to every group of y */
} dc_sum_flags;

/* What a mutant needs to show, in addition to poisoned results and exact data
 * on varied small problems; 0 for nearly all. */
typedef enum {
    DC_NEEDS_EMPTY = 1 << 0,   /* a problem with an extent 0 */
    DC_NEEDS_ROUND = 1 << 1,   /* data of full mantissa, so that sums round */
    DC_NEEDS_HALF = 1 << 2,    /* f16 or bf16 */
    DC_NEEDS_SINGLE = 1 << 3,  /* f32 */
    DC_NEEDS_LADDER = 1 << 4,  /* 24 channels, or 8 input and 8 output ones */
    DC_NEEDS_SIGNED = 1 << 5,  /* a negative pad */
    DC_NEEDS_DOUBLE = 1 << 6,  /* f64 */
    DC_NEEDS_ILLEGAL = 1 << 7, /* an illegal problem; `when` says which */
    DC_NEEDS_SPECIAL = 1 << 8, /* infinities or NaN */
    DC_NEEDS_SCALE = 1 << 9,   /* a problem that is large in `of` */
} dc_need_flags;

/* Misbehaviour apart from a wrong formula.  Unless a row says so, the values
 * are right. */
typedef enum {
    DC_FAULT_NONE,
    DC_FAULT_READS_PAST,   /* the element after input `detail` */
    DC_FAULT_READS_BEFORE, /* the element before input `detail` */
    DC_FAULT_WRITES_PAST,  /* the element after the result */
    DC_FAULT_WRITES_BEFORE,
    DC_FAULT_TRAPS,           /* divides by zero */
    DC_FAULT_ABORTS,          /* abort() */
    DC_FAULT_EXITS,           /* exit(0) */
    DC_FAULT_NEEDS_ALIGNMENT, /* SIGSEGV if input 0 is not aligned to `detail`
                                 bytes */
    DC_FAULT_HANGS,
    DC_FAULT_CHANGES_INPUT,    /* the first element of input `detail` */
    DC_FAULT_WRONG_STATUS,     /* returns `detail` without a result */
    DC_FAULT_REFUSES_ALONE,    /* returns DC_INVALID, other operations do not */
    DC_FAULT_ALTERNATES,       /* every other call sums in the storage type */
    DC_FAULT_DROPS_THIRD_CALL, /* every third call zeroes the last element */
    DC_FAULT_STALE_INPUT,  /* reads input `detail` of the previous call if the
                             problem is the same: a packed copy not renewed */
    DC_FAULT_STALE_PLAN,   /* uses stride and pads of the previous call if rank
                            and kernel are the same */
    DC_FAULT_STALE_RESULT, /* adds the previous result if the problem is the
                              same */
    DC_FAULT_DROPS_IF_ALIGNED, /* zeroes the last element of a result that is
                                  aligned to 64 bytes */
    DC_FAULT_DROPS_ON_RETURN,  /* zeroes the last element if the problem is that
                                 of the call before the previous one: a plan
                                 that was only half discarded */
    DC_FAULT_DROPS_BY_THREADS, /* zeroes the last element if it may use
                                    `detail` threads or more */
    DC_FAULT_ACCEPTS,          /* returns DC_OK and does nothing */
    DC_FAULT_AFTER_REFUSAL,    /* once it has refused an illegal problem, the
                                * next call returns `detail`, or if that is
                                * DC_OK, each call changes the last element */
    DC_FAULT_LOSES_LAST,    /* zeroes the last element if `history` says so */
    DC_FAULT_STALE_HEAD,    /* as DC_FAULT_STALE_INPUT, unless the first 16
                                * bytes of the input changed */
    DC_FAULT_STALE_SUM,     /* ... unless its sum changed */
    DC_FAULT_STALE_ANSWER,  /* the result of the previous call, if the problem
                                * and the first 16 bytes of input 0 are the
                                * same */
    DC_FAULT_STORES_VECTOR, /* zeroes what is between the end of a result that
                               is aligned to `detail` bytes and the next
                               multiple of them */
    DC_FAULT_STORES_BEFORE, /* zeroes what is before a result that is not */
    DC_FAULT_SPILLS_INPUT,  /* zeroes the element after input `detail`, if that
                               is aligned to a page */
    DC_FAULT_BORROWS_INPUT, /* changes input `detail` and puts it back */
    DC_FAULT_CHANGES_PROBLEM,
    DC_FAULT_BORROWS_PROBLEM, /* changes the problem and puts it back */
    DC_FAULT_DROPS_IF_ODD,    /* zeroes the last element of a result that is not
                                 aligned to `detail` bytes */
    DC_FAULT_SHARES_PLAN,     /* ... if another thread has another problem */
    DC_FAULT_SHARES_SUM,      /* adds it up in a static variable */
    DC_FAULT_FREES_SHARED,    /* SIGSEGV if another thread is inside */
    DC_FAULT_BUSY,            /* DC_FAILED if another thread is inside */
    DC_FAULT_FIRST_THREAD,    /* zeroes the last element in all threads but the
                                 first that calls */
    DC_FAULT_LATE_RESULT, /* changes the first byte of the result when the next
                             call begins */
    DC_FAULT_LATE_INPUT,  /* ... of input `detail` */
    DC_FAULT_LATE_PAST,   /* ... behind the result */
    DC_FAULTS
} dc_fault;

/* One mutant.  A rule that is NULL is the right one. */
typedef struct {
    const char *id;       /* M001..: bug museum 6.1; M201..: 6.2 and section 3;
                         * M301..: faults; M401..: state; M451..: memory;
                         * M501..: thresholds; M601..: planted mistakes */
    const char *class_;   /* C01..: class of defect */
    int ops;              /* bit 1 << op: operations that it alters */
    const char *what;     /* one line */
    const char *report;   /* the public report that it models, or NULL */
    dc_when_rule *when;   /* problems that it alters; NULL: all */
    dc_size of;           /* ... and only if they have of this quantity */
    int64_t least;        /* at least so much; 0: any */
    dc_axis_rule *extent; /* extent that it derives (of gx for grad_input);
                           * if not the problem's own: DC_INVALID */
    dc_axis_rule *s;      /* in the values: j*s - pb + t*d = o */
    dc_axis_rule *d;
    dc_axis_rule *pb;
    dc_axis_rule *taps;    /* taps from here on are left out */
    dc_axis_rule *used;    /* input positions from here on are left out */
    dc_axis_rule *mirror;  /* 1: the kernel is read backwards */
    dc_axis_rule *ends;    /* output positions from here on take no part */
    dc_axis_rule *written; /* output positions from here on stay as they are */
    dc_index_flags index;
    dc_sum_flags sum;
    dc_need_flags needs;
    dc_fault fault; /* in the calls that it alters */
    dc_history_rule *history;
    int detail; /* of the fault: an input's number, bytes, a status, ... */
} dc_mutant;

extern const dc_mutant dc_mutants[];
extern const int dc_mutants_count;

/* The mutant with this id, or NULL. */
const dc_mutant *dc_mutant_find(const char *id);

/* The check that notices m's fault; DC_CHECKS if the values decide. */
dc_check dc_mutant_check(const dc_mutant *m);

/* Can m alter op's result? */
bool dc_mutant_touches(const dc_mutant *m, dc_op op);

/* Does m alter op's result for problem p?  m may be NULL. */
bool dc_mutant_alters(const dc_mutant *m, const dc_problem *p, dc_op op);

/* Computes op's result (dense, of the problem's dtype, overwritten unless m
 * leaves elements unwritten) from the tensors that op takes, with m's mistakes;
 * m NULL: with none.  Sums are formed in binary64, input by input, and rounded
 * once.  For every m nothing outside the tensors is accessed: faults have no
 * effect here.
 *
 * DC_INVALID: the problem is illegal, or m derives another extent.
 * DC_UNSUPPORTED: a parameter is larger than 2^30.  DC_NOMEM. */
dc_status dc_mutant_run(const dc_mutant *m, const dc_problem *p, dc_op op,
                        const void *const tensors[DC_TENSORS], void *result);

/* The mutant with this id as an implementation ("clean": without a mutation),
 * or NULL.  A process hosts one mutant: the table has no room for a context, so
 * the choice is kept for the process. */
const dc_impl *dc_mutant_impl(const char *id);

#endif
