/* SPDX-License-Identifier: MIT
 *
 * Which mutants are there?  Rows M0xx and M1xx are the measured mutants of
 * the bug museum (its section 6.1) and their siblings, rows M2xx model its
 * further defects, rows M3xx misbehave in other ways than by wrong numbers.
 *
 * Left out, and the door that is missing:
 *   M068 M091 M107  an accumulate request ignored: results are overwritten,
 *                   the contract has no write mode
 *   M105 M106       right only if another gradient is asked too: the contract
 *                   asks each gradient by itself
 *   C07 C08 C39     auto_pad and explicit sizes are resolved by the profiles,
 *                   before an implementation is called
 *   C25             strided tensors: all tensors are dense
 *   C31             32 bit offsets: need tensors beyond 2^31 elements
 *   C36             quantised types
 *   C37             NaN times a structural zero: legal here (M150 to M152 have
 *                   other zeros)
 *   C40 C41 C42     shape queries, folding, second order
 *
 * Tried and removed, for they are the right algorithm (equivalent mutants):
 *   pe clamped, pe of the other axis    values do not depend on pe, and o is
 *                                       given
 *   weight as [co][ci] where co/g = 1   the same address
 *   pb != pe answered as illegal        M005: that is where its extent differs
 *   gx not cleared, every j written     overwriting each j once is enough
 */
#include "oracle/mutants/mutant_rules.h"

/* ---- the rows ---------------------------------------------------------- */

enum {
    Y = 1 << DC_FORWARD,
    GX = 1 << DC_GRAD_INPUT,
    GW = 1 << DC_GRAD_WEIGHT,
    GB = 1 << DC_GRAD_BIAS
};

/* clang-format off */
const dc_mutant dc_mutants[] = {
#include "oracle/mutants/mutant_forward.def"
#include "oracle/mutants/mutant_gradient.def"
#include "oracle/mutants/mutant_fault.def"
};
/* clang-format on */

const int dc_mutants_count = sizeof dc_mutants / sizeof *dc_mutants;
