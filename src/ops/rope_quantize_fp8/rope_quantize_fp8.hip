// SPDX-License-Identifier: Apache-2.0
// A thread has a unit of several heads: of their rotary parts (device/rope.h), or of the others.
#include "device/rope.h"
#include "ops/rope_quantize_fp8/params.h"

namespace hipinfer {
namespace {

using params = rope_quantize_fp8_params;

constexpr int threads = 256;

// One of the four kinds of parts, by selection.
template <class X>
HIPINFER_DEVICE X choose(bool key, bool other, X q_rope, X k_rope, X q_nope, X k_nope) {
  return other ? (key ? k_nope : q_nope) : (key ? k_rope : q_rope);
}

template <class T>
HIPINFER_DEVICE void rope_quantize(const params& p) {
  const token_share share = share_of<threads>(p);
  if (!share.there) return;
  const small_division chunk = divide(share.slot, p.head_units);
  const int unit = chunk.rest, units = static_cast<int>(p.units.by), number = chunk.quotient;
  const bool key = number >= p.q_chunks, other = p.half == 0 || unit >= units;
  const int first = key ? number - p.q_chunks : number, apart = key ? p.k_chunks : p.q_chunks;
  const auto stride = [&](int i) {
    return choose(key, other, p.q_rope_stride[i], p.k_rope_stride[i], p.q_nope_stride[i], p.k_nope_stride[i]);
  };
  const auto out_stride = [&](int i) {
    return choose(key, other, p.q_rope_out_stride[i], p.k_rope_out_stride[i], p.q_nope_out_stride[i],
                  p.k_nope_out_stride[i]);
  };
  const T* x = static_cast<const T*>(choose(key, other, p.q_rope, p.k_rope, p.q_nope, p.k_nope));
  uint8_t* y = static_cast<uint8_t*>(choose(key, other, p.q_rope_out, p.k_rope_out, p.q_nope_out, p.k_nope_out));
  if (x == nullptr) return;
  const head_list<const T> from{x + share.token * stride(0) + first * stride(1), apart * stride(1)};
  const head_list<uint8_t> to{y + share.token * out_stride(0) + first * out_stride(1), apart * out_stride(1)};
  const head_count count{(key ? p.k_heads : p.q_heads) - first, apart};
  with_pairs<T>(p, [&](auto width, auto layout) {
    const int beyond = p.half == 0 ? unit : unit - units;
    const head_unit own = other ? head_unit{false, 0, beyond * int64_t{width.value}, 0}
                                : unit_of<width.value, layout.interleaved>(p, unit);
    rope_unit<width.value, layout.interleaved>(
        p, from, count, own, false,
        // What is not rotated has no angles: what is not NULL lets it through.
        [&] {
          const float* any = static_cast<const float*>(static_cast<const void*>(x));
          return other ? any : angles_at(p, index_at(p.positions, p.wide, share.token));
        },
        [&](auto body) { body(fp8_heads{to, key ? p.k_factor : p.q_factor, p.output_type}); });
  });
}

}  // namespace

#define INSTANTIATE(T)                                                              \
  HIPINFER_KERNEL(threads) rope_quantize_fp8_heads_##T(HIPINFER_PARAMS(params) p) { \
    await_previous_kernel();                                                        \
    rope_quantize<T>(p);                                                            \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
