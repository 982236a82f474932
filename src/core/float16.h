// SPDX-License-Identifier: Apache-2.0
// f16 and bf16 on the host, by bit arithmetic: the compilers that build this library differ in which of the two they
// know. Conversions are exact one way and round to nearest even the other; tests go through all 65,536 values.
#pragma once

#include <bit>
#include <cstdint>

namespace hipinfer {

struct f16 {
  uint16_t bits;
};
struct bf16 {
  uint16_t bits;
};

inline float to_float(bf16 x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x.bits) << 16);
}

inline bf16 bf16_from(float x) {
  const uint32_t u = std::bit_cast<uint32_t>(x);
  if ((u & 0x7fffffff) > 0x7f800000) return {static_cast<uint16_t>(u >> 16 | 0x40)};  // keep a NaN a NaN
  return {static_cast<uint16_t>((u + 0x7fff + (u >> 16 & 1)) >> 16)};
}

inline float to_float(f16 x) {
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000) << 16;
  const uint32_t rest = x.bits & 0x7fff;
  if (rest >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000 | (rest & 0x3ff) << 13);
  // Rebias by a multiplication, which also normalises f16's subnormals: 2^112 = 2^(127-15).
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(rest << 13) * 0x1p112f));
}

inline f16 f16_from(float x) {
  const uint32_t u = std::bit_cast<uint32_t>(x);
  const uint16_t sign = u >> 16 & 0x8000;
  const uint32_t rest = u & 0x7fffffff;
  if (rest > 0x7f800000) return {static_cast<uint16_t>(sign | 0x7e00 | (rest >> 13 & 0x1ff))};
  if (rest >= 0x477ff000) return {static_cast<uint16_t>(sign | 0x7c00)};  // 65520 and above round to infinity
  if (rest < 0x38800000) {
    // Below 2^-14: adding 2^-1 aligns f16's last subnormal bit, 2^-24, with float's, so the sum rounds as wanted.
    const float aligned = std::bit_cast<float>(rest) + 0.5f;
    return {static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(aligned) - 0x3f000000))};
  }
  return {static_cast<uint16_t>(sign | ((rest + 0xfff + (rest >> 13 & 1)) - 0x38000000) >> 13)};
}

}  // namespace hipinfer
