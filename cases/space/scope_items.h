/* SPDX-License-Identifier: MIT
 *
 * Which items of a sweep are inside a scope?
 */
#ifndef DC_SCOPE_ITEMS_H
#define DC_SCOPE_ITEMS_H

#include "cases/space/sweep.h"

/* A case is inside if its problem is, a scenario if all its problems are.  An
 * illegal problem is, if the legal one that it is made of is, and the illegal
 * one but for the field that breaks the rule. */
bool dc_scope_items_has(const dc_item *item, const dc_scope *scope);

#endif
