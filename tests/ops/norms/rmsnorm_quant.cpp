// SPDX-License-Identifier: Apache-2.0
#include "gen/rmsnorm.api.h"
#include "gen/rmsnorm_quant.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case rmsnorm_quant(tensor out, tensor x, dtype w, double scale) {
  const tensor weight = norm_weight(w, x.shape.back()), given = input(dtype::f32, {1}, fills::constant(scale));
  return {{std::move(out), std::move(x), weight, given},
          [](auto c, auto t, auto, auto s) { return hipinfer_rmsnorm_quant(c, t[0], t[1], t[2], t[3], 1e-6f, s); }};
}

std::vector<double> values(const std::vector<tensor>& a) {
  return in_double({{output(dtype::f32, a[0].shape), a[1], a[2]},
                    [](auto c, auto t, auto, auto s) { return hipinfer_rmsnorm(c, t[0], t[1], t[2], 1e-6f, s); }})[0];
}

const quantised_norm unit{.op = "rmsnorm_quant", .make = rmsnorm_quant, .values = values, .types = fp8_types};

}  // namespace

TEST(rmsnorm_quant, lengths) {
  quantised_norm_lengths(unit);
}
TEST(rmsnorm_quant, edges) {
  quantised_norm_edges(unit);
}
TEST(rmsnorm_quant, strides_and_hostile_values) {
  quantised_norm_strides_and_hostile_values(unit);
}
// 1 / root is 1000 here, and 1000 / scale is more than fp32 holds: zeros stay zeros, and all else saturates.
TEST(rmsnorm_quant, zeros_under_a_small_scale) {
  for (const dtype d : float_types) {
    for (const int64_t n : {64, 65, 8192, 20000}) {
      for (const dtype to : {dtype::e4m3fn, dtype::e5m2fnuz}) {
        run("rmsnorm_quant", rmsnorm_quant(output(to, {2, n}), input(d, {2, n}, fills::constant(0)), d, 1e-36));
        tensor one = input(d, {1, n}, fills::constant(0));
        one.contents[n - 1] = 0x1p-14;
        run("rmsnorm_quant", rmsnorm_quant(output(to, {1, n}), one, d, 1e-36));
      }
    }
  }
}
TEST(rmsnorm_quant, as_many_rows_as_fill_a_device) {
  quantised_norm_as_many_rows_as_fill_a_device(unit);
}
TEST(rmsnorm_quant, refuses) {
  quantised_norm_refuses(unit);
}
