/* SPDX-License-Identifier: MIT
 *
 * For tests of diagnoses: what is said of the failures of an operation.
 */
#ifndef TESTS_DIAGNOSIS_H
#define TESTS_DIAGNOSIS_H

#include "oracle/explain/diagnosis.h"
#include "tests/support/subject.h"

/* As dc_diagnose, which must succeed. */
static inline dc_diagnosis must_diagnose(const dc_failure_log *log, dc_op op,
                                         const char *without, dc_endpoint *end)
{
    dc_diagnosis d;
    dc_error e = {.text = ""};

    if (dc_diagnose(log, op, without, end, &d, &e) != DC_OK)
        fail_msg("%s", e.text);
    return d;
}

/* What dc_diagnosis_print writes; freed by the caller. */
static inline char *diagnosis_text(const dc_diagnosis *d)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    dc_diagnosis_print(d, to);
    fclose(to);
    return text;
}

#endif
