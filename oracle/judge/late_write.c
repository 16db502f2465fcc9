/* SPDX-License-Identifier: MIT
 *
 * Turns late writes into findings.
 */
#include "oracle/judge/late_write.h"

#include <stdio.h>
#include <string.h>

#include "ref/format.h"

/* "y[0,1,2], 0x3f800000 (1), became 0x00000000 (0)". */
static void describe_element(const dc_late_call *late, char *text, size_t size)
{
    const int dtype = late->p.dtype;
    const int digits = dc_formats[dtype].size * 2;
    int64_t at[5];
    const int axes =
        dc_result_locate(&late->p, late->write.at.tensor,
                         late->write.at.bytes / dc_formats[dtype].size, at);
    char position[128];
    uint64_t was; /* elements of any type fit in these */
    uint64_t now;

    dc_result_list(at, axes, position, sizeof position);
    dc_format_set_bits(dtype, &was, 0, late->write.was);
    dc_format_set_bits(dtype, &now, 0, late->write.now);
    snprintf(text, size,
             "%s%s changed from 0x%0*llx (%.17g) to 0x%0*llx (%.17g)",
             dc_tensor_names[late->write.at.tensor], position, digits,
             (unsigned long long)late->write.was, dc_format_get(dtype, &was, 0),
             digits, (unsigned long long)late->write.now,
             dc_format_get(dtype, &now, 0));
}

static void describe_byte(const dc_stray *at, char *text, size_t size)
{
    char place[DC_ENDPOINT_PLACE];

    dc_endpoint_place(at, place);
    snprintf(text, size, "%s, 0x%02x became 0x%02x", place, (unsigned)at->old,
             (unsigned)at->now);
}

static void add_finding(const dc_late_call *late, dc_moment begin, dc_result *r)
{
    const bool element = late->write.at.side == DC_SIDE_INSIDE &&
                         late->write.at.tensor != DC_TENSORS;
    char name[DC_CASE_MAX];
    char text[256];
    dc_finding *f;

    dc_item_print(&r->item, name);
    if (element)
        describe_element(late, text, sizeof text);
    else
        describe_byte(&late->write.at, text, sizeof text);
    f = dc_result_find(r, late->op, DC_FAIL, DC_CHECK_LATE_WRITE,
                       "after call %lld of this process%s%.130s had returned: "
                       "%s",
                       (long long)late->moment.call,
                       strcmp(name, late->token) ? ", of " : "",
                       strcmp(name, late->token) ? late->token : "", text);
    if (!f)
        return;
    f->earlier = dc_moment_is_before(late->moment, begin);
    f->tensor = late->write.at.tensor;
    f->side = late->write.at.side;
    if (element && late->write.at.tensor == dc_ops[late->op].out)
        dc_finding_element(
            f, &late->p, late->write.at.bytes / dc_formats[late->p.dtype].size);
}

void dc_late_write_find(dc_endpoint *end, dc_moment begin, dc_result *result)
{
    dc_late_call late;

    if (dc_endpoint_take_late(end, &late))
        add_finding(&late, begin, result);
}

dc_status dc_late_write_settle(dc_endpoint *end, dc_result *result, bool *found,
                               dc_error *e)
{
    dc_late_call last;
    dc_answer answer;
    const dc_status status = dc_endpoint_settle(end, &last, &answer, e);

    *found = false;
    if (status != DC_OK ||
        dc_case_parse(last.token, &result->item.c, NULL) != DC_OK)
        return status;
    result->requested[last.op] = true;
    dc_result_lost(result, last.op, &answer);
    last.moment.call--;
    dc_late_write_find(end, last.moment, result);
    *found = result->verdict >= DC_FAIL;
    return status;
}
