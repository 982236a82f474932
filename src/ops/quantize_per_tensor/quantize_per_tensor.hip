// SPDX-License-Identifier: Apache-2.0
#include "device/elementwise.h"
#include "device/quantize.h"
#include "ops/quantize_per_tensor/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;
// One 16-byte access of a 16-bit type, two of f32.
constexpr int width = 8;

template <class T, class Q, int Width>
HIPINFER_DEVICE void quantize(const quantize_per_tensor_params& p) {
  const float factor = quantising_factor(*static_cast<const float*>(p.scale));
  map_elements<threads, Width, T, Q>(p, [factor](float x) { return x * factor; });
}

}  // namespace

#define INSTANTIATE(T, Q)                                                                                          \
  HIPINFER_KERNEL(threads) quantize_per_tensor_flat_##T##_##Q(HIPINFER_PARAMS(quantize_per_tensor_params) p) {     \
    const float factor = quantising_factor(*static_cast<const float*>(p.scale));                                   \
    map_flat<threads, T, Q>(p, [factor](float x) { return x * factor; });                                          \
  }                                                                                                                \
  HIPINFER_KERNEL(threads) quantize_per_tensor_vectors_##T##_##Q(HIPINFER_PARAMS(quantize_per_tensor_params) p) {  \
    quantize<T, Q, width>(p);                                                                                      \
  }                                                                                                                \
  HIPINFER_KERNEL(threads) quantize_per_tensor_elements_##T##_##Q(HIPINFER_PARAMS(quantize_per_tensor_params) p) { \
    quantize<T, Q, 1>(p);                                                                                          \
  }
#define TO(Q)         \
  INSTANTIATE(f32, Q) \
  INSTANTIATE(f16, Q) \
  INSTANTIATE(bf16, Q)
TO(e4m3fn)
TO(e4m3fnuz)
TO(e5m2)
TO(e5m2fnuz)
TO(i8)

}  // namespace hipinfer
