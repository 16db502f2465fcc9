/* SPDX-License-Identifier: MIT
 *
 * What one call showed: the answer before anything is known, and its words.
 */
#include "oracle/subject/endpoint.h"

#include <stdio.h>

dc_answer dc_endpoint_blank(void)
{
    const dc_answer blank = {.outcome = DC_ANSWERED,
                             .status = DC_OK,
                             .repeat = -1,
                             .unwritten = -1,
                             .added = -1,
                             .shape_axes = -1,
                             .tensor = DC_TENSORS,
                             .overlap.element = -1};

    return blank;
}

const char *const dc_overlap_related[DC_RELATED] = {"i halved and s + 1",
                                                    "i halved", "n + 1"};

void dc_endpoint_overlap(const dc_overlap *o, char text[DC_ENDPOINT_OVERLAP])
{
    switch (o->kind) {
    case DC_OVERLAP_SECOND:
        snprintf(text, DC_ENDPOINT_OVERLAP, " in a second thread");
        break;
    case DC_OVERLAP_SAME:
        snprintf(text, DC_ENDPOINT_OVERLAP, " with two threads inside at once");
        break;
    case DC_OVERLAP_RELATED:
        snprintf(text, DC_ENDPOINT_OVERLAP,
                 " with two threads inside at once, the second asked with %s",
                 dc_overlap_related[o->related]);
        break;
    default:
        *text = 0;
    }
}

bool dc_endpoint_has_result(const dc_answer *a)
{
    return a->outcome == DC_ANSWERED && a->status == DC_OK && a->shape_axes < 0;
}

void dc_endpoint_place(const dc_stray *s, char text[DC_ENDPOINT_PLACE])
{
    const char *const name = s->tensor == DC_TENSORS
                                 ? "the structure of the problem"
                                 : dc_tensor_names[s->tensor];
    const long long bytes = s->bytes;
    char distance[32] = "just";

    if (bytes)
        snprintf(distance, sizeof distance, "%lld byte%s", bytes,
                 bytes == 1 ? "" : "s");
    if (s->side == DC_SIDE_INSIDE)
        snprintf(text, DC_ENDPOINT_PLACE, "byte %lld of %s", bytes, name);
    else
        snprintf(text, DC_ENDPOINT_PLACE, "%s %s %s", distance,
                 s->side == DC_SIDE_PAST ? "past the end of" : "before", name);
}
