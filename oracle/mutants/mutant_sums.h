/* SPDX-License-Identifier: MIT
 *
 * The sums of a mutant's call, before a bias is added and they are rounded.
 */
#ifndef DC_MUTANT_SUMS_H
#define DC_MUTANT_SUMS_H

#include "oracle/mutants/mutant_triples.h"

/* Adds every product to k->sums; layouts, triples and values must be set. */
void dc_sums_add(dc_work *k);

#endif
