/* SPDX-License-Identifier: MIT
 *
 * The random generator: the same stream on every machine.
 *
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014): state += 0x9e3779b97f4a7c15, and the output is
 * the state mixed by two xor-shift-multiply rounds.
 */
#ifndef DC_RANDOM_H
#define DC_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} dc_random;

/* A separate stream for every pair (seed, stream). */
dc_random dc_random_open(uint64_t seed, uint64_t stream);

/* The next 64 random bits. */
uint64_t dc_random_next(dc_random *r);

/* Uniform in 0..n-1 without bias, n >= 1. */
uint64_t dc_random_below(dc_random *r, uint64_t n);

/* Uniform in lo..hi, both included. */
int64_t dc_random_range(dc_random *r, int64_t lo, int64_t hi);

/* True once in `one_in` calls on average. */
bool dc_random_chance(dc_random *r, int one_in);

/* A hash that depends on every bit of a and b. */
uint64_t dc_random_hash(uint64_t a, uint64_t b);

#endif
