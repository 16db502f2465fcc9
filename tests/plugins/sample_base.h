/* SPDX-License-Identifier: MIT
 *
 * The correct implementation that a plug-in spoils in some modes: the functions
 * of fast/sample.c, without its entry point.
 */
#ifndef SAMPLE_BASE_H
#define SAMPLE_BASE_H

#define deconform_plugin sample_plugin
#include "fast/sample.c"
#undef deconform_plugin

#include "tests/plugins/modes.h"

const dc_impl *deconform_plugin(void);

#endif
