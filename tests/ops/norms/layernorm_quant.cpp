// SPDX-License-Identifier: Apache-2.0
#include "gen/layernorm.api.h"
#include "gen/layernorm_quant.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case layernorm_quant(tensor out, tensor x, dtype w, double scale) {
  const int64_t n = x.shape.back();
  const tensor weight = norm_weight(w, n), bias = norm_weight(w, n);
  const tensor given = input(dtype::f32, {1}, fills::constant(scale));
  return {{std::move(out), std::move(x), weight, bias, given}, [](auto c, auto t, auto, auto s) {
            return hipinfer_layernorm_quant(c, t[0], t[1], t[2], t[3], t[4], 1e-5f, s);
          }};
}

std::vector<double> values(const std::vector<tensor>& a) {
  return in_double({{output(dtype::f32, a[0].shape), a[1], a[2], a[3]}, [](auto c, auto t, auto, auto s) {
                      return hipinfer_layernorm(c, t[0], t[1], t[2], t[3], 1e-5f, s);
                    }})[0];
}

// With a smaller scale the smallest numbers of e5m2 would be below fp32's error in x * weight + bias.
const quantised_norm unit{.op = "layernorm_quant",
                          .make = layernorm_quant,
                          .values = values,
                          .types = fp8_types,
                          .scale = 0.5,
                          .scale_at = 4,
                          .error = error_scale::row,
                          .units = 16};

}  // namespace

TEST(layernorm_quant, lengths) {
  quantised_norm_lengths(unit);
}
TEST(layernorm_quant, edges) {
  quantised_norm_edges(unit);
}
TEST(layernorm_quant, strides_and_hostile_values) {
  quantised_norm_strides_and_hostile_values(unit);
}
TEST(layernorm_quant, as_many_rows_as_fill_a_device) {
  quantised_norm_as_many_rows_as_fill_a_device(unit);
}
TEST(layernorm_quant, refuses) {
  quantised_norm_refuses(unit);
}
