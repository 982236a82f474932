// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/layernorm_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T, W)                                                               \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) layernorm_quant_##name(HIPINFER_PARAMS(layernorm_quant_params) p) { \
    await_previous_kernel();                                                                                    \
    layernorm_rows<T, W, threads, held>(p, scaled_rows<layernorm_quant_params>(p));                             \
  }
HIPINFER_WIDE_NORM_KERNELS(KERNEL)
HIPINFER_MANY_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
