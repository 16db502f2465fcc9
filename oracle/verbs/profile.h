/* SPDX-License-Identifier: MIT
 *
 * The option --profile: only what a framework can write is asked.
 */
#ifndef DC_VERBS_PROFILE_H
#define DC_VERBS_PROFILE_H

#include "cases/space/scope.h"

/* Narrows s to the problems that can be written in the profile, whose name the
 * caller has checked and which stays in use by s.  DC_INVALID, with a sentence,
 * if nothing is left. */
dc_status dc_profile_narrow(dc_scope *s, const char *profile, dc_error *e);

#endif
