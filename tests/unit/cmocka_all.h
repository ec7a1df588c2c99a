/*
 * What every unit test includes: cmocka with the headers that it wants before it.
 */
#ifndef TIDEMARK_TESTS_UNIT_CMOCKA_ALL_H
#define TIDEMARK_TESTS_UNIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
