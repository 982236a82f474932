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
  HIPINFER_KERNEL(threads) cast_flat_##In##_##Out(HIPINFER_PARAMS(cast_params) p) {     \
    map_flat<threads, In, Out>(p, [](float x) { return x; });                           \
  }                                                                                     \
  HIPINFER_KERNEL(threads) cast_vectors_##In##_##Out(HIPINFER_PARAMS(cast_params) p) {  \
    cast<In, Out, width>(p);                                                            \
  }                                                                                     \
  HIPINFER_KERNEL(threads) cast_elements_##In##_##Out(HIPINFER_PARAMS(cast_params) p) { \
    cast<In, Out, 1>(p);                                                                \
  }
#define FROM(In)            \
  INSTANTIATE(In, f32)      \
  INSTANTIATE(In, f16)      \
  INSTANTIATE(In, bf16)     \
  INSTANTIATE(In, e4m3fn)   \
  INSTANTIATE(In, e4m3fnuz) \
  INSTANTIATE(In, e5m2)     \
  INSTANTIATE(In, e5m2fnuz)
FROM(f32)
FROM(f16)
FROM(bf16)
FROM(e4m3fn)
FROM(e4m3fnuz)
FROM(e5m2)
FROM(e5m2fnuz)

}  // namespace hipinfer
