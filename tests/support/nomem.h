/* SPDX-License-Identifier: MIT
 *
 * For tests of running out of memory: replaces malloc, calloc and realloc and
 * lets every allocation of a step fail once.  Skipped under a sanitizer, which
 * replaces them itself.
 */
#ifndef TESTS_NOMEM_H
#define TESTS_NOMEM_H

#include <stdlib.h>

#include "ref/problem.h"
#include "ref/sanitized.h"

static int64_t left; /* the allocation with this number fails; 0: none */

#if !DC_SANITIZED
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *at);

void *malloc(size_t size)
{
    return left && --left == 0 ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return left && --left == 0 ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return left && --left == 0 ? NULL : __libc_realloc(old, size);
}

#endif

/* Code that runs while allocations fail. */
typedef struct {
    const char *name;
    dc_status (*run)(void);
    int64_t stride; /* allocations 1, 1 + stride, ... are tried */
} step;

/* Runs the step with each of its allocations failing in turn, until it
 * succeeds because it makes fewer. */
static inline void starve(const step *s)
{
    dc_status status = DC_NOMEM;
    int64_t failed = 0;

    if (DC_SANITIZED)
        skip();
    for (int64_t n = 1; n < 3000000 && status != DC_OK; n += s->stride) {
        left = n;
        status = s->run();
        /* left is 0 if the n-th allocation was made, and failed */
        if (status == DC_OK && left == 0)
            status = DC_NOMEM; /* a fallback hid the failure: go on */
        left = 0;
        failed++;
    }
    if (status != DC_OK)
        fail_msg("%s never succeeds", s->name);
    if (failed < 2)
        fail_msg("%s allocates nothing", s->name);
}

#endif
