// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W, Q)                                                                 \
  HIPINFER_KERNEL(threads) rmsnorm_quant_##name##_##T##_##W##_##Q(HIPINFER_PARAMS(rmsnorm_quant_params) p) { \
    rmsnorm_rows<T, W, threads, held>(p, 0.0f, scaled_rows<Q, rmsnorm_quant_params>(p));                     \
  }
HIPINFER_FP8_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
