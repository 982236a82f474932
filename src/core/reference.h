// SPDX-License-Identifier: Apache-2.0
// What a CPU reference is written in. The same template serves a CPU user (f32, f16, bf16, accumulating in float) and,
// instantiated for double, is the oracle of every test.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "core/float16.h"
#include "core/op.h"
#include "runtime/device.h"

namespace hipinfer {

template <class T>
using accumulator = std::conditional_t<std::is_same_v<T, double>, double, float>;

inline float widen(f16 x) {
  return to_float(x);
}
inline float widen(bf16 x) {
  return to_float(x);
}
inline float widen(float x) {
  return x;
}
inline double widen(double x) {
  return x;
}

// Rounds once, to nearest even.
template <class T>
T narrow(accumulator<T> x) {
  if constexpr (std::is_same_v<T, f16>)
    return f16_from(x);
  else if constexpr (std::is_same_v<T, bf16>)
    return bf16_from(x);
  else
    return x;
}

// Calls f.template operator()<T>() with the C++ type of a floating-point dtype.
template <class F>
void with_float(dtype d, F&& f) {
  switch (d) {
    case dtype::f32:
      return f.template operator()<float>();
    case dtype::f16:
      return f.template operator()<f16>();
    case dtype::bf16:
      return f.template operator()<bf16>();
    case dtype::f64:
      return f.template operator()<double>();
    default:
      throw fail(HIPINFER_STATUS_INTERNAL, "a reference met dtype %s", dtype_name(d));
  }
}

template <class F>
void with_index(dtype d, F&& f) {
  switch (d) {
    case dtype::i32:
      return f.template operator()<int32_t>();
    case dtype::i64:
      return f.template operator()<int64_t>();
    default:
      throw fail(HIPINFER_STATUS_INTERNAL, "a reference met index dtype %s", dtype_name(d));
  }
}

// Calls body(row) for every row, on as many threads as `work` elements a row are worth. Every row is computed by one
// thread in one order, so results do not depend on the number of threads.
template <class Body>
void parallel_rows(int64_t rows, int64_t work, Body&& body) {
  constexpr int64_t worth_a_thread = 1 << 14;
  const int64_t grain = work <= 0 ? rows : (worth_a_thread + work - 1) / work;
  auto run = [](void* closure, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) (*static_cast<std::remove_reference_t<Body>*>(closure))(r);
  };
  runtime::parallel_for(rows, grain, run, &body);
}

}  // namespace hipinfer
