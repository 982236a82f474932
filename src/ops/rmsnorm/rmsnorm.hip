// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

#define ROWS(name, threads, held, T, W)                                                    \
  HIPINFER_KERNEL(threads) rmsnorm_##name##_##T##_##W(HIPINFER_PARAMS(rmsnorm_params) p) { \
    rmsnorm_rows<T, W, threads, held>(p, 0.0f);                                            \
  }
#define INSTANTIATE(T, W) ROWS(short_rows, 256, 16, T, W) ROWS(long_rows, 512, 32, T, W) ROWS(rows, 256, 0, T, W)
INSTANTIATE(f32, f32)
INSTANTIATE(f16, f16)
INSTANTIATE(f16, f32)
INSTANTIATE(bf16, bf16)
INSTANTIATE(bf16, f32)

}  // namespace hipinfer
