// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/gemma_fused_add_rmsnorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T, W)                                                          \
  HIPINFER_KERNEL_RESIDENT(threads, blocks)                                                                \
  gemma_fused_add_rmsnorm_##name(HIPINFER_PARAMS(gemma_fused_add_rmsnorm_params) p) {                      \
    await_previous_kernel();                                                                               \
    fused_add_rmsnorm_rows<1, T, W, threads, held>(p, rounded_rows<T, gemma_fused_add_rmsnorm_params>{p}); \
  }
HIPINFER_WIDE_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
