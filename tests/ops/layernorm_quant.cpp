// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/check/check.h"

using namespace check;

namespace {

tensor rows(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), fills::normal());
}
tensor gains(dtype d, int64_t n) {
  return input(d, {n}, fills::normal());
}

// With a smaller scale the smallest numbers of e5m2 would be below fp32's error in x * weight + bias.
test_case layernorm_quant(tensor out, tensor x, dtype w, double scale = 0.5) {
  const int64_t n = x.shape.back();
  const tensor given = input(dtype::f32, {1}, fills::constant(scale));
  return {{std::move(out), x, gains(w, n), gains(w, n), given}, [](auto c, auto t, auto, auto s) {
            return hipinfer_layernorm_quant(c, t[0], t[1], t[2], t[3], t[4], 1e-5f, s);
          }};
}

}  // namespace

TEST(layernorm_quant, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const dtype q : fp8_types) {
        for (const int64_t n : {1, 7, 8, 33, 128, 1000, 4096, 4104, 8200, 16392}) {
          run("layernorm_quant", layernorm_quant(output(q, {3, n}), rows(d, {3, n}), w));
        }
      }
    }
  }
}

TEST(layernorm_quant, strides_and_hostile_values) {
  for (const dtype d : float_types) {
    for (const dtype q : fp8_types) {
      run("layernorm_quant", layernorm_quant(output(q, {5, 3, 128}), rows(d, {5, 3, 128}), d));
      run("layernorm_quant", layernorm_quant(output(q, {5, 3, 64}).with_gap(16), rows(d, {5, 3, 64}).with_gap(8), d));
      run("layernorm_quant", layernorm_quant(output(q, {3, 64}), rows(d, {3, 64}), d, 1e-4));  // saturates
      run("layernorm_quant",
          layernorm_quant(output(q, {4, 20}).starting_at(1), rows(d, {4, 20}).starting_at(3).with_gap(1), d));
      run("layernorm_quant",
          layernorm_quant(output(q, {4, 64}).strided({528, 1}), rows(d, {4, 64}).strided({520, 1}), d));
      run("layernorm_quant", layernorm_quant(output(q, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), d));
      run("layernorm_quant", layernorm_quant(output(q, {3, 96}), input(d, {3, 96}, fills::constant(0)), d));
      run("layernorm_quant", layernorm_quant(output(q, {0, 96}), rows(d, {0, 96}), d));
      // One NaN or infinity must spoil its row and no other.
      auto spoiled = rows(d, {3, 96});
      spoiled.contents[96 + 5] = NAN;
      spoiled.contents[2 * 96 + 7] = INFINITY;
      run("layernorm_quant", layernorm_quant(output(q, {3, 96}), spoiled, d));
    }
  }
  run("layernorm_quant", layernorm_quant(output(dtype::e4m3fn, {1001, 64}), rows(dtype::bf16, {1001, 64}), dtype::f32));
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
TEST(layernorm_quant, as_many_rows_as_fill_a_device) {
  const test_case many =
      layernorm_quant(output(dtype::e4m3fn, {1300, 4096}), rows(dtype::bf16, {1300, 4096}), dtype::bf16);
  run("layernorm_quant", many);
  run_rows_alone(many, 5);
  run_rows_alone(layernorm_quant(output(dtype::e4m3fn, {1300, 4096}), rows(dtype::f16, {1300, 4096}), dtype::f32), 3);
}

TEST(layernorm_quant, refuses) {
  const dtype h = dtype::f16;
  contract("layernorm_quant", layernorm_quant(output(dtype::e5m2, {3, 64}), rows(h, {3, 64}), h));
  refused("layernorm_quant", layernorm_quant(output(dtype::e5m2, {3, 0}), rows(h, {3, 0}), h),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
}
