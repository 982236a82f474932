// SPDX-License-Identifier: Apache-2.0
// A group of lanes serves a head. In the vector kernel a lane holds a vector of each half of the rotated elements, at the
// same place in its half, and one of the rest: both elements of a pair are its own, whether pairs are half a rotary
// dimension apart or neighbours, and a head is read once.
#include "device/math.h"
#include "device/rows.h"
#include "ops/qk_norm_rope/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T, class W>
struct head {
  const T* x;
  T* y;
  const W* weight;
};

// Selects, not branches: the groups of a wave may straddle queries and keys.
template <class T, class W>
HIPINFER_DEVICE head<T, W> head_of(const qk_norm_rope_params& p, row_index r) {
  const bool key = r.inner >= p.q_heads;
  const int64_t own = key ? r.inner - p.q_heads : r.inner;
  return {static_cast<const T*>(key ? p.k : p.q) + r.outer * (key ? p.k_stride[0] : p.q_stride[0]) +
              own * (key ? p.k_stride[1] : p.q_stride[1]),
          static_cast<T*>(key ? p.k_out : p.q_out) + r.outer * (key ? p.k_out_stride[0] : p.q_out_stride[0]) +
              own * (key ? p.k_out_stride[1] : p.q_out_stride[1]),
          static_cast<const W*>(key ? p.k_weight : p.q_weight)};
}

// NULL for a position that is not in the cache.
template <class Position>
HIPINFER_DEVICE const float* angles_of(const qk_norm_rope_params& p, int64_t token) {
  const int64_t position = static_cast<const Position*>(p.positions)[token];
  const bool inside = position >= 0 && position < p.cached;
  return inside ? static_cast<const float*>(p.cos_sin) + position * p.cos_sin_stride : nullptr;
}

// NaN where there are no angles: then so is all of the head.
HIPINFER_DEVICE float factor_of(const qk_norm_rope_params& p, float squares, const float* angles) {
  return angles != nullptr ? rsqrt(squares / static_cast<float>(p.n) + p.eps) : not_a_number;
}

HIPINFER_DEVICE void rotate(float& a, float& b, float cosine, float sine) {
  const float x = a, y = b;
  a = fma(x, cosine, -(y * sine));
  b = fma(y, cosine, x * sine);
}

// A vector of a head, loaded before it is used: its elements, their gains, and whether it is there.
template <class T, class W, int Width>
class piece {
 public:
  const bool there;
  float v[Width];

  HIPINFER_DEVICE piece(const head<T, W>& h, int64_t i, bool inside) : there(inside) {
    if (!there) return;
    x_.load_from(h.x + i);
    gain_.load_from(h.weight + i);
  }
  HIPINFER_DEVICE float add_squares(float sum) {
    for (int k = 0; k < Width; ++k) v[k] = 0;
    if (there) x_.floats(v);
    for (int k = 0; k < Width; ++k) sum = fma(v[k], v[k], sum);
    return sum;
  }
  HIPINFER_DEVICE void scale(float factor) {
    if (!there) return;
    float gain[Width];
    gain_.floats(gain);
    for (int k = 0; k < Width; ++k) v[k] = v[k] * factor * gain[k];
  }
  HIPINFER_DEVICE void store(const head<T, W>& h, int64_t i) const {
    if (there) store_floats<Width>(h.y + i, v);
  }

 private:
  packed<T, Width> x_;
  packed<W, Width> gain_;
};

// The cosines or sines of a lane's pairs: of the first vector's, then of the second's, where pairs are neighbours.
template <int Width>
HIPINFER_DEVICE void load_angles(const float* from, int64_t i, int64_t half, bool interleaved, float (&to)[Width]) {
  constexpr int part = Width / 2;
  float low[part], high[part];
  load_floats<part>(from + (interleaved ? i / 2 : i), low);
  load_floats<part>(from + (interleaved ? (half + i) / 2 : i + part), high);
  for (int k = 0; k < part; ++k) {
    to[k] = low[k];
    to[part + k] = high[k];
  }
}

template <class T, class W, class Position>
HIPINFER_DEVICE void vectors(const qk_norm_rope_params& p) {
  constexpr int width = vector_width<T>, part = width / 2;
  using group = row_group<threads, width, 1>;
  __shared__ typename group::memory memory;
  group g(memory, p.lanes_log2, p.n);
  const int64_t i = g.lane() * width;
  for_groups(g, p, [&](row_index r, bool there) {
    const head<T, W> h = head_of<T, W>(p, r);
    piece<T, W, width> first(h, i, there && i < p.half), second(h, p.half + i, there && i < p.half);
    piece<T, W, width> rest(h, 2 * p.half + i, there && 2 * p.half + i < p.n);
    const float* angles = angles_of<Position>(p, r.outer);
    float cosine[width] = {}, sine[width] = {};
    if (first.there && angles != nullptr) {
      load_angles(angles, i, p.half, p.interleaved, cosine);
      load_angles(angles + p.half, i, p.half, p.interleaved, sine);
    }
    const float factor = factor_of(p, g.sum(first.add_squares(second.add_squares(rest.add_squares(0.0f)))), angles);
    first.scale(factor);
    second.scale(factor);
    rest.scale(factor);
    if (p.interleaved) {
      for (int k = 0; k < part; ++k) {
        rotate(first.v[2 * k], first.v[2 * k + 1], cosine[k], sine[k]);
        rotate(second.v[2 * k], second.v[2 * k + 1], cosine[part + k], sine[part + k]);
      }
    } else {
      for (int k = 0; k < width; ++k) rotate(first.v[k], second.v[k], cosine[k], sine[k]);
    }
    first.store(h, i);
    second.store(h, p.half + i);
    rest.store(h, 2 * p.half + i);
  });
}

// The second pass writes what only its own thread still reads: all have summed before any has the sum.
template <class T, class W, class Position>
HIPINFER_DEVICE void elements(const qk_norm_rope_params& p) {
  using group = row_group<threads, 1, 0>;
  __shared__ typename group::memory memory;
  group g(memory, p.lanes_log2, p.n);
  for_groups(g, p, [&](row_index r, bool there) {
    const head<T, W> h = head_of<T, W>(p, r);
    const float* angles = angles_of<Position>(p, r.outer);
    const int64_t n = there ? p.n : 0, half = there && angles != nullptr ? p.half : 0;
    float sum = 0;
#pragma unroll 1
    for (int64_t i = g.lane(); i < n; i += g.lanes()) sum = fma(to_float(h.x[i]), to_float(h.x[i]), sum);
    const float factor = factor_of(p, g.sum(sum), angles);
    const auto scaled = [&](int64_t i) { return to_float(h.x[i]) * factor * to_float(h.weight[i]); };
#pragma unroll 1
    for (int64_t i = g.lane(); i < half; i += g.lanes()) {
      const int64_t at = i << p.interleaved, other = at + (p.interleaved ? 1 : half);
      float a = scaled(at), b = scaled(other);
      rotate(a, b, angles[i], angles[half + i]);
      h.y[at] = from_float<T>(a);
      h.y[other] = from_float<T>(b);
    }
#pragma unroll 1
    for (int64_t i = 2 * half + g.lane(); i < n; i += g.lanes()) h.y[i] = from_float<T>(scaled(i));
  });
}

}  // namespace

#define INSTANTIATE(T, W, Position)                                                                             \
  HIPINFER_KERNEL(threads) qk_norm_rope_vector_##T##_##W##_##Position(HIPINFER_PARAMS(qk_norm_rope_params) p) { \
    vectors<T, W, Position>(p);                                                                                 \
  }                                                                                                             \
  HIPINFER_KERNEL(threads) qk_norm_rope_rows_##T##_##W##_##Position(HIPINFER_PARAMS(qk_norm_rope_params) p) {   \
    elements<T, W, Position>(p);                                                                                \
  }
#define WITH_POSITIONS(T, W) INSTANTIATE(T, W, i32) INSTANTIATE(T, W, i64)
WITH_POSITIONS(f32, f32)
WITH_POSITIONS(f16, f16)
WITH_POSITIONS(f16, f32)
WITH_POSITIONS(bf16, bf16)
WITH_POSITIONS(bf16, f32)

}  // namespace hipinfer
