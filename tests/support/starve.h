/* SPDX-License-Identifier: MIT
 *
 * Memory that runs out: malloc and its kin are taken over, and every
 * allocation of a step fails once.  A sanitizer owns malloc itself: nothing is
 * tested in such a build.
 */
#ifndef TESTS_STARVE_H
#define TESTS_STARVE_H

#include <stdlib.h>

#include "ref/problem.h"

#if defined(__SANITIZE_ADDRESS__)
#define OURS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OURS 0
#endif
#endif
#ifndef OURS
#define OURS 1
#endif

static int64_t left; /* allocations until one fails; 0: none fails */

#if OURS
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

/* One thing that is done while allocations fail. */
typedef struct {
    const char *name;
    dc_status (*run)(void);
    int64_t stride; /* every so many-th allocation fails */
} step;

/* Lets each allocation of the step fail once, until it succeeds untouched. */
static inline void starve(const step *s)
{
    dc_status status = DC_NOMEM;
    int64_t failed = 0;

    if (!OURS)
        skip();
    for (int64_t n = 1; n < 3000000 && status != DC_OK; n += s->stride) {
        left = n;
        status = s->run();
        /* left is 0 when the n-th allocation was asked for */
        if (status == DC_OK && left == 0)
            status = DC_NOMEM; /* it did without: a cache, a fallback */
        left = 0;
        failed++;
    }
    if (status != DC_OK)
        fail_msg("%s never succeeds", s->name);
    if (failed < 2)
        fail_msg("%s allocates nothing", s->name);
}

#endif
