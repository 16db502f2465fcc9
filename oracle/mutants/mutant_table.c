/* SPDX-License-Identifier: MIT
 *
 * Which mutants are there?  Rows M0xx and M1xx are the measured mutants of
 * the bug museum (its section 6.1) and their siblings, rows M2xx model its
 * further defects, rows M3xx have faults other than wrong formulas.
 *
 * Missing, because the contract has no way to show them:
 *   M068 M091 M107  an accumulate request ignored: results are overwritten,
 *                   the contract has no write mode
 *   M105 M106       right only if another gradient is computed too: the
 *                   contract requests each gradient separately
 *   C07 C08 C39     auto_pad and explicit sizes: the profiles resolve them
 *                   before an implementation is called
 *   C25             strided tensors: all tensors are dense
 *   C31             32-bit offsets: they need tensors beyond 2^31 elements
 *   C36             quantised types
 *   C37             NaN times a structural zero: legal here (M150 to M152 have
 *                   other zeros)
 *   C40 C41 C42     shape queries, folding, second order
 *
 * Removed, because they are equivalent to the right algorithm:
 *   pe clamped, pe of the other axis    values do not depend on pe, and o is
 *                                       given
 *   weight as [co][ci] if co/g = 1      the same address
 *   pb != pe reported as illegal        M005: its extent differs exactly there
 *   gx not cleared, every j written     overwriting each j once is enough
 */
#include "oracle/mutants/mutant_rules.h"

#include <string.h>

/* operations that a row alters */
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

const dc_mutant *dc_mutant_find(const char *id)
{
    for (int m = 0; m < dc_mutants_count; m++)
        if (strcmp(dc_mutants[m].id, id) == 0)
            return &dc_mutants[m];
    return NULL;
}
