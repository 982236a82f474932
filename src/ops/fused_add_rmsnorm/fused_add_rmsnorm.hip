// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {

#define ROWS(name, threads, held, T, W)                                                                        \
  HIPINFER_KERNEL(threads) fused_add_rmsnorm_##name##_##T##_##W(HIPINFER_PARAMS(fused_add_rmsnorm_params) p) { \
    fused_add_rmsnorm_rows<T, W, threads, held>(p, 0.0f);                                                      \
  }
#define SHORT_ROWS_AND_ANY(T, W) ROWS(short_rows, 256, 16, T, W) ROWS(rows, 256, 0, T, W)
// Of f32, long rows and their sums would not fit the registers.
#define LONG_ROWS(T, W) ROWS(long_rows, 512, 32, T, W)
SHORT_ROWS_AND_ANY(f32, f32)
SHORT_ROWS_AND_ANY(f16, f16)
SHORT_ROWS_AND_ANY(f16, f32)
SHORT_ROWS_AND_ANY(bf16, bf16)
SHORT_ROWS_AND_ANY(bf16, f32)
LONG_ROWS(f16, f16)
LONG_ROWS(f16, f32)
LONG_ROWS(bf16, bf16)
LONG_ROWS(bf16, f32)

}  // namespace hipinfer
