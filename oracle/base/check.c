/* SPDX-License-Identifier: MIT
 *
 * The names of the checks.
 */
#include "oracle/base/check.h"

const char *const dc_check_names[DC_CHECKS + 1] = {
    [DC_CHECK_VALUE] = "value",
    [DC_CHECK_WRITTEN] = "written",
    [DC_CHECK_INPUTS] = "inputs",
    [DC_CHECK_OUTSIDE] = "outside",
    [DC_CHECK_REENTRANT] = "reentrant",
    [DC_CHECK_REPEAT] = "repeat",
    [DC_CHECK_EXTENT] = "extent",
    [DC_CHECK_STATUS] = "status",
    [DC_CHECK_LIMIT] = "limit",
    [DC_CHECK_CRASHED] = "crashed",
    [DC_CHECK_HUNG] = "hung",
    [DC_CHECK_DIFFERENCE] = "finite difference",
    [DC_CHECK_ADJOINT] = "adjoint",
    [DC_CHECK_STRUCTURE] = "structure",
    [DC_CHECK_GRADE] = "grade",
    [DC_CHECK_GRADES] = "grades",
    [DC_CHECK_ALTERNATION] = "alternation",
    [DC_CHECK_SEQUENCE] = "sequence",
    [DC_CHECK_LATER] = "later",
    [DC_CHECK_LATE_WRITE] = "late write",
    [DC_CHECK_STATE] = "state",
    [DC_CHECK_ANSWER] = "answer",
    [DC_CHECK_REFUSAL] = "refusal",
    [DC_CHECKS] = "",
};

bool dc_check_is_identity(dc_check check)
{
    return check == DC_CHECK_ADJOINT || check == DC_CHECK_DIFFERENCE;
}

bool dc_check_has_history(dc_check check)
{
    return check == DC_CHECK_SEQUENCE || check == DC_CHECK_LATER ||
           check == DC_CHECK_LATE_WRITE;
}

bool dc_check_needs_all_ops(dc_check check)
{
    return dc_check_is_identity(check) || dc_check_has_history(check) ||
           check == DC_CHECK_LIMIT;
}

bool dc_check_is_of_run(dc_check check)
{
    return check == DC_CHECK_LATER || check == DC_CHECK_GRADES;
}

bool dc_check_is_grade(dc_check check)
{
    return check == DC_CHECK_GRADE || check == DC_CHECK_GRADES;
}
