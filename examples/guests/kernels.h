// Rounds of work of four kinds, whose checksum is the same on every machine.
#pragma once
#include <stdint.h>

enum { kShortRun = 20, kLongRun = 500 };

uint32_t all_rounds(uint32_t rounds);
