/* SPDX-License-Identifier: MIT
 *
 * Values and lines of JSON.
 */
#include "oracle/base/json.h"

#include <math.h>

#include "ref/text.h"

json_t *dc_json_text(const char *text)
{
    char clean[1024];

    dc_text_clean(text, clean, sizeof clean);
    return json_string(clean);
}

json_t *dc_json_number(double v)
{
    if (isfinite(v))
        return json_real(v);
    return json_string(isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
}

void dc_json_line(json_t *value, FILE *to)
{
    if (value && json_dumpf(value, to, JSON_COMPACT) == 0)
        fputc('\n', to);
    json_decref(value);
}
