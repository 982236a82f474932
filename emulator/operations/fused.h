// SPDX-License-Identifier: Apache-2.0
// Fused multiply-adds of vectors, as GCC makes none of std::fma under -frounding-math: in a function that is HIPEMU_FUSED
// a product of row_of's vectors and a sum are one operation.
#pragma once

#include <cstddef>

#if defined(__x86_64__) && !defined(__FMA__)
#error "the emulator needs a host with fused multiply-add: build it with -march=native"
#endif
#if defined(__clang__)
#define HIPEMU_FUSED
#pragma clang fp contract(fast)
#else
#define HIPEMU_FUSED __attribute__((optimize("fp-contract=fast")))
#endif

namespace hipemu {

// N values, in vectors as wide as the host's registers.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64, vector_registers = 32;
#else
inline constexpr int vector_bytes = 32, vector_registers = 16;
#endif
template <class T, int N>
struct row_of {
  static constexpr int width = N * sizeof(T) < vector_bytes ? N : vector_bytes / sizeof(T), count = N / width;
  typedef T vector __attribute__((vector_size(width * sizeof(T)), may_alias));
};

}  // namespace hipemu
