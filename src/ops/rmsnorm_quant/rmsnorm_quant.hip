// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T, W)                                                           \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) rmsnorm_quant_##name(HIPINFER_PARAMS(rmsnorm_quant_params) p) { \
    await_previous_kernel();                                                                                \
    rmsnorm_rows<0, T, W, threads, held>(p, scaled_rows<rmsnorm_quant_params>(p));                          \
  }
HIPINFER_NORM_KERNELS(KERNEL)
HIPINFER_MANY_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
