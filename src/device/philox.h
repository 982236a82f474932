// SPDX-License-Identifier: Apache-2.0
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC '11): a counter and a key
// give 128 random bits, with no state. Compiles for the host as well, where a test holds it against
// Random123's known answers.
#pragma once

#if defined(__AMDGCN__) || defined(__CUDACC__)
#include "device/platform.h"
#else
#include "device/params.h"
#define HIPINFER_DEVICE inline
#endif

namespace hipinfer {

struct philox_words {
  uint32_t at[4];
};

HIPINFER_DEVICE philox_words philox4x32_10(philox_words counter, uint32_t key0, uint32_t key1) {
  uint32_t c0 = counter.at[0], c1 = counter.at[1], c2 = counter.at[2], c3 = counter.at[3];
  for (int round = 0; round < 10; ++round) {
    const uint64_t left = static_cast<uint64_t>(c0) * 0xD2511F53u;
    const uint64_t right = static_cast<uint64_t>(c2) * 0xCD9E8D57u;
    c0 = static_cast<uint32_t>(right >> 32) ^ c1 ^ key0;
    c2 = static_cast<uint32_t>(left >> 32) ^ c3 ^ key1;
    c1 = static_cast<uint32_t>(right);
    c3 = static_cast<uint32_t>(left);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// 64 random bits for one row of one call.
HIPINFER_DEVICE uint64_t random_bits(uint64_t seed, uint64_t offset, uint64_t row) {
  const philox_words w = philox4x32_10({{static_cast<uint32_t>(offset), static_cast<uint32_t>(offset >> 32),
                                         static_cast<uint32_t>(row), static_cast<uint32_t>(row >> 32)}},
                                       static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
  return w.at[0] | static_cast<uint64_t>(w.at[1]) << 32;
}

// floor(bits / 2^64 * n): an integer below n, without division or rounding.
HIPINFER_DEVICE uint64_t random_below(uint64_t bits, uint64_t n) {
  const uint64_t a0 = static_cast<uint32_t>(bits), a1 = bits >> 32;
  const uint64_t b0 = static_cast<uint32_t>(n), b1 = n >> 32;
  const uint64_t middle = a1 * b0 + (a0 * b0 >> 32);  // cannot overflow: (2^32-1)^2 + 2^32-1 < 2^64
  const uint64_t low = a0 * b1 + static_cast<uint32_t>(middle);
  return a1 * b1 + (middle >> 32) + (low >> 32);
}

}  // namespace hipinfer
