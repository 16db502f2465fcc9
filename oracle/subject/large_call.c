/* SPDX-License-Identifier: MIT
 *
 * Calls on tensors beyond 2^31 elements: each is a sparse map of which only
 * the pages with non-zero elements are backed by memory.
 */
#include "oracle/subject/large_call.h"

#include <sys/mman.h>
#include <unistd.h>

#include "cases/catalog/scenarios.h"
#include "ref/call.h"
#include "ref/format.h"

typedef struct {
    dc_tensor tensor;
    char *map;
    size_t mapped;
    char *at; /* the tensor; it ends where the inaccessible page begins */
} sparse;

typedef enum { WRITE, COMPARE } value_action;

/* Writes or compares the elements that are not zero.  False if one differs. */
static bool each_value(const dc_problem *p, const sparse *s,
                       value_action action)
{
    int64_t ranges[3][2];
    const int n = dc_large_ranges(dc_problem_count(p, s->tensor), ranges);

    for (int r = 0; r < n; r++)
        for (int64_t i = ranges[r][0]; i < ranges[r][1]; i++) {
            const double v = dc_large_value(p, s->tensor, i);

            if (action == WRITE)
                dc_format_set(p->dtype, s->at, i, v);
            else if (dc_format_get(p->dtype, s->at, i) != v)
                return false;
        }
    return true;
}

static dc_status map_tensor(const dc_problem *p, sparse *s, dc_error *e)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t bytes = dc_problem_bytes(p, s->tensor);
    const size_t open = (bytes + page - 1) / page * page;

    s->mapped = open + page;
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
    mprotect(s->map + open, page, PROT_NONE);
    s->at = s->map + open - bytes;
    each_value(p, s, WRITE);
    return DC_OK;
}

dc_status dc_large_call(const dc_guard_request *r, void *result,
                        dc_answer *answer, dc_error *e)
{
    const dc_op_info *info = &dc_ops[r->op];
    const dc_problem *p = r->p;
    dc_problem copy = *p;
    sparse in[3] = {{0}};
    dc_status status = DC_OK;
    int used = 0;

    *answer = dc_endpoint_blank();
    answer->status = dc_call_offers(r->impl, r->op) ? DC_OK : DC_UNSUPPORTED;
    if (answer->status == DC_OK && r->impl->supports)
        answer->status = r->impl->supports(&copy);
    for (int a = 0; a < info->takes && answer->status == DC_OK; a++)
        if (dc_op_takes(p, r->op, info->in[a]) && status == DC_OK) {
            in[used].tensor = info->in[a];
            status = map_tensor(p, &in[used++], e);
        }
    if (status == DC_OK && answer->status == DC_OK) {
        copy = *p;
        answer->status =
            dc_call(r->impl, &copy, r->op,
                    (const void *[]){in[0].at, in[1].at, in[2].at}, result);
        answer->runs = answer->status == DC_OK;
        for (int a = 0; a < used; a++)
            if (!each_value(p, &in[a], COMPARE))
                answer->tensor = in[a].tensor;
    }
    if ((unsigned)answer->status > DC_FAILED)
        answer->status = DC_FAILED;
    for (int a = 0; a < used; a++)
        if (in[a].map)
            munmap(in[a].map, in[a].mapped);
    return status;
}
