/* SPDX-License-Identifier: MIT
 *
 * SplitMix64 in unsigned 64-bit arithmetic.
 */
#include "cases/random.h"

static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t dc_random_hash(uint64_t a, uint64_t b)
{
    return mix(mix(a + 0x9e3779b97f4a7c15u) ^ (b + 0x9e3779b97f4a7c15u));
}

dc_random dc_random_open(uint64_t seed, uint64_t stream)
{
    return (dc_random){dc_random_hash(seed, stream)};
}

uint64_t dc_random_next(dc_random *r)
{
    return mix(r->state += 0x9e3779b97f4a7c15u);
}

uint64_t dc_random_below(dc_random *r, uint64_t n)
{
    /* without the first 2^64 mod n values, every remainder is equally likely */
    const uint64_t skip = -n % n;
    uint64_t v;

    do
        v = dc_random_next(r);
    while (v < skip);
    return v % n;
}

int64_t dc_random_range(dc_random *r, int64_t lo, int64_t hi)
{
    /* unsigned, because hi - lo may not fit an int64_t */
    const uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;

    return (int64_t)((uint64_t)lo + dc_random_below(r, span));
}

bool dc_random_chance(dc_random *r, int one_in)
{
    return dc_random_below(r, (uint64_t)one_in) == 0;
}
