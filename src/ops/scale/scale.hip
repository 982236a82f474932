// SPDX-License-Identifier: Apache-2.0
#include "device/elementwise.h"
#include "ops/scale/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;
// One 16-byte access of a 16-bit type, two of f32.
constexpr int width = 8;

template <class T, int Width>
HIPINFER_DEVICE void scale(const scale_params& p) {
  const float factor = p.factor;
  map_elements<threads, Width, T, T>(p, [factor](float x) { return x * factor; });
}

}  // namespace

#define INSTANTIATE(T)                                                           \
  HIPINFER_KERNEL(threads) scale_flat_##T(HIPINFER_PARAMS(scale_params) p) {     \
    const float factor = p.factor;                                               \
    map_flat<threads, T, T>(p, [factor](float x) { return x * factor; });        \
  }                                                                              \
  HIPINFER_KERNEL(threads) scale_vectors_##T(HIPINFER_PARAMS(scale_params) p) {  \
    scale<T, width>(p);                                                          \
  }                                                                              \
  HIPINFER_KERNEL(threads) scale_elements_##T(HIPINFER_PARAMS(scale_params) p) { \
    scale<T, 1>(p);                                                              \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
