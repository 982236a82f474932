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
TEST(rmsnorm_quant, as_many_rows_as_fill_a_device) {
  quantised_norm_as_many_rows_as_fill_a_device(unit);
}
TEST(rmsnorm_quant, refuses) {
  quantised_norm_refuses(unit);
}
