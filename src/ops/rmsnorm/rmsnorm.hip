// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T, W)                                               \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) rmsnorm_##name(HIPINFER_PARAMS(rmsnorm_params) p) { \
    await_previous_kernel();                                                                    \
    rmsnorm_rows<0, T, W, threads, held>(p, rounded_rows<T, rmsnorm_params>{p});                \
  }
HIPINFER_NORM_KERNELS(KERNEL)
HIPINFER_MANY_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
