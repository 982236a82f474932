// SPDX-License-Identifier: Apache-2.0
// A block a token. A group of 2^lanes_log2 threads serves a head; a thread keeps the cosines and sines of its
// pairs in registers and goes from head to head, queries first, then keys. Each pair belongs to one thread,
// which has read both elements before it writes either: output and input may be the same.
#include "device/vec.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T>
struct head {
  const T* x;
  T* y;
  bool in_place;
};

// Head h of a token, where keys follow queries. Selects, not branches: the groups of a wave may straddle the
// two.
template <class T>
HIPINFER_DEVICE head<T> head_of(const rope_params& p, int64_t token, int64_t h) {
  const bool key = h >= p.q_heads;
  const int64_t own = key ? h - p.q_heads : h;
  const T* x = static_cast<const T*>(key ? p.k : p.q);
  T* y = static_cast<T*>(key ? p.k_out : p.q_out);
  return {
      x + token * (key ? p.k_stride[0] : p.q_stride[0]) + own * (key ? p.k_stride[1] : p.q_stride[1]),
      y + token * (key ? p.k_out_stride[0] : p.q_out_stride[0]) + own * (key ? p.k_out_stride[1] : p.q_out_stride[1]),
      (key ? p.k_in_place : p.q_in_place) != 0};
}

template <int N>
HIPINFER_DEVICE void rotate(float (&a)[N], float (&b)[N], const float (&cosine)[N], const float (&sine)[N]) {
  for (int k = 0; k < N; ++k) {
    const float x = a[k], y = b[k];
    a[k] = fma(x, cosine[k], -(y * sine[k]));
    b[k] = fma(y, cosine[k], x * sine[k]);
  }
}

// Pairs i ... i + N - 1 of a head.
template <int N, class T>
HIPINFER_DEVICE void half_split(const head<T>& h, int64_t i, int64_t half, const float (&cosine)[N],
                                const float (&sine)[N]) {
  float a[N], b[N];
  load_floats<N>(h.x + i, a);
  load_floats<N>(h.x + half + i, b);
  rotate(a, b, cosine, sine);
  store_floats<N>(h.y + i, a);
  store_floats<N>(h.y + half + i, b);
}
template <int N, class T>
HIPINFER_DEVICE void neighbours(const head<T>& h, int64_t i, const float (&cosine)[N], const float (&sine)[N]) {
  float v[2 * N], a[N], b[N];
  if constexpr (N == 1) {  // two elements need not lie on a multiple of their size
    v[0] = to_float(h.x[2 * i]);
    v[1] = to_float(h.x[2 * i + 1]);
  } else {
    load_floats<2 * N>(h.x + 2 * i, v);
  }
  for (int k = 0; k < N; ++k) {
    a[k] = v[2 * k];
    b[k] = v[2 * k + 1];
  }
  rotate(a, b, cosine, sine);
  for (int k = 0; k < N; ++k) {
    v[2 * k] = a[k];
    v[2 * k + 1] = b[k];
  }
  if constexpr (N == 1) {
    h.y[2 * i] = from_float<T>(v[0]);
    h.y[2 * i + 1] = from_float<T>(v[1]);
  } else {
    store_floats<2 * N>(h.y + 2 * i, v);
  }
}

template <class T>
HIPINFER_DEVICE void spoil(const rope_params& p, int64_t token) {
  const T nan = from_float<T>(__builtin_nanf(""));
  for (int64_t h = 0; h < p.q_heads + p.k_heads; ++h) {
    const head<T> own = head_of<T>(p, token, h);
    for (int64_t i = thread_id(); i < p.head_dim; i += threads) own.y[i] = nan;
  }
}

// Width is the length of an access to q and k, in elements; N pairs belong to a thread.
template <int Width, bool Interleaved, class T>
HIPINFER_DEVICE void rotate_token(const rope_params& p, int64_t token, const float* angles) {
  constexpr int N = Interleaved && Width > 1 ? Width / 2 : Width;
  const int lanes = 1 << p.lanes_log2, lane = thread_id() & (lanes - 1);
  const int64_t first = thread_id() >> p.lanes_log2, groups = threads >> p.lanes_log2, heads = p.q_heads + p.k_heads;
  for (int64_t i = lane * N; i < p.half; i += lanes * N) {
    float cosine[N], sine[N];
    load_floats<N>(angles + i, cosine);
    load_floats<N>(angles + p.half + i, sine);
    for (int64_t h = first; h < heads; h += groups) {
      const head<T> own = head_of<T>(p, token, h);
      if constexpr (Interleaved)
        neighbours<N>(own, i, cosine, sine);
      else
        half_split<N>(own, i, p.half, cosine, sine);
    }
  }
  if (2 * p.half == p.head_dim) return;
  for (int64_t h = first; h < heads; h += groups) {
    const head<T> own = head_of<T>(p, token, h);
    if (own.in_place) continue;
    for (int64_t i = 2 * p.half + lane * Width; i < p.head_dim; i += lanes * Width) {
      store<Width>(own.y + i, load<Width>(own.x + i));
    }
  }
}

template <int Width, class T, class Position>
HIPINFER_DEVICE void rope(const rope_params& p) {
  for (int64_t token = block_id(); token < p.tokens; token += block_count<threads>()) {
    const int64_t position = static_cast<const Position*>(p.positions)[token];
    if (position < 0 || position >= p.cached) {
      spoil<T>(p, token);
      continue;
    }
    const float* angles = static_cast<const float*>(p.cos_sin) + position * p.cos_sin_stride;
    if (p.interleaved)
      rotate_token<Width, true, T>(p, token, angles);
    else
      rotate_token<Width, false, T>(p, token, angles);
  }
}

}  // namespace

#define INSTANTIATE(T, Position)                                                          \
  HIPINFER_KERNEL(threads) rope_vector_##T##_##Position(HIPINFER_PARAMS(rope_params) p) { \
    rope<vector_width<T>, T, Position>(p);                                                \
  }                                                                                       \
  HIPINFER_KERNEL(threads) rope_rows_##T##_##Position(HIPINFER_PARAMS(rope_params) p) {   \
    rope<1, T, Position>(p);                                                              \
  }
INSTANTIATE(f32, i32)
INSTANTIATE(f32, i64)
INSTANTIATE(f16, i32)
INSTANTIATE(f16, i64)
INSTANTIATE(bf16, i32)
INSTANTIATE(bf16, i64)

}  // namespace hipinfer
