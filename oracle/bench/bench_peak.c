/* SPDX-License-Identifier: MIT
 *
 * The two yardsticks.  One macro defines the multiply-add loop for every
 * vector width with the compiler's vector types, so that the same source
 * serves every architecture.
 */
#include "oracle/bench/bench_peak.h"

#include <pthread.h>
#include <sched.h>

#include "ref/deconform.h"
#include "oracle/base/clock.h"

enum { THREADS_MAX = 256, CHAINS = 12 };

/* Below this many bytes, starting a thread costs more than it saves. */
static const size_t SPLIT_MIN = 1 << 20;

/* ==== Threads =========================================================== */

typedef struct {
    void (*run)(const void *job, int part, int parts);
    const void *job;
    int part, parts;
} share;

static void *run_share(void *argument)
{
    const share *const s = argument;

    s->run(s->job, s->part, s->parts);
    return NULL;
}

/* Restricts new threads to the other processors, if there are any: otherwise
 * the scheduler may queue them behind this thread, and the wait would be
 * measured too.  fast/threads.c has the same function; it is not shared,
 * because fast/ is independent of the oracle. */
static void begin_elsewhere(pthread_attr_t *attributes)
{
    const size_t here = (size_t)sched_getcpu();
    cpu_set_t set;

    if (here >= CPU_SETSIZE || sched_getaffinity(0, sizeof set, &set) ||
        CPU_COUNT(&set) < 2)
        return;
    CPU_CLR(here, &set);
    pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}

/* Wall time of run() over parts 0..parts-1, one thread each; the caller runs
 * part 0 and every part whose thread did not start. */
static double time_shares(int parts, void (*run)(const void *, int, int),
                          const void *job)
{
    pthread_t ids[THREADS_MAX];
    share shares[THREADS_MAX];
    int started = 1;
    pthread_attr_t attributes;
    double begin;
    double seconds;

    if (parts > THREADS_MAX)
        parts = THREADS_MAX;
    pthread_attr_init(&attributes);
    begin_elsewhere(&attributes);
    begin = dc_clock_now();
    for (int k = 0; k < parts; k++)
        shares[k] = (share){run, job, k, parts};
    while (started < parts && pthread_create(&ids[started], &attributes,
                                             run_share, &shares[started]) == 0)
        started++;
    run(job, 0, parts);
    for (int k = started; k < parts; k++)
        run(job, k, parts);
    for (int k = 1; k < started; k++)
        pthread_join(ids[k], NULL);
    seconds = dc_clock_now() - begin;
    pthread_attr_destroy(&attributes);
    return seconds;
}

/* ==== Multiply-adds ===================================================== */

/* Allows the compiler to fuse products and sums here, although the command
 * line forbids it. */
#ifdef __clang__
#define CONTRACT
#define CONTRACT_INSIDE _Pragma("clang fp contract(fast)")
#else
#define CONTRACT __attribute__((optimize("fp-contract=fast")))
#define CONTRACT_INSIDE
#endif

/* The sums are named variables, because compilers keep arrays in memory.  They
 * have different initial values, so that none can be replaced by another. */
#define FMA_LOOP(NAME, REAL, BYTES, TARGET)                                    \
    TARGET CONTRACT static double NAME(int64_t rounds, double factor)          \
    {                                                                          \
        CONTRACT_INSIDE                                                        \
        typedef REAL vec __attribute__((vector_size(BYTES)));                  \
        vec m; /* by element: some targets compute scalars in double */        \
        for (unsigned k = 0; k < sizeof m / sizeof m[0]; k++)                  \
            m[k] = (REAL)factor;                                               \
        vec c0 = m, c1 = m + 1, c2 = m + 2, c3 = m + 3, c4 = m + 4,            \
            c5 = m + 5, c6 = m + 6, c7 = m + 7, c8 = m + 8, c9 = m + 9,        \
            ca = m + 10, cb = m + 11;                                          \
                                                                               \
        for (int64_t r = 0; r < rounds; r++) {                                 \
            c0 = c0 * m + m, c1 = c1 * m + m, c2 = c2 * m + m;                 \
            c3 = c3 * m + m, c4 = c4 * m + m, c5 = c5 * m + m;                 \
            c6 = c6 * m + m, c7 = c7 * m + m, c8 = c8 * m + m;                 \
            c9 = c9 * m + m, ca = ca * m + m, cb = cb * m + m;                 \
        }                                                                      \
        c0 += c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + ca + cb;            \
        return (double)c0[0];                                                  \
    }

typedef double loop(int64_t rounds, double factor);

/* One vector width. */
typedef struct {
    const char *name;
    int bytes;
    loop *f32;
    loop *f64;
} level;

#if defined(__x86_64__) || defined(__i386__)
#define AVX512 __attribute__((target("avx512f")))
#define AVX2   __attribute__((target("avx2,fma")))
FMA_LOOP(avx512_f32, float, 64, AVX512)
FMA_LOOP(avx512_f64, double, 64, AVX512)
FMA_LOOP(avx2_f32, float, 32, AVX2)
FMA_LOOP(avx2_f64, double, 32, AVX2)
static const level avx512 = {"AVX-512", 64, avx512_f32, avx512_f64};
static const level avx2 = {"AVX2 with FMA", 32, avx2_f32, avx2_f64};
#endif
FMA_LOOP(plain_f32, float, 16, )
FMA_LOOP(plain_f64, double, 16, )
static const level plain = {"128-bit vectors", 16, plain_f32, plain_f64};

static const level *best_level(void)
{
#if defined(__x86_64__) || defined(__i386__)
    if (__builtin_cpu_supports("avx512f"))
        return &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
#endif
    return &plain;
}

const char *dc_bench_peak_level(void)
{
    return best_level()->name;
}

bool dc_bench_peak_wide(void)
{
    return best_level()->bytes == 64;
}

typedef struct {
    loop *run;
    int64_t rounds;
} fma_job;

static void fma_share(const void *argument, int part, int parts)
{
    const fma_job *const job = argument;
    volatile double sink;

    (void)part;
    (void)parts;
    sink = job->run(job->rounds, 0.5);
    (void)sink;
}

double dc_bench_peak_fma(int dtype, int threads, double seconds)
{
    const level *const best = best_level();
    const int real = dtype == DC_F64 ? 8 : 4;
    fma_job job = {dtype == DC_F64 ? best->f64 : best->f32, 1000};
    double elapsed = time_shares(1, fma_share, &job);

    /* grow until the clock is precise enough, then scale to `seconds` */
    while (elapsed < seconds / 8) {
        job.rounds *= 8;
        elapsed = time_shares(1, fma_share, &job);
    }
    job.rounds = (int64_t)((double)job.rounds * seconds / elapsed) + 1;
    elapsed = time_shares(threads, fma_share, &job);
    return 2.0 * CHAINS * (best->bytes / real) * (double)job.rounds * threads /
           elapsed;
}

/* ==== Traffic =========================================================== */

typedef struct {
    const dc_traffic *t;
    int64_t repetitions;
} traffic_job;

/* A 16-byte vector, which every target has.  Wider ones gain nothing for data
 * outside the innermost cache; four are used in turn, by hand, because gcc
 * keeps generic vectors that are wider than the target's in memory. */
typedef uint64_t word __attribute__((vector_size(16), aligned(1), may_alias));

enum { WORD = sizeof(word), WORDS = 4 };

/* The result depends on every byte, so that no load can be omitted. */
static uint64_t read_all(const char *from, size_t bytes)
{
    word a = {0}, b = {0}, c = {0}, d = {0};
    size_t at = 0;

    for (; at + WORDS * WORD <= bytes; at += WORDS * WORD) {
        a ^= *(const word *)(from + at);
        b ^= *(const word *)(from + at + WORD);
        c ^= *(const word *)(from + at + 2 * WORD);
        d ^= *(const word *)(from + at + 3 * WORD);
    }
    for (; at < bytes; at++)
        a[0] ^= (uint64_t)from[at];
    a ^= b ^ c ^ d;
    return a[0] ^ a[1];
}

/* Plain stores, as a kernel makes them; memset may use other instructions. */
static void write_all(char *to, size_t bytes, int64_t value)
{
    const word v = (word){0} + (uint64_t)value;
    size_t at = 0;

    for (; at + WORDS * WORD <= bytes; at += WORDS * WORD) {
        *(word *)(to + at) = v;
        *(word *)(to + at + WORD) = v;
        *(word *)(to + at + 2 * WORD) = v;
        *(word *)(to + at + 3 * WORD) = v;
    }
    for (; at < bytes; at++)
        to[at] = (char)value;
}

/* First byte of a part. */
static size_t begin_of(size_t bytes, int part, int parts)
{
    return part == parts ? bytes : bytes / (size_t)parts * (size_t)part;
}

static void traffic_share(const void *argument, int part, int parts)
{
    const traffic_job *const job = argument;
    const dc_traffic *const t = job->t;
    const size_t to = begin_of(t->out_bytes, part, parts);
    const size_t to_end = begin_of(t->out_bytes, part + 1, parts);
    volatile uint64_t sink = 0;

    for (int64_t r = 0; r < job->repetitions; r++) {
        for (int k = 0; k < 3; k++) {
            const size_t from = begin_of(t->in_bytes[k], part, parts);
            const size_t end = begin_of(t->in_bytes[k], part + 1, parts);

            if (end > from)
                sink = read_all((const char *)t->in[k] + from, end - from);
        }
        write_all((char *)t->out + to, to_end - to, r);
        /* keeps the stores of this round, although the next one repeats them */
        __asm__ volatile("" : : "r"(t->out) : "memory");
    }
    (void)sink;
}

double dc_bench_peak_traffic(const dc_traffic *t, int64_t repetitions)
{
    const traffic_job job = {t, repetitions};
    const size_t bytes =
        t->out_bytes + t->in_bytes[0] + t->in_bytes[1] + t->in_bytes[2];

    return time_shares(bytes < SPLIT_MIN ? 1 : t->threads, traffic_share, &job);
}
