/*
 * Clock: the three times that we use, in whole milliseconds; to measure what is
 * short, also in microseconds.
 *
 * clock_unix_ms is for stamps that leave the process; clock_mono_ms for waiting
 * and measuring; clock_boot_ms (includes suspend) for process start times, which
 * the kernel counts from boot.  Pure code takes a time as an argument instead.
 */
#ifndef TIDEMARK_COMMON_CLOCK_H
#define TIDEMARK_COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_unix_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_boot_ms(void);

#endif
