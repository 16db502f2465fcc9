/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a line of the pipe protocol: a request, an answer to each
 * operation, an answer to hello.  Nobody's line may do more than be refused.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/subject/reply.h"
#include "ref/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    dc_error e = {DC_OK, NULL, -1, ""};
    dc_request asked;
    dc_hello hello;
    dc_case c;

    if (dc_wire_asked(line, size, &asked, &e) == DC_OK && !asked.hello &&
        dc_problem_check(&asked.p, &e) != DC_OK)
        abort();
    (void)dc_reply_greeted(line, size, 1, &hello, &e);
    if (dc_case_parse("n2_ci2_co4_g2_i3x4_k2_b1", &c, &e) != DC_OK)
        abort();
    for (int op = 0; op < DC_OPS; op++)
        for (int hosted = 0; hosted < 2; hosted++) {
            dc_expected awaited = {
                .id = 1, .p = &c.p, .op = (dc_op)op, .hosted = hosted};
            dc_answer answer = dc_endpoint_blank();

            (void)dc_reply_read(line, size, &awaited, &answer, &e);
        }
    return 0;
}
