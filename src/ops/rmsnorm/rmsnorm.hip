// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W)                                                  \
  HIPINFER_KERNEL(threads) rmsnorm_##name##_##T##_##W(HIPINFER_PARAMS(rmsnorm_params) p) { \
    rmsnorm_rows<T, W, threads, held>(p, 0.0f, rounded_rows<T, rmsnorm_params>{p});        \
  }
HIPINFER_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
