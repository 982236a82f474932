// SPDX-License-Identifier: Apache-2.0
#include "gen/fused_add_rmsnorm.api.h"
#include "gen/fused_add_rmsnorm_dynamic_quant.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case fused_add_rmsnorm_dynamic_quant(tensor out, tensor x, dtype w, double) {
  tensor residual = inout(x.type, x.shape, fills::normal());
  residual.strides = x.strides;
  const tensor found = output(dtype::f32, std::vector<int64_t>(x.shape.begin(), x.shape.end() - 1));
  const tensor weight = norm_weight(w, x.shape.back());
  return {{std::move(out), found, std::move(x), residual, weight}, [](auto c, auto t, auto, auto s) {
            return hipinfer_fused_add_rmsnorm_dynamic_quant(c, t[0], t[1], t[2], t[3], t[4], 1e-6f, s);
          }};
}

std::vector<double> values(const std::vector<tensor>& a) {
  tensor x = a[2];
  x.use = role::inout;
  return in_double({{x, a[3], a[4]}, [](auto c, auto t, auto, auto s) {
                      return hipinfer_fused_add_rmsnorm(c, t[0], t[1], t[2], 1e-6f, s);
                    }})[0];
}

const quantised_norm unit{.op = "fused_add_rmsnorm_dynamic_quant",
                          .make = fused_add_rmsnorm_dynamic_quant,
                          .values = values,
                          .types = quantised_types,
                          .dynamic = true,
                          .heads = false};

}  // namespace

TEST(fused_add_rmsnorm_dynamic_quant, lengths) {
  quantised_norm_lengths(unit);
}
TEST(fused_add_rmsnorm_dynamic_quant, edges) {
  quantised_norm_edges(unit);
}
TEST(fused_add_rmsnorm_dynamic_quant, strides_and_hostile_values) {
  quantised_norm_strides_and_hostile_values(unit);
}
TEST(fused_add_rmsnorm_dynamic_quant, refuses) {
  quantised_norm_refuses(unit);
}
