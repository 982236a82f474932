// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W)                                                                      \
  HIPINFER_KERNEL(threads) fused_add_rmsnorm_##name##_##T##_##W(HIPINFER_PARAMS(fused_add_rmsnorm_params) p) { \
    fused_add_rmsnorm_rows<T, W, threads, held>(p, 0.0f, rounded_rows<T, fused_add_rmsnorm_params>{p});        \
  }
HIPINFER_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
