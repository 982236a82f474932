// SPDX-License-Identifier: Apache-2.0
#include "device/elementwise.h"
#include "device/quantize.h"
#include "ops/quantize_per_tensor/params.h"

namespace hipinfer {
namespace {

using params = quantize_per_tensor_params;

constexpr int threads = 256;

struct times {
  float factor;
  HIPINFER_DEVICE float operator()(float x) const { return x * factor; }
};
HIPINFER_DEVICE times by_scale(const params& p) {
  return {quantising_factor(*static_cast<const float*>(p.scale))};
}

template <class T>
HIPINFER_DEVICE void flat(const params& p) {
  const auto as_types = [&](auto body) { with_quantised(p.output_type, [&](auto as) { body(as_type<T>{}, as); }); };
  map_flat<threads, vector_width<T>, T>(p, as_types, by_scale(p));
}

}  // namespace

#define INSTANTIATE(T)                                                               \
  HIPINFER_KERNEL(threads) quantize_per_tensor_flat_##T(HIPINFER_PARAMS(params) p) { \
    await_previous_kernel();                                                         \
    flat<T>(p);                                                                      \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

HIPINFER_KERNEL(threads) quantize_per_tensor_vectors(HIPINFER_PARAMS(params) p) {
  await_previous_kernel();
  map_elements<threads, 8>(p, by_scale(p));
}
HIPINFER_KERNEL(threads) quantize_per_tensor_elements(HIPINFER_PARAMS(params) p) {
  await_previous_kernel();
  map_elements<threads, 1>(p, by_scale(p));
}

}  // namespace hipinfer
