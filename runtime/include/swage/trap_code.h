// TrapCode, as public vocabulary: the ABI's rows are its one definition.
#pragma once

#include "runtime/abi/trap_code.h"
