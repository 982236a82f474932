// SPDX-License-Identifier: Apache-2.0
#include "device/gated.h"
#include "ops/silu_and_mul_dynamic_quant/params.h"

namespace hipinfer {

#define KERNEL(name, threads, held, T, Q)                                                               \
  HIPINFER_KERNEL(threads)                                                                              \
  silu_and_mul_dynamic_quant_##name##_##T##_##Q(HIPINFER_PARAMS(silu_and_mul_dynamic_quant_params) p) { \
    gate_and_quantise_rows<silu_activation, T, Q, threads, held>(p);                                    \
  }
#define SHORT_ROWS(T, Q) KERNEL(short_rows, 256, 16, T, Q)
#define LONG_ROWS(T, Q) KERNEL(long_rows, 512, 32, T, Q)
#define ROWS(T, Q) KERNEL(rows, 256, 0, T, Q)
HIPINFER_QUANTISED_PAIRS(SHORT_ROWS)
HIPINFER_QUANTISED_PAIRS_16(LONG_ROWS)
HIPINFER_QUANTISED_PAIRS(ROWS)

}  // namespace hipinfer
