/* SPDX-License-Identifier: MIT
 *
 * The verbs of this room.
 */
#ifndef DC_VERBS_H
#define DC_VERBS_H

#include "oracle/base/verb.h"

extern const dc_verb dc_verify_verb;
extern const dc_verb dc_cases_verb;
extern const dc_verb dc_show_verb;
extern const dc_verb dc_vectors_verb;
extern const dc_verb dc_judge_pack_verb;

#endif
