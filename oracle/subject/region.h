/* SPDX-License-Identifier: MIT
 *
 * Memory for one tensor, or for the structure of the problem, between two
 * inaccessible stretches.  The bytes around it on its own pages are canaries.
 */
#ifndef DC_REGION_H
#define DC_REGION_H

#include "oracle/subject/endpoint.h"

enum { DC_CANARY_BYTES = 2048 }; /* on each side, if the placement has room */

/* The canaries of every region: the byte at address a is byte[a % half].  In
 * each type every element of it is a NaN, so that what is read beyond a tensor
 * cannot vanish in a product with zero, and no two neighbours are alike. */
typedef struct {
    unsigned char byte[2 * DC_CANARY_BYTES];
} dc_canaries;

void dc_canaries_make(dc_canaries *c);

/* [guard | accessible bytes | guard] with one tensor in it.  The same bytes can
 * be read, and not written, at a second address: to protect them anew for each
 * call would cost more than most calls. */
typedef struct {
    const dc_canaries *canaries; /* set by the owner; the rest is zero before */
    dc_tensor tensor;            /* DC_TENSORS: the structure of the problem */
    char *map;
    char *locked; /* the second mapping; NULL: there is none */
    size_t mapped;
    char *open; /* the accessible bytes */
    size_t capacity;
    char *at; /* the tensor */
    size_t bytes;
} dc_region;

/* Gives the region `bytes` bytes for `tensor`.  A mapping grows by half at
 * least, so that a sweep of growing cases does not map again for each of them.
 * DC_NOMEM. */
dc_status dc_region_reserve(dc_region *r, dc_tensor tensor, size_t bytes,
                            dc_error *e);
void dc_region_free(dc_region *r);

/* Makes a region of zeros out of a few pages that are mapped again and again,
 * each its own once it is written: 2^32 zeros then take little memory on every
 * kernel, and are read in a tenth of the time.  False, with the memory that the
 * region had, perhaps in part, if the system has none of this. */
bool dc_region_share_zeros(dc_region *r);

typedef enum {
    DC_AT_END,   /* it ends at its guard; so does one without bytes, always */
    DC_AT_BEGIN, /* it begins at its guard, which is aligned to a page */
    DC_AT_LINE,  /* canaries on both sides, aligned to 64 bytes */
    DC_AT_ODD    /* canaries on both sides, aligned to its element only */
} dc_placement;

/* Places the tensor, whose elements have `size` bytes, and writes the
 * canaries. */
void dc_region_place(dc_region *r, dc_placement where, size_t size);

/* The tensor at the address where it cannot be written, or else at its own. */
const char *dc_region_locked(const dc_region *r);

/* Finds the changed canary that is closest to the tensor. */
bool dc_region_stray(const dc_region *r, dc_stray *stray);

/* Where is the address: DC_SIDE_NONE if it is not in the region's mapping. */
dc_stray dc_region_where(const dc_region *r, const char *address);

#endif
