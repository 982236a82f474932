// SPDX-License-Identifier: Apache-2.0
// The 256 values of the 8-bit formats.
#pragma once

#include <array>

#include "operations/numerics.h"

namespace hipemu {

using byte_values = std::array<float, 256>;

// fp8 or bf8 (e4m3 or e5m2), OCP or FNUZ. fp8's NaN is 0xffc00000 whatever its sign, as measured on gfx1201.
inline const byte_values& values_of_fp8(bool bf8, bool fnuz) {
  static const auto all = [] {
    std::array<byte_values, 4> x;
    const number_format* formats[] = {&fp8_format, &bf8_format, &fp8_fnuz_format, &bf8_fnuz_format};
    for (size_t f = 0; f < 4; ++f) {
      for (uint32_t n = 0; n < 256; ++n) {
        x[f][n] = decode(*formats[f], n);
        if (x[f][n] != x[f][n] && formats[f]->kind != specials::ieee) x[f][n] = as_float(0xffc00000);
      }
    }
    return x;
  }();
  return all[(bf8 ? 1 : 0) + (fnuz ? 2 : 0)];
}

}  // namespace hipemu
