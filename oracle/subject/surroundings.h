/* SPDX-License-Identifier: MIT
 *
 * What a call must leave as it found it, apart from its tensors: the state of
 * the process in which later calls run.  What is changed is restored and named.
 */
#ifndef DC_SURROUNDINGS_H
#define DC_SURROUNDINGS_H

#include <fenv.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef enum {
    DC_LEFT_ROUNDING,  /* another rounding mode */
    DC_LEFT_FLUSH,     /* subnormals are flushed to zero, or no longer are */
    DC_LEFT_SIGNALS,   /* other blocked signals */
    DC_LEFT_LIMITS,    /* a lower resource limit */
    DC_LEFT_DIRECTORY, /* another working directory */
    DC_LEFT_LOCALE,    /* another locale */
    DC_LEFTS
} dc_left;

/* "rounding mode", "signal mask", ... */
extern const char *const dc_left_names[DC_LEFTS];

/* Lists the names of the bits 1 << dc_left in `left`, with commas. */
void dc_left_list(unsigned left, char *text, size_t size);

enum { DC_LIMITS = 6 };

typedef struct {
    fenv_t env;
    int rounding;
    bool flushes;
    sigset_t blocked;
    struct rlimit limits[DC_LIMITS];
    struct stat directory;
    int descriptor;    /* of the directory */
    char locale[1024]; /* twelve names if its categories differ */
} dc_surroundings;

/* Notes the state of the calling thread and its process.  False if the working
 * directory cannot be opened. */
bool dc_surroundings_take(dc_surroundings *s);

/* Notes it again after the plug-in was loaded, whose constructors may change
 * it; limits stay as they were, because they starve whoever comes later. */
bool dc_surroundings_retake(dc_surroundings *s);

/* Restores the floating-point state; returns bits of what was changed.  Costs
 * no system call. */
unsigned dc_surroundings_float(const dc_surroundings *s);

/* Restores everything, a limit as far as it can be raised again; returns bits
 * of what was changed.  Raising a limit changes nothing. */
unsigned dc_surroundings_restore(const dc_surroundings *s);

#endif
