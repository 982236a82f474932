// SPDX-License-Identifier: Apache-2.0
// Kernels in styles that are not this project's, one code object: what the emulator was not written along.
#include "arithmetic.h"
#include "blocks.h"
#include "language.h"
#include "matrices.h"
#include "memory.h"
#include "units.h"
