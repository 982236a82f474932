// SPDX-License-Identifier: Apache-2.0
#include "device/gated.h"
#include "ops/swiglu/params.h"

namespace hipinfer {

#define INSTANTIATE(T)                                                         \
  HIPINFER_KERNEL(256) swiglu_vectors_##T(HIPINFER_PARAMS(swiglu_params) p) {  \
    await_previous_kernel();                                                   \
    gate<silu_activation, T, 256, vector_width<T>, 2>(p);                      \
  }                                                                            \
  HIPINFER_KERNEL(256) swiglu_elements_##T(HIPINFER_PARAMS(swiglu_params) p) { \
    await_previous_kernel();                                                   \
    gate<silu_activation, T, 256, 1, 4>(p);                                    \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
