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

test_case rmsnorm_quant(tensor out, tensor x, dtype w, double scale = 0.02) {
  const int64_t n = x.shape.back();
  const tensor given = input(dtype::f32, {1}, fills::constant(scale));
  return {{std::move(out), x, gains(w, n), given},
          [](auto c, auto t, auto, auto s) { return hipinfer_rmsnorm_quant(c, t[0], t[1], t[2], t[3], 1e-6f, s); }};
}

}  // namespace

TEST(rmsnorm_quant, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const dtype q : fp8_types) {
        for (const int64_t n : {1, 7, 8, 33, 128, 1000, 4096, 4104, 8200, 16392}) {
          run("rmsnorm_quant", rmsnorm_quant(output(q, {3, n}), rows(d, {3, n}), w));
        }
      }
    }
  }
}

TEST(rmsnorm_quant, strides_and_hostile_values) {
  for (const dtype d : float_types) {
    for (const dtype q : fp8_types) {
      run("rmsnorm_quant", rmsnorm_quant(output(q, {5, 3, 128}), rows(d, {5, 3, 128}), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {5, 3, 64}).with_gap(16), rows(d, {5, 3, 64}).with_gap(8), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {3, 64}), rows(d, {3, 64}), d, 1e-4));  // saturates
      run("rmsnorm_quant",
          rmsnorm_quant(output(q, {4, 20}).starting_at(1), rows(d, {4, 20}).starting_at(3).with_gap(1), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {4, 64}).strided({528, 1}), rows(d, {4, 64}).strided({520, 1}), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {3, 96}), input(d, {3, 96}, fills::constant(0)), d));
      run("rmsnorm_quant", rmsnorm_quant(output(q, {0, 96}), rows(d, {0, 96}), d));
      // One NaN or infinity must spoil its row and no other.
      auto spoiled = rows(d, {3, 96});
      spoiled.contents[96 + 5] = NAN;
      spoiled.contents[2 * 96 + 7] = INFINITY;
      run("rmsnorm_quant", rmsnorm_quant(output(q, {3, 96}), spoiled, d));
    }
  }
  run("rmsnorm_quant", rmsnorm_quant(output(dtype::e4m3fn, {1001, 64}), rows(dtype::bf16, {1001, 64}), dtype::f32));
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
TEST(rmsnorm_quant, as_many_rows_as_fill_a_device) {
  const test_case many =
      rmsnorm_quant(output(dtype::e4m3fn, {1300, 4096}), rows(dtype::bf16, {1300, 4096}), dtype::bf16);
  run("rmsnorm_quant", many);
  run_rows_alone(many, 5);
  run_rows_alone(rmsnorm_quant(output(dtype::e4m3fn, {1300, 4096}), rows(dtype::f16, {1300, 4096}), dtype::f32), 3);
}

TEST(rmsnorm_quant, refuses) {
  const dtype h = dtype::f16;
  contract("rmsnorm_quant", rmsnorm_quant(output(dtype::e5m2, {3, 64}), rows(h, {3, 64}), h));
  refused("rmsnorm_quant", rmsnorm_quant(output(dtype::e5m2, {3, 0}), rows(h, {3, 0}), h),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
}
