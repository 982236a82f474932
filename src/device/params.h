// SPDX-License-Identifier: Apache-2.0
// What a parameter struct may use, on host and device alike: fixed-width integers, float, and pointers. A struct is
// passed to its kernel by value, so it holds no padding that matters and no types with constructors.
#pragma once

#include <stdint.h>
