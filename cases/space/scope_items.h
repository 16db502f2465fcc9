/* SPDX-License-Identifier: MIT
 *
 * Which items of a sweep are inside a scope?
 */
#ifndef DC_SCOPE_ITEMS_H
#define DC_SCOPE_ITEMS_H

#include "cases/space/sweep.h"

/* A case is inside if its problem is, a scenario if all its problems are, an
 * illegal problem if its rank is: the field that breaks the rule is outside by
 * its nature. */
bool dc_scope_items_has(const dc_item *item, const dc_scope *scope);

#endif
