/* SPDX-License-Identifier: MIT
 *
 * Reports: one stream of results, several formats.  A report is opened before
 * the first case, so that an unwritable file is an error at once, and gets
 * every result in the order of the cases.
 */
#ifndef DC_REPORT_H
#define DC_REPORT_H

#include <stdio.h>

#include "oracle/explain/analysis.h"
#include "oracle/judge/growth.h"
#include "oracle/judge/stats.h"

typedef struct {
    int64_t cases;
    int64_t count[DC_VERDICTS];
    int64_t left; /* cases not judged: stopped early */
    uint64_t seed;
    double seconds;
    const dc_analysis *analysis; /* of the failures, or NULL */
    const dc_growth *growth;     /* of the memory, or NULL */
    dc_stats stats;
    char lost[160]; /* less was computed than --at-least wants; "": no */
} dc_summary;

typedef struct dc_report dc_report;
struct dc_report {
    void (*result)(dc_report *r, const dc_result *result);

    /* Writes the rest and closes the file; the report is gone afterwards.
     * DC_FAILED if it could not be written, DC_NOMEM. */
    dc_status (*end)(dc_report *r, const dc_summary *s, dc_error *e);

    const dc_run *run;
    FILE *file;
    const char *path; /* NULL: standard output */

    /* Text: cases with findings that are printed in full (0: all), ... */
    int64_t full;
    int64_t shown;                /* ... that were printed */
    int64_t hidden;               /* ... and that were only counted */
    int64_t illegal[DC_VERDICTS]; /* problems that were not refused, ... */
    char illegal_names[160];      /* ... and the names of the first of them */
    int64_t omitted; /* cases of which no call that failed was made ... */
    char silent[DC_FINDING_TEXT]; /* ... and why, of the last one */

    void *document; /* JUnit */
};

/* Text for people on standard output.  The first `full` cases with findings
 * are printed in full (0: all); the others are counted. */
dc_status dc_report_text(dc_report *r, const dc_run *run, int64_t full,
                         dc_error *e);

/* One JSON object a line: the run, every case, the summary.  DC_FAILED if path
 * cannot be opened; so for JUnit. */
dc_status dc_report_json(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e);

/* JUnit XML: one test case for each case. */
dc_status dc_report_junit(dc_report *r, const dc_run *run, const char *path,
                          dc_error *e);

/* ---- shared by the reports ---- */

/* Clears *r and opens r->file. */
dc_status dc_report_open(dc_report *r, const dc_run *run, const char *path,
                         dc_error *e);

/* Is path the regular file that r writes, by whatever name? */
bool dc_report_writes(const dc_report *r, const char *path);

/* Closes r->file.  A full disk is an error here at the latest. */
dc_status dc_report_close(dc_report *r, dc_error *e);

#endif
