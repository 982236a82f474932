// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/rmsnorm_dynamic_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W, Q)                                                          \
  HIPINFER_KERNEL(threads)                                                                            \
  rmsnorm_dynamic_quant_##name##_##T##_##W##_##Q(HIPINFER_PARAMS(rmsnorm_dynamic_quant_params) p) {   \
    rmsnorm_rows<T, W, threads, held>(p, 0.0f, self_scaled_rows<Q, rmsnorm_dynamic_quant_params>{p}); \
  }
HIPINFER_QUANTISED_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
