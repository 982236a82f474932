// SPDX-License-Identifier: Apache-2.0
#include "device/elementwise.h"
#include "ops/cast/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;
// One 16-byte access of a 16-bit type, two of f32.
constexpr int width = 8;

template <class In, class Out, int Width>
HIPINFER_DEVICE void cast(const cast_params& p) {
  map_elements<threads, Width, In, Out>(p, [](float x) { return x; });
}

}  // namespace

#define INSTANTIATE(In, Out)                                                            \
  HIPINFER_KERNEL(threads) cast_vectors_##In##_##Out(HIPINFER_PARAMS(cast_params) p) {  \
    cast<In, Out, width>(p);                                                            \
  }                                                                                     \
  HIPINFER_KERNEL(threads) cast_elements_##In##_##Out(HIPINFER_PARAMS(cast_params) p) { \
    cast<In, Out, 1>(p);                                                                \
  }
INSTANTIATE(f32, f32)
INSTANTIATE(f32, f16)
INSTANTIATE(f32, bf16)
INSTANTIATE(f16, f32)
INSTANTIATE(f16, f16)
INSTANTIATE(f16, bf16)
INSTANTIATE(bf16, f32)
INSTANTIATE(bf16, f16)
INSTANTIATE(bf16, bf16)

}  // namespace hipinfer
