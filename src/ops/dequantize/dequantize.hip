// SPDX-License-Identifier: Apache-2.0
#include "device/quantize.h"
#include "device/walk.h"
#include "ops/dequantize/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;
// One 16-byte access of a 16-bit output, two of f32.
constexpr int width = 8;

template <class T, int Width>
HIPINFER_DEVICE void dequantize(const dequantize_params& p) {
  with_each<4>(p.each, [&]<int Each>() {
    using own_share = own_vectors<threads, Each>;
    using index = typename own_share::index;
    const own_share own(p.vectors);
    if (own.none()) return;
    const uint8_t* input = static_cast<const uint8_t*>(p.input);
    const float* scales = static_cast<const float*>(p.scales);
    vec<uint8_t, Width> v[Each];
    float scale[Each];
    int64_t to[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      const division at = split(own.at(e), p.row_vectors);
      const int64_t column = at.rest * Width;
      v[e] = load<Width>(input + at.quotient * p.input_stride + column);
      const int64_t down = split(static_cast<index>(at.quotient), p.group_rows_by).quotient;
      const int64_t along = split(static_cast<index>(at.rest), p.group_vectors).quotient;
      scale[e] = scales[down * p.scale_stride[0] + along * p.scale_stride[1]];
      to[e] = at.quotient * p.output_stride + column;
    }
    with_quantised(p.input_type, [&]<class Q>(as_type<Q> as) {
#pragma unroll
      for (int e = 0; e < Each; ++e) {
        if (!own.has(e)) continue;
        float f[Width];
        as.widen(bit_cast<vec<Q, Width>>(v[e]), f);
        for (int k = 0; k < Width; ++k) f[k] *= scale[e];
        store_floats<Width>(static_cast<T*>(p.output) + to[e], f);
      }
    });
  });
}

}  // namespace

#define INSTANTIATE(T)                                                                                \
  HIPINFER_KERNEL_RESIDENT(threads, 6) dequantize_vectors_##T(HIPINFER_PARAMS(dequantize_params) p) { \
    await_previous_kernel();                                                                          \
    dequantize<T, width>(p);                                                                          \
  }                                                                                                   \
  HIPINFER_KERNEL(threads) dequantize_elements_##T(HIPINFER_PARAMS(dequantize_params) p) {            \
    await_previous_kernel();                                                                          \
    dequantize<T, 1>(p);                                                                              \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
