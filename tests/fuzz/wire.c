/* SPDX-License-Identifier: MIT
 *
 * Reads any bytes as a line of the pipe protocol: as a request, a reply to
 * hello, and a reply to each kind of request for each operation.
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
    dc_request request;
    dc_hello hello;
    dc_reply reply;
    dc_case c;

    if (dc_wire_read(line, size, &request, &e) == DC_OK &&
        (request.kind == DC_REQUEST_CALL || request.kind == DC_REQUEST_LARGE) &&
        dc_problem_check(&request.p, &e) != DC_OK)
        abort();
    (void)dc_reply_read_hello(line, size, 1, &hello, &e);
    if (dc_case_parse("n2_ci2_co4_g2_i3x4_k2_b1", &c, &e) != DC_OK)
        abort();
    for (int kind = DC_REQUEST_CALL; kind < DC_REQUESTS; kind++)
        for (int op = 0; op < DC_OPS; op++) {
            request =
                (dc_request){1, (dc_request_kind)kind, (dc_op)op, NULL, c.p};
            (void)dc_reply_read(line, size, &request, false, &reply, &e);
            (void)dc_reply_read(line, size, &request, true, &reply, &e);
        }
    return 0;
}
