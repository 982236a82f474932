// SPDX-License-Identifier: Apache-2.0
// N elements moved as one access. load_row/store_row pick 16-byte accesses or single elements at compile time, so that
// one loop serves aligned and unaligned rows.
#pragma once

#include "device/fp8.h"

namespace hipinfer {

template <class T, int N>
struct alignas(sizeof(T) * N) vec {
  T at[N];
};

template <class T>
constexpr bool is_bf16 = false;
template <>
constexpr bool is_bf16<bf16> = true;

// Elements in a 16-byte access.
template <class T>
constexpr int vector_width = 16 / sizeof(T);

namespace detail {
#if defined(__AMDGCN__)
typedef uint32_t words4 __attribute__((ext_vector_type(4)));
typedef uint32_t words2 __attribute__((ext_vector_type(2)));
#else
using words4 = uint4;
using words2 = uint2;
#endif
template <int Bytes>
struct word;
template <>
struct word<16> {
  using type = words4;
};
template <>
struct word<8> {
  using type = words2;
};
template <>
struct word<4> {
  using type = uint32_t;
};
template <>
struct word<2> {
  using type = uint16_t;
};
template <>
struct word<1> {
  using type = uint8_t;
};
}  // namespace detail

// N elements converted together, which fp8 in hardware is quicker at.
template <class T, int N>
HIPINFER_DEVICE vec<T, N> from_floats(const float (&in)[N]) {
  if constexpr (in_hardware<T> && N % 4 == 0) {
    vec<uint32_t, N / 4> words;
    for (int i = 0; i < N / 4; ++i) words.at[i] = fp8_pack4<T::mantissa == 2>(in + 4 * i);
    return bit_cast<vec<T, N>>(words);
  } else {
    vec<T, N> v;
    for (int i = 0; i < N; ++i) v.at[i] = from_float<T>(in[i]);
    return v;
  }
}
template <int N, class T>
HIPINFER_DEVICE void to_floats(const vec<T, N>& v, float (&out)[N]) {
  if constexpr (in_hardware<T> && N % 4 == 0) {
    const auto words = bit_cast<vec<uint32_t, N / 4>>(v);
    for (int i = 0; i < N / 4; ++i) fp8_unpack4<T::mantissa == 2>(words.at[i], out + 4 * i);
  } else if constexpr (is_bf16<T> && N % 2 == 0) {
    // An instruction an element: taken out of its word first, the upper one would cost two.
    const auto words = bit_cast<vec<uint32_t, N / 2>>(v);
    for (int i = 0; i < N / 2; ++i) {
      out[2 * i] = bit_cast<float>(words.at[i] << 16);
      out[2 * i + 1] = bit_cast<float>(words.at[i] & 0xffff0000u);
    }
  } else {
    for (int i = 0; i < N; ++i) out[i] = to_float(v.at[i]);
  }
}

// One access of N elements; the address is a multiple of its size.
template <int N, class T>
HIPINFER_DEVICE vec<T, N> load(const T* p) {
  using word = typename detail::word<sizeof(T) * N>::type;
  return bit_cast<vec<T, N>>(*reinterpret_cast<const word*>(p));
}
template <int N, class T>
HIPINFER_DEVICE void store(T* p, const vec<T, N>& v) {
  using word = typename detail::word<sizeof(T) * N>::type;
  *reinterpret_cast<word*>(p) = bit_cast<word>(v);
}

// As above, widened to fp32.
template <int N, class T>
HIPINFER_DEVICE void load_floats(const T* p, float (&out)[N]) {
  if constexpr (sizeof(T) * N > 16) {
    constexpr int half = N / 2;
    float low[half], high[half];
    load_floats<half>(p, low);
    load_floats<half>(p + half, high);
    for (int i = 0; i < half; ++i) {
      out[i] = low[i];
      out[half + i] = high[i];
    }
  } else {
    to_floats<N>(load<N>(p), out);
  }
}
template <int N, class T>
HIPINFER_DEVICE void store_floats(T* p, const float (&in)[N]) {
  if constexpr (sizeof(T) * N > 16) {
    constexpr int half = N / 2;
    float low[half], high[half];
    for (int i = 0; i < half; ++i) {
      low[i] = in[i];
      high[i] = in[half + i];
    }
    store_floats<half>(p, low);
    store_floats<half>(p + half, high);
  } else {
    store<N>(p, from_floats<T, N>(in));
  }
}

// How elements of T are converted: nothing has to be known but T, unless that is an fp8 which only the call names.
template <class T>
struct as_type {
  using type = T;
  template <int N>
  HIPINFER_DEVICE vec<T, N> from(const float (&in)[N]) const {
    return from_floats<T>(in);
  }
  template <int N>
  HIPINFER_DEVICE void widen(const vec<T, N>& v, float (&out)[N]) const {
    to_floats(v, out);
  }
  template <int N>
  HIPINFER_DEVICE void load_from(const T* p, float (&out)[N]) const {
    load_floats<N>(p, out);
  }
  template <int N>
  HIPINFER_DEVICE void store_to(T* p, const float (&in)[N]) const {
    store_floats<N>(p, in);
  }
};
template <>
struct as_type<software_float8> {
  using type = software_float8;
  float8_format format;
  template <int N>
  HIPINFER_DEVICE vec<type, N> from(const float (&in)[N]) const {
    vec<type, N> v;
    for (int i = 0; i < N; ++i) v.at[i].bits = static_cast<uint8_t>(format.bits(in[i]));
    return v;
  }
  template <int N>
  HIPINFER_DEVICE void widen(const vec<type, N>& v, float (&out)[N]) const {
    for (int i = 0; i < N; ++i) out[i] = format.value(v.at[i].bits);
  }
  template <int N>
  HIPINFER_DEVICE void load_from(const type* p, float (&out)[N]) const {
    widen(load<N>(p), out);
  }
  template <int N>
  HIPINFER_DEVICE void store_to(type* p, const float (&in)[N]) const {
    store<N>(p, from(in));
  }
};

// Calls body(as_type) for the fp8 that a kernel's parameter names: a branch that all threads agree on, in place of a
// kernel for each. What the target does not convert by itself has one body.
template <class Body>
HIPINFER_DEVICE void with_fp8(dtype type, Body body) {
  if constexpr (in_hardware<e4m3fn>) {
    if (type == dtype::e4m3fn) return body(as_type<e4m3fn>{});
    if (type == dtype::e5m2) return body(as_type<e5m2>{});
  }
  if constexpr (in_hardware<e4m3fnuz>) {
    if (type == dtype::e4m3fnuz) return body(as_type<e4m3fnuz>{});
    if (type == dtype::e5m2fnuz) return body(as_type<e5m2fnuz>{});
  }
  body(as_type<software_float8>{float8_format_of(type)});
}

// At a row's end: of N elements only the first `left` are there. The rest reads as `fill`.
template <int N, class T>
HIPINFER_DEVICE void load_floats_upto(const T* p, int64_t left, float (&out)[N], float fill = 0) {
  if constexpr (N > 1) {
    if (left < N) {
      for (int i = 0; i < N; ++i) out[i] = i < left ? to_float(p[i]) : fill;
      return;
    }
  }
  load_floats<N>(p, out);
}

}  // namespace hipinfer
