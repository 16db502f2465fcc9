/* SPDX-License-Identifier: MIT
 *
 * Calls on tensors beyond 2^31 elements: each is a sparse map of which only
 * the pages with non-zero elements are backed by memory.
 */
#include "oracle/subject/large_call.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ref/format.h"
#include "ref/call.h"

typedef struct {
    dc_tensor tensor;
    char *map;
    size_t mapped;
    char *at; /* its end is the begin of the last page, which is closed */
} sparse;

/* Writes (or compares) the elements that are not zero. */
static int64_t each_value(const dc_problem *p, const sparse *s, int compare)
{
    int64_t ranges[3][2];
    const int n = dc_large_ranges(dc_problem_count(p, s->tensor), ranges);
    int64_t wrong = 0;

    for (int r = 0; r < n; r++)
        for (int64_t i = ranges[r][0]; i < ranges[r][1]; i++) {
            const double v = dc_large_value(p, s->tensor, i);

            if (!compare)
                dc_format_set(p->dtype, s->at, i, v);
            else
                wrong += dc_format_get(p->dtype, s->at, i) != v;
        }
    return wrong;
}

static dc_status map_tensor(const dc_problem *p, sparse *s, dc_error *e)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t bytes = (size_t)dc_problem_count(p, s->tensor) *
                         (size_t)dc_formats[p->dtype].size;
    const size_t room = (bytes + page - 1) / page * page;

    s->mapped = room + page;
    s->map = mmap(NULL, s->mapped, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->map == MAP_FAILED) {
        s->map = NULL;
        return dc_error_set(e, DC_NOMEM, dc_tensor_names[s->tensor], -1,
                            "no %zu bytes of addresses for %s", s->mapped,
                            dc_tensor_names[s->tensor]);
    }
    /* a huge page for a few elements would be a huge page of memory */
    madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
    mprotect(s->map + room, page, PROT_NONE);
    s->at = s->map + room - bytes;
    each_value(p, s, 0);
    return DC_OK;
}

dc_status dc_large_call(const dc_impl *impl, const dc_problem *p, dc_op op,
                        void *result, dc_answer *answer, dc_error *e)
{
    const dc_op_info *info = &dc_ops[op];
    dc_problem copy = *p;
    sparse in[3] = {{0}};
    dc_status status = DC_OK;
    int used = 0;

    *answer = dc_endpoint_blank();
    answer->status = dc_call_offers(impl, op) ? DC_OK : DC_UNSUPPORTED;
    if (answer->status == DC_OK && impl->supports)
        answer->status = impl->supports(&copy);
    for (int a = 0; a < info->takes && answer->status == DC_OK; a++)
        if (dc_op_takes(p, op, info->in[a]) && status == DC_OK) {
            in[used].tensor = info->in[a];
            status = map_tensor(p, &in[used++], e);
        }
    if (status == DC_OK && answer->status == DC_OK) {
        copy = *p;
        answer->status =
            dc_call(impl, &copy, op,
                    (const void *[]){in[0].at, in[1].at, in[2].at}, result);
        answer->runs = answer->status == DC_OK;
        for (int a = 0; a < used; a++)
            if (each_value(p, &in[a], 1))
                answer->tensor = in[a].tensor;
    }
    if ((unsigned)answer->status > DC_FAILED)
        answer->status = DC_FAILED;
    for (int a = 0; a < used; a++)
        if (in[a].map)
            munmap(in[a].map, in[a].mapped);
    return status;
}
