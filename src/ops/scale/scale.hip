// SPDX-License-Identifier: Apache-2.0
#include "device/elementwise.h"
#include "ops/scale/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

struct times {
  float factor;
  HIPINFER_DEVICE float operator()(float x) const { return x * factor; }
};

}  // namespace

#define INSTANTIATE(T)                                                                                              \
  HIPINFER_KERNEL(threads) scale_flat_##T(HIPINFER_PARAMS(scale_params) p) {                                        \
    await_previous_kernel();                                                                                        \
    map_flat<threads, vector_width<T>, T>(p, [](auto body) { body(as_type<T>{}, as_type<T>{}); }, times{p.factor}); \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

HIPINFER_KERNEL(threads) scale_vectors(HIPINFER_PARAMS(scale_params) p) {
  await_previous_kernel();
  map_elements<threads, 8>(p, times{p.factor});
}
HIPINFER_KERNEL(threads) scale_elements(HIPINFER_PARAMS(scale_params) p) {
  await_previous_kernel();
  map_elements<threads, 1>(p, times{p.factor});
}

}  // namespace hipinfer
