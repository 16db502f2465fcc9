/* SPDX-License-Identifier: MIT
 *
 * Is this built with AddressSanitizer?  Its allocator replaces malloc, keeps
 * memory that was freed, and ends a process that gets none.
 */
#ifndef DC_SANITIZED_H
#define DC_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define DC_SANITIZED 1
#elif defined(__has_feature)
#define DC_SANITIZED __has_feature(address_sanitizer)
#else
#define DC_SANITIZED 0
#endif

#endif
