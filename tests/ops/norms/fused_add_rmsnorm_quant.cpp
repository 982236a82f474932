// SPDX-License-Identifier: Apache-2.0
#include "gen/fused_add_rmsnorm.api.h"
#include "gen/fused_add_rmsnorm_quant.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case fused_add_rmsnorm_quant(tensor out, tensor x, dtype w, double scale) {
  tensor residual = inout(x.type, x.shape, fills::normal());
  residual.strides = x.strides;
  const tensor weight = norm_weight(w, x.shape.back()), given = input(dtype::f32, {1}, fills::constant(scale));
  return {{std::move(out), std::move(x), residual, weight, given}, [](auto c, auto t, auto, auto s) {
            return hipinfer_fused_add_rmsnorm_quant(c, t[0], t[1], t[2], t[3], t[4], 1e-6f, s);
          }};
}

std::vector<double> values(const std::vector<tensor>& a) {
  tensor x = a[1];
  x.use = role::inout;
  return in_double({{x, a[2], a[3]}, [](auto c, auto t, auto, auto s) {
                      return hipinfer_fused_add_rmsnorm(c, t[0], t[1], t[2], 1e-6f, s);
                    }})[0];
}

const quantised_norm unit{.op = "fused_add_rmsnorm_quant",
                          .make = fused_add_rmsnorm_quant,
                          .values = values,
                          .types = fp8_types,
                          .heads = false,
                          .scale_at = 4};

}  // namespace

TEST(fused_add_rmsnorm_quant, lengths) {
  quantised_norm_lengths(unit);
}
TEST(fused_add_rmsnorm_quant, edges) {
  quantised_norm_edges(unit);
}
TEST(fused_add_rmsnorm_quant, strides_and_hostile_values) {
  quantised_norm_strides_and_hostile_values(unit);
}
TEST(fused_add_rmsnorm_quant, refuses) {
  quantised_norm_refuses(unit);
}
