/* SPDX-License-Identifier: MIT
 *
 * JSON values and lines as reports write them.
 */
#ifndef DC_JSON_H
#define DC_JSON_H

#include <jansson.h>
#include <stdio.h>

/* A string of printable ASCII (dc_text_clean), at most 1023 characters. */
json_t *dc_json_text(const char *text);

/* A number; "inf", "-inf" or "nan" as a string, since JSON has none of them. */
json_t *dc_json_number(double v);

/* Writes the value on a line of its own and releases it.  NULL: nothing. */
void dc_json_line(json_t *value, FILE *to);

#endif
