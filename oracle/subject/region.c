/* SPDX-License-Identifier: MIT
 *
 * Mappings, placements and canaries.
 */
#include "oracle/subject/region.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Wide, because a wrong stride misses by rows and not by elements; no memory
 * ever backs it. */
static const size_t GUARD_BYTES = (size_t)1 << 20;

/* A larger mapping has one address: its memory should come in huge pages. */
static const size_t TWICE_BYTES = (size_t)4 << 20;

/* Of shared zeros: few enough pages for any machine, few enough mappings. */
static const size_t TILE_BYTES = (size_t)16 << 20;

enum { LINE = 64 };

void dc_canaries_make(dc_canaries *c)
{
    for (unsigned k = 0; k < sizeof c->byte / 2; k++) {
        /* the two halves are alike; 7 and 16 units repeat after 112 */
        const unsigned unit = k % (DC_CANARY_BYTES / 2);
        const unsigned sign = unit / 16 % 7 % 2;

        c->byte[2 * k] = (unsigned char)(0xf0 | (unit % 15 + 1));
        c->byte[2 * k + 1] = (unsigned char)(0x7f | sign << 7);
    }
}

/* ==== Mapping ============================================================ */

/* Reserves addresses without memory; NULL if there are none. */
static char *reserve(size_t bytes)
{
    char *const map = mmap(NULL, bytes, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return map == MAP_FAILED ? NULL : map;
}

/* Makes the bytes between the guards accessible at both addresses. */
static bool open_twice(const dc_region *r, size_t capacity)
{
    const int fd = memfd_create("deconform", MFD_CLOEXEC);
    bool ok = fd >= 0 && !ftruncate(fd, (off_t)capacity);

    ok = ok && mmap(r->map + GUARD_BYTES, capacity, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
    ok = ok && mmap(r->locked + GUARD_BYTES, capacity, PROT_READ,
                    MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
    if (fd >= 0)
        close(fd);
    return ok;
}

void dc_region_free(dc_region *r)
{
    if (r->map)
        munmap(r->map, r->mapped);
    if (r->locked)
        munmap(r->locked, r->mapped);
    r->map = r->locked = NULL;
    r->capacity = 0;
}

/* Maps `capacity` bytes between guards.  What cannot have two addresses has
 * one. */
static bool map_anew(dc_region *r, size_t capacity)
{
    dc_region_free(r);
    r->mapped = capacity + 2 * GUARD_BYTES;
    if (capacity <= TWICE_BYTES) {
        r->map = reserve(r->mapped);
        r->locked = reserve(r->mapped);
        if (r->map && r->locked && open_twice(r, capacity))
            return true;
        dc_region_free(r);
    }
    r->map = reserve(r->mapped);
    return r->map &&
           !mprotect(r->map + GUARD_BYTES, capacity, PROT_READ | PROT_WRITE);
}

dc_status dc_region_reserve(dc_region *r, dc_tensor tensor, size_t bytes,
                            dc_error *e)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t needed = bytes + 2 * DC_CANARY_BYTES + 2 * LINE;
    size_t capacity = r->capacity + r->capacity / 2;

    r->tensor = tensor;
    r->bytes = bytes;
    if (r->map && needed <= r->capacity)
        return DC_OK;
    capacity = needed > capacity ? needed : capacity;
    capacity = (capacity / page + 1) * page;
    if (!map_anew(r, capacity)) {
        dc_region_free(r);
        return dc_error_set(e, DC_NOMEM, NULL, -1,
                            "out of memory: no %zu bytes between guards",
                            bytes);
    }
    r->open = r->map + GUARD_BYTES;
    r->capacity = capacity;
    return DC_OK;
}

bool dc_region_share_zeros(dc_region *r)
{
    const int fd = memfd_create("deconform zeros", MFD_CLOEXEC);
    bool ok = fd >= 0 && !ftruncate(fd, (off_t)TILE_BYTES);

    for (size_t from = 0; ok && from < r->capacity; from += TILE_BYTES) {
        const size_t left = r->capacity - from;

        ok = mmap(r->open + from, left < TILE_BYTES ? left : TILE_BYTES,
                  PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
                  0) != MAP_FAILED;
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

const char *dc_region_locked(const dc_region *r)
{
    return r->locked ? r->locked + (r->at - r->map) : r->at;
}

/* ==== Placing ============================================================ */

/* The canaries before the tensor and behind it. */
typedef struct {
    char *from;
    size_t bytes;
} span;

static span side_of(const dc_region *r, dc_side side)
{
    char *const end = r->at + r->bytes;
    const size_t before = (size_t)(r->at - r->open);
    const size_t behind = (size_t)(r->open + r->capacity - end);
    const size_t room = side == DC_SIDE_BEFORE ? before : behind;
    const size_t bytes = room < DC_CANARY_BYTES ? room : DC_CANARY_BYTES;

    return (span){side == DC_SIDE_BEFORE ? r->at - bytes : end, bytes};
}

/* The canaries that belong at an address. */
static const unsigned char *canaries_at(const dc_region *r, const char *address)
{
    return r->canaries->byte + (uintptr_t)address % DC_CANARY_BYTES;
}

void dc_region_place(dc_region *r, dc_placement where, size_t size)
{
    if (where == DC_AT_END || !r->bytes)
        r->at = r->open + r->capacity - r->bytes;
    else
        r->at = r->open + (where == DC_AT_BEGIN  ? 0
                           : where == DC_AT_LINE ? DC_CANARY_BYTES
                                                 : DC_CANARY_BYTES + size);
    for (dc_side side = DC_SIDE_BEFORE; side <= DC_SIDE_PAST; side++) {
        const span s = side_of(r, side);

        memcpy(s.from, canaries_at(r, s.from), s.bytes);
    }
}

/* ==== Looking ============================================================ */

bool dc_region_stray(const dc_region *r, dc_stray *stray)
{
    for (dc_side side = DC_SIDE_BEFORE; side <= DC_SIDE_PAST; side++) {
        const span s = side_of(r, side);
        const unsigned char *const want = canaries_at(r, s.from);
        const unsigned char *const now = (const unsigned char *)s.from;
        const bool before = side == DC_SIDE_BEFORE;
        size_t b = before ? s.bytes - 1 : 0;

        if (!memcmp(now, want, s.bytes))
            continue;
        while (now[b] == want[b])
            b += before ? (size_t)-1 : 1;
        *stray = dc_region_where(r, s.from + b);
        stray->old = want[b];
        stray->now = now[b];
        return true;
    }
    return false;
}

dc_stray dc_region_where(const dc_region *r, const char *address)
{
    dc_stray place = {.tensor = r->tensor};
    const char *end;

    if (r->locked && address >= r->locked && address < r->locked + r->mapped)
        address = r->map + (address - r->locked);
    if (!r->map || !r->at || address < r->map || address >= r->map + r->mapped)
        return place;
    end = r->at + r->bytes;
    place.side = address < r->at  ? DC_SIDE_BEFORE
                 : address >= end ? DC_SIDE_PAST
                                  : DC_SIDE_INSIDE;
    place.bytes = address < r->at  ? r->at - address
                  : address >= end ? address - end
                                   : address - r->at;
    return place;
}
