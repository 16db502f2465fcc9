/* SPDX-License-Identifier: MIT
 *
 * What the rows of mutants are made of: wrong numbers for an axis
 * (mutant_rules.def), and conditions under which a mistake shows
 * (mutant_when.def).
 */
#ifndef DC_MUTANT_RULES_H
#define DC_MUTANT_RULES_H

#include "oracle/mutants/mutant.h"

#define RULE(name, number) dc_axis_rule name;
#include "oracle/mutants/mutant_rules.def"
#undef RULE

#define WHEN(name, condition) dc_when_rule name;
#define SOME_AXIS             WHEN
#define EVERY_AXIS            WHEN
#include "oracle/mutants/mutant_when.def"
#undef WHEN
#undef SOME_AXIS
#undef EVERY_AXIS

#endif
