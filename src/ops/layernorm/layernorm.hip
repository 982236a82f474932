// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/layernorm/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, W)                                                      \
  HIPINFER_KERNEL(threads) layernorm_##name##_##T##_##W(HIPINFER_PARAMS(layernorm_params) p) { \
    layernorm_rows<T, W, threads, held>(p, rounded_rows<T, layernorm_params>{p});              \
  }
HIPINFER_AFFINE_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
