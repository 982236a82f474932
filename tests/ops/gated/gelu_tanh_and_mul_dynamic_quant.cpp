// SPDX-License-Identifier: Apache-2.0
#include "gen/gelu_tanh_and_mul.api.h"
#include "gen/gelu_tanh_and_mul_dynamic_quant.api.h"
#include "tests/check/gated.h"

using namespace check;

TEST(gelu_tanh_and_mul_dynamic_quant, rows) {
  quantised_rows({"gelu_tanh_and_mul_dynamic_quant",
                  hipinfer_gelu_tanh_and_mul_dynamic_quant,
                  true,
                  {"gelu_tanh_and_mul", hipinfer_gelu_tanh_and_mul, 64, 64}});
}
