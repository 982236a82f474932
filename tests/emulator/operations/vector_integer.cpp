// SPDX-License-Identifier: Apache-2.0
// Vector operations on integers and bits.
#include "operations/lanes.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u32 = uint32_t;

constexpr operation table[] = {
    {"v_mov_b32", lanewise<u32, u32>::run<[](u32 a) { return a; }>, instruction_class::valu},
    {"v_add_u32", lanewise<u32, u32, u32>::run<[](u32 a, u32 b) { return a + b; }>, instruction_class::valu},
};

}  // namespace

std::span<const operation> vector_operations() {
  return table;
}

}  // namespace hipemu
