// SPDX-License-Identifier: Apache-2.0
#include "device/gated.h"
#include "ops/silu_and_mul_dynamic_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, blocks, held, T)                                                    \
  HIPINFER_KERNEL_RESIDENT(threads, blocks)                                                       \
  silu_and_mul_dynamic_quant_##name##_##T(HIPINFER_PARAMS(silu_and_mul_dynamic_quant_params) p) { \
    await_previous_kernel();                                                                      \
    gate_and_quantise_rows<silu_activation, T, threads, held>(p);                                 \
  }
HIPINFER_ROW_KERNELS(KERNEL)

}  // namespace hipinfer
