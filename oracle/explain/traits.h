/* SPDX-License-Identifier: MIT
 *
 * Traits of a case, such as "g > 1": which ones do the failing cases share
 * that few of the passing cases have?
 */
#ifndef DC_TRAITS_H
#define DC_TRAITS_H

#include "oracle/explain/diagnosis.h"
#include "oracle/explain/failure_log.h"

/* Adds the one or two traits that all failing cases of the sample have and the
 * fewest passing ones, if they distinguish the two. */
void dc_traits_add(const dc_op_sample *sample, dc_diagnosis *d);

#endif
