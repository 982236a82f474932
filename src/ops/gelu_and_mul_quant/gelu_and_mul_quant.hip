// SPDX-License-Identifier: Apache-2.0
#include "device/gated.h"
#include "ops/gelu_and_mul_quant/params.h"

namespace hipinfer {

#define KERNEL(name, width, each, T, Q)                                                                      \
  HIPINFER_KERNEL(256) gelu_and_mul_quant_##name##_##T##_##Q(HIPINFER_PARAMS(gelu_and_mul_quant_params) p) { \
    const float factor = quantising_factor(*static_cast<const float*>(p.scale));                             \
    gate_vectors<gelu_activation, T, Q, 256, width, each>(p, factor);                                        \
  }
#define INSTANTIATE(T, Q) KERNEL(vectors, vector_width<T>, 2, T, Q) KERNEL(elements, 1, 4, T, Q)
HIPINFER_QUANTISED_PAIRS(INSTANTIATE)

}  // namespace hipinfer
