/* SPDX-License-Identifier: MIT
 *
 * Is an implementation wrong only from some value of a quantity on (channels,
 * positions, taps, elements, products of a sum), and from which one?
 */
#ifndef DC_THRESHOLD_H
#define DC_THRESHOLD_H

#include "oracle/explain/shrink_live.h"
#include "ref/size.h"

/* Cases that are judged to find a threshold, at most. */
enum { DC_THRESHOLD_CALLS = 64, DC_THRESHOLD_TEXT = 160 };

typedef struct {
    dc_size of;    /* DC_OF_NOTHING: the failures have no threshold that was
                       found; else the fields below are set */
    int64_t wrong; /* the smallest value of it that was seen to fail */
    int64_t right; /* the largest below that, which passed */
    int calls;     /* cases judged, always set */
} dc_threshold;

/* Starts at the smallest case, which fails, and moves the numbers that are
 * large in it one at a time: which quantity tells the cases that fail from
 * those that pass?  Its value is then found by bisection.  A status other than
 * DC_OK is a harness fault. */
dc_status dc_threshold_find(const dc_subject *subject, const dc_judge *judge,
                            const dc_shrunk *smallest, dc_threshold *out,
                            dc_error *e);

/* One sentence without a stop; "" if there is no threshold. */
void dc_threshold_say(const dc_threshold *t, char text[DC_THRESHOLD_TEXT]);

#endif
