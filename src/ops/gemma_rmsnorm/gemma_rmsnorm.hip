// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/gemma_rmsnorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T, W)                                                           \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) gemma_rmsnorm_##name(HIPINFER_PARAMS(gemma_rmsnorm_params) p) { \
    await_previous_kernel();                                                                                \
    rmsnorm_rows<1, T, W, threads, held>(p, rounded_rows<T, gemma_rmsnorm_params>{p});                      \
  }
HIPINFER_NORM_KERNELS(KERNEL)
HIPINFER_MANY_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
