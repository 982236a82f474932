// SPDX-License-Identifier: Apache-2.0
#include "gen/rmsnorm.api.h"
#include "gen/rmsnorm_dynamic_quant.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case rmsnorm_dynamic_quant(tensor out, tensor x, dtype w, double) {
  const tensor found = output(dtype::f32, std::vector<int64_t>(x.shape.begin(), x.shape.end() - 1));
  const tensor weight = norm_weight(w, x.shape.back());
  return {{std::move(out), found, std::move(x), weight}, [](auto c, auto t, auto, auto s) {
            return hipinfer_rmsnorm_dynamic_quant(c, t[0], t[1], t[2], t[3], 1e-6f, s);
          }};
}

std::vector<double> values(const std::vector<tensor>& a) {
  return in_double({{output(dtype::f32, a[0].shape), a[2], a[3]},
                    [](auto c, auto t, auto, auto s) { return hipinfer_rmsnorm(c, t[0], t[1], t[2], 1e-6f, s); }})[0];
}

const quantised_norm unit{.op = "rmsnorm_dynamic_quant",
                          .make = rmsnorm_dynamic_quant,
                          .values = values,
                          .types = quantised_types,
                          .dynamic = true};

}  // namespace

TEST(rmsnorm_dynamic_quant, lengths) {
  quantised_norm_lengths(unit);
}
TEST(rmsnorm_dynamic_quant, edges) {
  quantised_norm_edges(unit);
}
TEST(rmsnorm_dynamic_quant, strides_and_hostile_values) {
  quantised_norm_strides_and_hostile_values(unit);
}
TEST(rmsnorm_dynamic_quant, as_many_rows_as_fill_a_device) {
  quantised_norm_as_many_rows_as_fill_a_device(unit);
}
TEST(rmsnorm_dynamic_quant, refuses) {
  quantised_norm_refuses(unit);
}
