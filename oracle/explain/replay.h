/* SPDX-License-Identifier: MIT
 *
 * Would a known defect have failed a case, and in the way in which it failed?
 * The case is run again with the defect's mutant as the implementation.
 */
#ifndef DC_REPLAY_H
#define DC_REPLAY_H

#include "oracle/explain/failure_log.h"

/* One operation of a case with its inputs and the right result. */
typedef struct {
    const dc_case *c;
    dc_op op;
    int64_t count; /* elements of the result */
    size_t bytes;
    void *own[DC_TENSORS];
    const void *tensors[DC_TENSORS];
    void *right;
    void *wrong; /* result of the mutant that ran last */
} dc_replay;

/* The inputs are the case's own (side 0) or those of one side, 1 or -1, of a
 * finite difference.  A status other than DC_OK and DC_NOMEM: this case cannot
 * be run again.  On error there is nothing to close. */
dc_status dc_replay_open(dc_replay *r, const dc_case *c, dc_op op, int side);
void dc_replay_close(dc_replay *r);

/* How does a defect explain a failure?  Flags, as several runs may count. */
typedef enum {
    DC_MATCH_NONE = 0,
    DC_MATCH_RESULT = 1 << 0, /* by what it computes or does */
    DC_MATCH_POISON = 1 << 1  /* by a NaN of memory that it does not write,
                                 among data that hold NaN themselves */
} dc_match;

/* Does m explain failure f of this case: the same first wrong element with the
 * same value, and on exact data as many wrong elements and the same sum of all?
 * *excess grows by the difference between these numbers. */
dc_match dc_replay_explains(dc_replay *r, const dc_mutant *m,
                            const dc_failure *f, int64_t *excess);

/* Would m have failed this case?  False if that is unknown: if the data
 * are not exact, or the fault depends on addresses or earlier calls. */
bool dc_replay_fails(dc_replay *r, const dc_mutant *m);

#endif
