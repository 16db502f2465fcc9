/* SPDX-License-Identifier: MIT
 *
 * Runtime dispatch: asks the processor, then the environment.
 */
#include "fast/isa.h"

#include <stdlib.h>
#include <string.h>

static dc_fast_level widest(void)
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

dc_fast_level dc_fast_level_now(void)
{
    static const char *const names[DC_FAST_LEVELS] = {
        [DC_FAST_PORTABLE] = "portable",
        [DC_FAST_AVX2] = "avx2",
        [DC_FAST_AVX512] = "avx512",
    };
    const char *const wanted = getenv("DECONFORM_ISA");
    const dc_fast_level most = widest();

    for (int l = 0; wanted && l < (int)most; l++)
        if (strcmp(wanted, names[l]) == 0)
            return (dc_fast_level)l;
    return most;
}
