/* SPDX-License-Identifier: MIT
 *
 * Runtime dispatch: what the processor supports, limited by the environment.
 */
#include "fast/isa.h"

#include <stdlib.h>
#include <string.h>

static dc_fast_isa widest(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return DC_FAST_PORTABLE;
    return __builtin_cpu_supports("avx512f") ? DC_FAST_AVX512 : DC_FAST_AVX2;
#else
    return DC_FAST_PORTABLE;
#endif
}

dc_fast_isa dc_fast_isa_now(void)
{
    static const char *const names[DC_FAST_ISAS] = {
        [DC_FAST_PORTABLE] = "portable",
        [DC_FAST_AVX2] = "avx2",
        [DC_FAST_AVX512] = "avx512",
    };
    const char *const requested = getenv("DECONFORM_ISA");
    const dc_fast_isa limit = widest();

    for (int isa = 0; requested && isa < (int)limit; isa++)
        if (strcmp(requested, names[isa]) == 0)
            return (dc_fast_isa)isa;
    return limit;
}
