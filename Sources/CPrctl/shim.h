#pragma once
#include <sys/prctl.h>

// Swift imports no variadic functions.
static inline int prctl_set_dumpable(unsigned long dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0UL, 0UL, 0UL); }
