// SPDX-License-Identifier: Apache-2.0
#include "ops/rope/reference.h"

#include "core/kv_reference.h"
#include "gen/qk_norm_rope.h"
#include "gen/rope.h"
#include "gen/rope_append_kv.h"
#include "gen/rope_quantize_fp8.h"

namespace hipinfer {
namespace {

template <class T, class Q>
void rope_append_kv(const rope_append_kv_args& a) {
  using real = accumulator<T>;
  const int64_t heads = a.k.shape[1], d = a.k.shape[2], e = a.v.shape[2];
  const bool interleaved = a.interleaved != 0;
  const elements<const T> k(a.k), v(a.v);
  const elements<Q> k_cache(a.k_cache), v_cache(a.v_cache);
  const integers rows(a.pos_ids.given() ? a.pos_ids : a.positions);
  const real by = 1 / scale_or_one<T>(a.k_scale), v_scale = scale_or_one<T>(a.v_scale);
  const int64_t r = a.cos_sin.shape[1];
  parallel_rows<real>(a.q.shape[0], a.q.shape[1] * d + heads * (d + e), r + d, [&](int64_t t, std::span<real> scratch) {
    const auto room = scratch.subspan(static_cast<size_t>(r));
    const auto angles = angles_at<T>(a.cos_sin, rows(t), scratch.first(static_cast<size_t>(r)));
    rotate_heads<T>(a.q, a.q_out, t, angles, interleaved, room);
    const written_slot to = written_slot_of(a, t);
    if (to.page < 0) return;
    for (int64_t h = 0; h < heads; ++h) {
      const auto key = rotated_head<T>(a.k, t, h, angles, interleaved, room);
      for (int64_t i = 0; i < d; ++i) {
        Q& place = k_cache(to.page, to.slot, h, i);
        if constexpr (is_quantised<Q>)
          place = narrow<Q>(key[i] * by);
        else
          place = only_moved(angles, i) ? k(t, h, i) : narrow<Q>(key[i]);
      }
      for (int64_t i = 0; i < e; ++i) v_cache(to.page, to.slot, h, i) = cached<Q>(v(t, h, i), v_scale);
    }
  });
}

// [T, N] as [T, 1, N]: keys of one head.
view with_heads(view x) {
  if (x.rank != 2) return x;
  x.rank = 3;
  x.shape[2] = x.shape[1];
  x.stride[2] = x.stride[1];
  x.shape[1] = 1;
  x.stride[1] = 0;
  return x;
}

// One kind of part, of queries or of keys, of token t: rotated where angles are given, then times factor. A head at a time
// is in `room`.
template <class T, class Q>
void quantise_part(const view& x, const view& to, int64_t t, const pair_angles<accumulator<T>>* angles,
                   bool interleaved, accumulator<T> factor, std::span<accumulator<T>> room) {
  if (!x.given()) return;
  const elements<Q> y(to);
  for (int64_t h = 0; h < x.shape[1]; ++h) {
    const auto head =
        angles != nullptr ? rotated_head<T>(x, t, h, *angles, interleaved, room) : widened_head<T>(x, t, h, room);
    for (int64_t i = 0; i < x.shape[2]; ++i) y(t, h, i) = narrow<Q>(head[i] * factor);
  }
}

template <class T, class Q>
void rope_quantize_fp8(const rope_quantize_fp8_args& a) {
  const view k_rope = with_heads(a.k_rope), k_nope = with_heads(a.k_nope);
  const view k_rope_out = with_heads(a.k_rope_out), k_nope_out = with_heads(a.k_nope_out);
  const bool interleaved = a.interleaved != 0;
  const int64_t nope = a.q_nope.given() ? a.q_nope.shape[2] : k_nope.given() ? k_nope.shape[2] : 0;
  const int64_t work = (a.q_rope.shape[1] + k_rope.shape[1]) * (a.q_rope.shape[2] + nope);
  const int64_t r = a.q_rope.shape[2];
  using real = accumulator<T>;
  parallel_rows<real>(a.q_rope.shape[0], work, r + std::max(r, nope), [&](int64_t t, std::span<real> scratch) {
    const auto room = scratch.subspan(static_cast<size_t>(r));
    const auto angles = angles_at<T>(a.cos_sin, integers(a.positions)(t), scratch.first(static_cast<size_t>(r)));
    quantise_part<T, Q>(a.q_rope, a.q_rope_out, t, &angles, interleaved, a.quant_scale_q, room);
    quantise_part<T, Q>(k_rope, k_rope_out, t, &angles, interleaved, a.quant_scale_kv, room);
    quantise_part<T, Q>(a.q_nope, a.q_nope_out, t, nullptr, interleaved, a.quant_scale_q, room);
    quantise_part<T, Q>(k_nope, k_nope_out, t, nullptr, interleaved, a.quant_scale_kv, room);
  });
}

// `scratch` has room for the angles and a head.
template <class T>
void norm_and_rotate(const view& x, const view& gain, const view& to, int64_t t, int64_t h, const qk_norm_rope_args& a,
                     std::span<accumulator<T>> scratch) {
  using real = accumulator<T>;
  const numbers<real> weight(gain);
  const elements<T> y(to);
  const auto r = static_cast<size_t>(a.cos_sin.shape[1]);
  const auto head = widened_head<T>(x, t, h, scratch.subspan(r));
  // Summed in double: floats, one after the other, would lose what a GPU's tree of sums keeps.
  double squares = 0;
  for (const real v : head) squares += double{v} * double{v};
  const real scale = static_cast<real>(1 / std::sqrt(squares / static_cast<double>(head.size()) + a.eps));
  for (size_t i = 0; i < head.size(); ++i) head[i] = head[i] * scale * weight(i);
  rotate(head, angles_at<T>(a.cos_sin, integers(a.positions)(t), scratch.first(r)), a.interleaved != 0);
  for (size_t i = 0; i < head.size(); ++i) y(t, h, i) = narrow<T>(head[i]);
}

}  // namespace

void rope_reference(const rope_args& a) {
  const int64_t heads = a.q.shape[1] + (a.k.given() ? a.k.shape[1] : 0);
  with_float(a.q.type, [&]<class T>() {
    using real = accumulator<T>;
    const int64_t r = a.cos_sin.shape[1], d = a.q.shape[2];
    parallel_rows<real>(a.q.shape[0], heads * d, r + d, [&](int64_t t, std::span<real> scratch) {
      const auto room = scratch.subspan(static_cast<size_t>(r));
      const auto angles = angles_at<T>(a.cos_sin, integers(a.positions)(t), scratch.first(static_cast<size_t>(r)));
      rotate_heads<T>(a.q, a.q_out, t, angles, a.interleaved != 0, room);
      rotate_heads<T>(a.k, a.k_out, t, angles, a.interleaved != 0, room);
    });
  });
}

void rope_append_kv_reference(const rope_append_kv_args& a) {
  with_cache(a.q.type, a.k_cache.type, [&]<class T, class Q>() { rope_append_kv<T, Q>(a); });
}

void rope_quantize_fp8_reference(const rope_quantize_fp8_args& a) {
  with_float(a.q_rope.type,
             [&]<class T>() { with_quantised(a.q_rope_out.type, [&]<class Q>() { rope_quantize_fp8<T, Q>(a); }); });
}

void qk_norm_rope_reference(const qk_norm_rope_args& a) {
  const int64_t q_heads = a.q.shape[1], heads = q_heads + (a.k.given() ? a.k.shape[1] : 0);
  with_float(a.q.type, [&]<class T>() {
    using real = accumulator<T>;
    const int64_t d = a.q.shape[2], length = a.cos_sin.shape[1] + d;
    parallel_rows<real>(a.q.shape[0] * heads, d, length, [&](int64_t r, std::span<real> scratch) {
      const int64_t t = r / heads, h = r % heads;
      if (h < q_heads)
        norm_and_rotate<T>(a.q, a.q_weight, a.q_out, t, h, a, scratch);
      else
        norm_and_rotate<T>(a.k, a.k_weight, a.k_out, t, h - q_heads, a, scratch);
    });
  });
}

}  // namespace hipinfer
