// SPDX-License-Identifier: Apache-2.0
// A thread a unit of a head: of its rotary part (device/rope.h), then of the other. A token's queries come first, then its
// keys.
#include "device/rope.h"
#include "ops/rope_quantize_fp8/params.h"

namespace hipinfer {
namespace {

using params = rope_quantize_fp8_params;

constexpr int threads = 256;

// A head's two parts, those of a query or of a key by selection.
struct part {
  const void* in;
  void* out;
  int64_t from, to;  // elements to the head's first
};
HIPINFER_DEVICE part rotary_part(const params& p, bool key, int64_t token, int64_t h) {
  return {key ? p.k_rope : p.q_rope, key ? p.k_rope_out : p.q_rope_out,
          token * (key ? p.k_rope_stride[0] : p.q_rope_stride[0]) + h * (key ? p.k_rope_stride[1] : p.q_rope_stride[1]),
          token * (key ? p.k_rope_out_stride[0] : p.q_rope_out_stride[0]) +
              h * (key ? p.k_rope_out_stride[1] : p.q_rope_out_stride[1])};
}
HIPINFER_DEVICE part other_part(const params& p, bool key, int64_t token, int64_t h) {
  return {key ? p.k_nope : p.q_nope, key ? p.k_nope_out : p.q_nope_out,
          token * (key ? p.k_nope_stride[0] : p.q_nope_stride[0]) + h * (key ? p.k_nope_stride[1] : p.q_nope_stride[1]),
          token * (key ? p.k_nope_out_stride[0] : p.q_nope_out_stride[0]) +
              h * (key ? p.k_nope_out_stride[1] : p.q_nope_out_stride[1])};
}

template <int Width, bool Interleaved, class T, class Q>
HIPINFER_DEVICE void unit_of_head(const params& p, int64_t token, int64_t head, int64_t unit) {
  const bool key = head >= p.q_heads;
  const int64_t h = key ? head - p.q_heads : head;
  const float factor = key ? p.k_factor : p.q_factor;
  if (unit < p.units) {
    const part of = rotary_part(p, key, token, h);
    rope_unit<Q, Width, Interleaved>(
        p, static_cast<const T*>(of.in) + of.from, unit, false, factor,
        [&] { return angles_at(p, index_at(p.positions, p.wide, token)); },
        [&] { return static_cast<Q*>(of.out) + of.to; });
  } else {
    const part of = other_part(p, key, token, h);
    if (of.in == nullptr) return;
    const int64_t i = (unit - p.units) * Width, left = p.nope_dim - i;
    const vec<T, Width> v = load_upto<Width>(static_cast<const T*>(of.in) + of.from + i, left);
    store_upto<Width>(static_cast<Q*>(of.out) + of.to + i, left, stored_as<Q>(v, factor));
  }
}

template <class T, class Q>
HIPINFER_DEVICE void rope_quantize(const params& p) {
  with_pairs<T>(p, [&](auto width, auto layout) {
    const int64_t of_head = p.units + p.nope_units, of_token = (p.q_heads + p.k_heads) * of_head;
    const int64_t item = item_id<threads>();
    if (item >= p.tokens * of_token) return;
    const division token = divide(item, of_token), head = divide(token.rest, of_head);
    unit_of_head<width.value, layout.interleaved, T, Q>(p, token.quotient, head.quotient, head.rest);
  });
}

}  // namespace

#define INSTANTIATE(T, Q)                                                                 \
  HIPINFER_KERNEL(threads) rope_quantize_fp8_heads_##T##_##Q(HIPINFER_PARAMS(params) p) { \
    rope_quantize<T, Q>(p);                                                               \
  }
#define TO(Q)         \
  INSTANTIATE(f32, Q) \
  INSTANTIATE(f16, Q) \
  INSTANTIATE(bf16, Q)
TO(e4m3fn)
TO(e4m3fnuz)
TO(e5m2)
TO(e5m2fnuz)

}  // namespace hipinfer
