// SPDX-License-Identifier: Apache-2.0
#include "device/gated.h"
#include "ops/gelu_tanh_and_mul/params.h"

namespace hipinfer {

#define INSTANTIATE(T)                                                                               \
  HIPINFER_KERNEL(256) gelu_tanh_and_mul_vectors_##T(HIPINFER_PARAMS(gelu_tanh_and_mul_params) p) {  \
    gate_vectors<gelu_tanh_activation, T, T, 256, vector_width<T>, 2>(p, 1.0f);                      \
  }                                                                                                  \
  HIPINFER_KERNEL(256) gelu_tanh_and_mul_elements_##T(HIPINFER_PARAMS(gelu_tanh_and_mul_params) p) { \
    gate_vectors<gelu_tanh_activation, T, T, 256, 1, 4>(p, 1.0f);                                    \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
