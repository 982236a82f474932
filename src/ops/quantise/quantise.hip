// SPDX-License-Identifier: Apache-2.0
// To fp8 and int8, and back.
#include "device/elementwise.h"
#include "device/quantize.h"
#include "device/rows.h"
#include "ops/quantise/params.h"

namespace hipinfer {

// With one scale for all.
struct times {
  float factor;
  HIPINFER_DEVICE float operator()(float x) const { return x * factor; }
};
HIPINFER_DEVICE times by_scale(const quantize_per_tensor_params& p) {
  return {quantising_factor(*static_cast<const float*>(p.scale))};
}
template <class T, int Threads, int Most>
HIPINFER_DEVICE void quantise_flat(const quantize_per_tensor_params& p) {
  const auto as_types = [&](auto body) { with_quantised(p.output_type, [&](auto as) { body(as_type<T>{}, as); }); };
  map_flat<Threads, vector_width<T>, T, Most>(p, as_types, by_scale(p));
}
template <int Threads, int Width>
HIPINFER_DEVICE void quantise_elements(const quantize_per_tensor_params& p) {
  map_elements<Threads, Width>(p, by_scale(p));
}

// With a scale for each row, or for each group of neighbours in a row, which is a row of two indices here.
template <class T, class Params, class Group>
HIPINFER_DEVICE void quantise_row(const Params& p, Group& g, row_index r) {
  const row_operand<T, Group> loaded(g, r.in(static_cast<const T*>(p.input), p.input_stride));
  const computed_row<decltype(loaded), Group> x(g, loaded);
  store_self_scaled_row(p.output_type, g, x, 1.0f, g.largest(x.most),
                        r.in(static_cast<uint8_t*>(p.output), p.output_stride),
                        r.in(static_cast<float*>(p.scales), p.scale_stride));
}
template <class T, int Threads, int Held>
HIPINFER_DEVICE void quantise_rows(const quantize_per_token_params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) { quantise_row<T>(p, g, r); });
}
template <class T, int Threads, int Held>
HIPINFER_DEVICE void quantise_groups(const quantize_per_group_params& p) {
  for_split_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) { quantise_row<T>(p, g, r); });
}

// Vector by vector, 1 or Most a thread; the elements of a vector share a scale.
template <class T, int Threads, int Width, int Most>
HIPINFER_DEVICE void dequantise(const dequantize_params& p) {
  with_each<Most>(p.each, [&]<int Each>() {
    using own_share = own_vectors<Threads, Each>;
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

}  // namespace hipinfer
