// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/reference.h"
#include "gen/ops.h"
#include "ops/rope_quantize_fp8/params.h"

namespace hipinfer {
namespace {

template <class T, class Q>
void rope_quantize(const rope_quantize_fp8_params& p) {
  using real = accumulator<T>;
  parallel_rows(p.tokens, (p.q_heads + p.k_heads) * (p.head_dim + p.nope_dim), [&](int64_t t) {
    const real* angles = angles_at<T>(p, index_at(p.positions, p.wide, t));
    const auto heads = [&](int64_t count, const void* in, const int64_t* in_stride, void* out,
                           const int64_t* out_stride, auto&& head) {
      for (int64_t h = 0; in != nullptr && h < count; ++h) {
        head(static_cast<const T*>(in) + t * in_stride[0] + h * in_stride[1],
             static_cast<Q*>(out) + t * out_stride[0] + h * out_stride[1]);
      }
    };
    const auto turned = [&](real factor) {
      return
          [&, factor](const T* x, Q* y) { rotate_head(x, y, angles, p.half, p.head_dim, p.interleaved != 0, factor); };
    };
    const auto plain = [&](real factor) {
      return [&, factor](const T* x, Q* y) {
        for (int64_t i = 0; i < p.nope_dim; ++i) y[i] = narrow<Q>(widen(x[i]) * factor);
      };
    };
    heads(p.q_heads, p.q_rope, p.q_rope_stride, p.q_rope_out, p.q_rope_out_stride, turned(p.q_factor));
    heads(p.k_heads, p.k_rope, p.k_rope_stride, p.k_rope_out, p.k_rope_out_stride, turned(p.k_factor));
    heads(p.q_heads, p.q_nope, p.q_nope_stride, p.q_nope_out, p.q_nope_out_stride, plain(p.q_factor));
    heads(p.k_heads, p.k_nope, p.k_nope_stride, p.k_nope_out, p.k_nope_out_stride, plain(p.k_factor));
  });
}

}  // namespace

void rope_quantize_fp8_reference(const rope_quantize_fp8_params& p, const bound_dtypes& types) {
  with_float(types[rope_quantize_fp8_dtype::data], [&]<class T>() {
    with_quantised(types[rope_quantize_fp8_dtype::quantised], [&]<class Q>() { rope_quantize<T, Q>(p); });
  });
}

}  // namespace hipinfer
