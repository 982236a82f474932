// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/layernorm_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W, Q)                                                                     \
  HIPINFER_KERNEL(threads) layernorm_quant_##name##_##T##_##W##_##Q(HIPINFER_PARAMS(layernorm_quant_params) p) { \
    layernorm_rows<T, W, threads, held>(p, scaled_rows<Q, layernorm_quant_params>(p));                           \
  }
HIPINFER_FP8_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
