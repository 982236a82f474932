// SPDX-License-Identifier: Apache-2.0
#include "gen/silu_and_mul.api.h"
#include "gen/silu_and_mul_quant.api.h"
#include "tests/check/gated.h"

using namespace check;

TEST(silu_and_mul_quant, rows) {
  quantised_rows({"silu_and_mul_quant", hipinfer_silu_and_mul_quant, false, {"silu_and_mul", hipinfer_silu_and_mul}});
}
