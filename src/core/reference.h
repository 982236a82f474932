// SPDX-License-Identifier: Apache-2.0
// What a CPU reference is written in. The same template serves a CPU user (f32, f16, bf16, accumulating in float) and,
// instantiated for double, is the oracle of every test. A template a dtype of each tensor takes minutes to compile: it is one of
// what the reference computes in, which reads and writes rows and numbers of any dtype.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "core/float16.h"
#include "core/float8.h"
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

template <int Mantissa, bool Fnuz>
float widen(float8<Mantissa, Fnuz> x) {
  return to_float(x);
}
inline float widen(int8_t x) {
  return x;
}

// The dtypes that results are quantised to. The oracle writes them too, rounded from double: a dynamic scale depends on
// the largest value of the dtype, which a tensor of doubles would not tell.
template <class T>
constexpr bool is_quantised = sizeof(T) == 1;  // fp8 and i8
template <class T>
constexpr double quantised_max() {
  if constexpr (std::is_same_v<T, int8_t>)
    return 127;
  else
    return T::largest;
}

// Rounds once, to nearest even. fp8 and i8 saturate, infinities too; there a NaN stays NaN and becomes 0.
template <class T>
T narrow(std::conditional_t<is_quantised<T>, double, accumulator<T>> x) {
  if constexpr (std::is_same_v<T, f16>)
    return f16_from(x);
  else if constexpr (std::is_same_v<T, bf16>)
    return bf16_from(x);
  else if constexpr (std::is_same_v<T, int8_t>)
    return std::isnan(x) ? 0 : static_cast<int8_t>(std::fmin(std::fmax(std::nearbyint(x), -128.0), 127.0));
  else if constexpr (is_quantised<T>)
    return float8_from<T>(x);
  else
    return x;
}

// The scale that maps a row's largest magnitude to the largest value of Q (127 for i8). 2^-126 at least, so that a row
// of zeros becomes zeros.
template <class Q, class Real>
Real dynamic_scale(Real largest_magnitude) {
  return std::fmax(largest_magnitude / static_cast<Real>(quantised_max<Q>()), static_cast<Real>(0x1p-126));
}

// A tensor's elements by their indices, whatever its strides: x(t, h, i).
template <class T>
class elements {
 public:
  explicit elements(const view& v) : data_(static_cast<T*>(v.data)), v_(v) {
    int64_t step = 1;
    for (int d = v.rank; d-- > 0; step *= v.shape[d]) compact_ = compact_ && (v.shape[d] == 1 || v.stride[d] == step);
  }

  template <class... Index>
  T& operator()(Index... index) const {
    const int64_t at[] = {static_cast<int64_t>(index)...};
    int64_t offset = 0;
    for (size_t d = 0; d < sizeof...(index); ++d) offset += at[d] * v_.stride[d];
    return data_[offset];
  }
  // Row r, whose element i is row(i): rows are numbered over all dimensions but the last, the last of them fastest.
  auto row(int64_t r) const {
    return [start = data_ + leading_offset(r, v_.rank - 1), stride = v_.stride[v_.rank - 1]](int64_t i) -> T& {
      return start[i * stride];
    };
  }
  // Element i of all, the last dimension fastest.
  T& flat(int64_t i) const { return data_[compact_ ? i : leading_offset(i, v_.rank)]; }

 private:
  int64_t leading_offset(int64_t i, int dimensions) const {
    int64_t offset = 0;
    for (int d = dimensions; d-- > 0; i /= v_.shape[d]) offset += i % v_.shape[d] * v_.stride[d];
    return offset;
  }

  bool compact_ = true;  // row-major without gaps
  T* data_;
  const view& v_;
};
template <class... Index>
int64_t offset_of(const view& v, Index... index) {
  const int64_t at[] = {static_cast<int64_t>(index)...};
  int64_t offset = 0;
  for (size_t d = 0; d < sizeof...(index); ++d) offset += at[d] * v.stride[d];
  return offset;
}
// Integers of either index dtype, by their indices.
class integers {
 public:
  explicit integers(const view& v) : v_(v) {}

  template <class... Index>
  int64_t operator()(Index... index) const {
    const int64_t at = offset_of(v_, index...);
    return v_.type == dtype::i64 ? static_cast<const int64_t*>(v_.data)[at] : static_cast<const int32_t*>(v_.data)[at];
  }
  // What does not fit is cut to the lower 32 bits.
  template <class... Index>
  void put(int64_t x, Index... index) const {
    const int64_t at = offset_of(v_, index...);
    if (v_.type == dtype::i64)
      static_cast<int64_t*>(v_.data)[at] = x;
    else
      static_cast<int32_t*>(v_.data)[at] = static_cast<int32_t>(x);
  }

 private:
  const view& v_;
};
// Floating-point numbers of any dtype, by their indices.
template <class Real>
class numbers {
 public:
  explicit numbers(const view& v) : v_(v) {}

  template <class... Index>
  Real operator()(Index... index) const {
    const int64_t at = offset_of(v_, index...);
    switch (v_.type) {
      case dtype::f16:
        return widen(static_cast<const f16*>(v_.data)[at]);
      case dtype::bf16:
        return widen(static_cast<const bf16*>(v_.data)[at]);
      case dtype::f32:
        return static_cast<const float*>(v_.data)[at];
      default:
        return static_cast<Real>(static_cast<const double*>(v_.data)[at]);
    }
  }
  // Rounded to what the tensor accumulates in, then to its dtype.
  template <class... Index>
  void put(Real x, Index... index) const {
    const int64_t at = offset_of(v_, index...);
    switch (v_.type) {
      case dtype::f16:
        static_cast<f16*>(v_.data)[at] = narrow<f16>(static_cast<float>(x));
        return;
      case dtype::bf16:
        static_cast<bf16*>(v_.data)[at] = narrow<bf16>(static_cast<float>(x));
        return;
      case dtype::f32:
        static_cast<float*>(v_.data)[at] = static_cast<float>(x);
        return;
      default:
        static_cast<double*>(v_.data)[at] = x;
    }
  }

 private:
  const view& v_;
};
// Contents may be any number: what passes 64 bits wraps around, as in kernels.
inline int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapping_subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t wrapping_multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
// The request that entry i belongs to, -1: none. Looked for by halving, as kernels do, so that offsets which are not in order
// give the same request here and there.
inline int64_t request_of(const view& indptr, int64_t i) {
  const integers offset(indptr);
  int64_t low = 0, high = indptr.shape[0] - 1;
  if (high <= 0 || i < offset(0) || i >= offset(high)) return -1;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    (offset(middle) <= i ? low : high) = middle;
  }
  return low;
}
// Of a tensor: all its dimensions but the last.
inline int64_t row_count(const view& v) {
  int64_t rows = 1;
  for (int d = 0; d + 1 < v.rank; ++d) rows *= v.shape[d];
  return rows;
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

// The same with what a reference of that dtype computes in: double for the oracle's tensors, else float.
template <class F>
void with_real(dtype d, F&& f) {
  if (d == dtype::f64)
    f.template operator()<double>();
  else
    f.template operator()<float>();
}

// Calls f.template operator()<Q>() with the C++ type of a quantised dtype: fp8 or i8.
template <class F>
void with_quantised(dtype d, F&& f) {
  switch (d) {
    case dtype::e4m3fn:
      return f.template operator()<e4m3fn>();
    case dtype::e4m3fnuz:
      return f.template operator()<e4m3fnuz>();
    case dtype::e5m2:
      return f.template operator()<e5m2>();
    case dtype::e5m2fnuz:
      return f.template operator()<e5m2fnuz>();
    case dtype::i8:
      return f.template operator()<int8_t>();
    default:
      throw fail(HIPINFER_STATUS_INTERNAL, "a reference met quantised dtype %s", dtype_name(d));
  }
}

// Either of the two.
template <class F>
void with_number(dtype d, F&& f) {
  if (bit(d) & quantised_dtypes)
    with_quantised(d, f);
  else
    with_float(d, f);
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

// Rows of a tensor of any dtype, which are numbered over all dimensions but the last; of each the elements from `first` on, as
// many as `row` has. reference.cpp has them for float and double.
template <class Real>
void widen_row(const view& from, int64_t r, std::span<Real> row, int64_t first = 0);
// Rounded.
template <class Real>
void narrow_row(const view& to, int64_t r, std::span<Real> row);
// Divided by the scale and quantised.
template <class Real>
void quantise_row(const view& to, int64_t r, std::span<Real> row, Real scale, int64_t first = 0);
// A row's scale in a quantised dtype; a NaN has no part in it.
template <class Real>
Real dynamic_scale_of(dtype quantised, std::span<Real> row);

// Rows that are worth a thread, each of `work` elements.
inline int64_t grain_of(int64_t rows, int64_t work) {
  constexpr int64_t worth_a_thread = 1 << 14;
  return work <= 0 ? rows : (worth_a_thread + work - 1) / work;
}

// Calls body(row) for every row, on as many threads as `work` elements a row are worth. Every row is computed by one
// thread in one order, so results do not depend on the number of threads.
template <class Body>
void parallel_rows(int64_t rows, int64_t work, Body&& body) {
  auto run = [](void* closure, int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) (*static_cast<std::remove_reference_t<Body>*>(closure))(r);
  };
  runtime::parallel_for(rows, grain_of(rows, work), run, &body);
}

// The same for rows that need memory: body(row, scratch), of `length` elements. It holds whatever the row before left. All
// of it is allocated before the first row, so that a call that runs out of memory has written nothing: a body allocates
// none of its own.
template <class Real, class Body>
void parallel_rows(int64_t rows, int64_t work, int64_t length, Body&& body) {
  if (rows == 0) return;
  const int64_t grain = grain_of(rows, work);
  int64_t total;
  if (__builtin_mul_overflow(length, runtime::parallel_threads(rows, grain), &total)) throw std::bad_alloc();
  const auto scratch = std::make_unique_for_overwrite<Real[]>(static_cast<size_t>(total));
  auto some = [&](int64_t begin, int64_t end, int thread) {
    const std::span<Real> own(scratch.get() + thread * length, static_cast<size_t>(length));
    for (int64_t r = begin; r < end; ++r) body(r, own);
  };
  auto run = [](void* closure, int64_t begin, int64_t end, int thread) {
    (*static_cast<decltype(some)*>(closure))(begin, end, thread);
  };
  runtime::parallel_for(rows, grain, run, &some);
}

}  // namespace hipinfer
