// SPDX-License-Identifier: Apache-2.0
// How much of a kernel a compute unit holds at one time.
#pragma once

#include <cstddef>

#include "machine/target.h"
#include "runtime/code_object.h"

namespace hipemu {

// Vector registers of a lane: all that the descriptor asks for, and of them those of either kind.
struct register_counts {
  int total, vector, accumulation;
};
register_counts registers_of(const kernel& k, const target_info& t);

// Workgroups of `block` work-items that one compute unit holds; on RDNA, a pair of them.
int blocks_per_unit(const kernel& k, const target_info& t, int block, size_t dynamic_lds);

}  // namespace hipemu
