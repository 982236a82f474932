// SPDX-License-Identifier: Apache-2.0
// The tests that all gated units on a packed projection share; an operation's test adds what is its own.
#pragma once

#include <cmath>

#include "tests/check/edges.h"
#include "tests/check/quantised.h"

namespace check {

using gated_function = hipinfer_status (*)(hipinfer_context, const hipinfer_tensor*, const hipinfer_tensor*,
                                           hipinfer_stream);

struct gated_unit {
  const char* op;
  gated_function function;
  // Of the value, which is a product: fp32's error is relative to it. That of exp(x) is |x| times half a unit, and a quarter
  // for log2(e); the gates of the tests end at 86.
  double units = 72;
  double units_of_16_bits = 72;  // of 16-bit inputs, for which a shorter formula may do

  test_case with(tensor output, tensor input) const {
    const gated_function f = function;
    test_case c{{std::move(output), std::move(input)},
                [f](auto c, auto t, auto, auto s) { return f(c, t[0], t[1], s); }};
    c.scale = error_scale::value;
    c.fp32_units = bytes_of(c.arguments[1].type) == 2 ? units_of_16_bits : units;
    c.smallest = 0x1p-120;  // where an exponential overflows, the activation is 0
    return c;
  }
  void on(tensor output, tensor input) const { run(op, with(std::move(output), std::move(input))); }
};

inline void gated_lengths(const gated_unit& unit) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 7, 8, 12, 33, 64, 256, 1000, 4104}) {
      unit.on(output(d, {3, n}), input(d, {3, 2 * n}, fills::normal(3)));
    }
  }
}

inline void gated_unaligned_and_strided(const gated_unit& unit) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 100}) {
      unit.on(output(d, {4, n}).starting_at(1), input(d, {4, 2 * n}, fills::normal()).starting_at(3).with_gap(1));
      unit.on(output(d, {4, n}).strided({112, 1}), input(d, {4, 2 * n}, fills::normal()).strided({240, 1}));
    }
  }
}

// Gates from `lowest` to its opposite have rows, and so scales, of their own; the relative error has no excuse.
inline void gated_hostile_values(const gated_unit& unit, double lowest) {
  for (const dtype d : float_types) {
    auto hostile = input(d, {64, 192}, fills::hostile(d, true));
    for (int64_t i = 0; i < hostile.elements(); ++i) {
      // Half of fp32's smallest number is 0 there and not in the oracle's double; times infinity the two part.
      if (i % 192 < 96 && std::fabs(hostile.contents[i]) == 0x1p-149) hostile.contents[i] = 0x1p-148;
    }
    unit.on(output(d, {64, 96}), hostile);
    std::vector<double> gates;
    for (double x = lowest; x <= -lowest; x += -lowest / 172) gates.insert(gates.end(), {x, 1.0});
    const auto n = static_cast<int64_t>(gates.size()) / 2;
    unit.on(output(d, {n, 1}), input(d, {n, 2}, fills::values(gates)));
    for (const double x : std::vector<double>{-INFINITY, -1e4, -200.0, 0.0, 200.0, 1e4, INFINITY, NAN}) {
      unit.on(output(d, {2, 8}), input(d, {2, 16}, fills::values({x, x, x, x, x, x, x, x, 1, -1, 0, 2, 3, 4, 5, 6})));
    }
  }
}

inline void gated_many_rows_and_none(const gated_unit& unit) {
  const dtype d = dtype::bf16;
  unit.on(output(d, {3001, 40}), input(d, {3001, 80}, fills::normal()));
  unit.on(output(d, {701, 1001}), input(d, {701, 2002}, fills::normal()));
  unit.on(output(d, {0, 40}), input(d, {0, 80}, fills::normal()));
  unit.on(output(d, {3, 0}), input(d, {3, 0}, fills::normal()));
}

inline void gated_refuses(const gated_unit& unit) {
  const dtype h = dtype::f16;
  contract(unit.op, unit.with(output(h, {3, 8}), input(h, {3, 16}, fills::normal())));
  refused(unit.op, unit.with(output(h, {3, 8}), input(h, {3, 17}, fills::normal())), HIPINFER_STATUS_INVALID_SHAPE,
          "input");
}

// activation(gate) * up of one element.
inline void gated_gives(const gated_unit& unit, double gate, double up, double expected) {
  auto c = unit.with(output(dtype::f32, {1, 1}), input(dtype::f32, {1, 2}, fills::values({gate, up})));
  c.judge = [=](const result& r) { EXPECT_NEAR(r.got[0][0], expected, 1e-5 * std::fabs(expected)) << r.where; };
  run(unit.op, c);
}

// Quantised results: one scale for all, or one found and written for each row.
using quantised_function = hipinfer_status (*)(hipinfer_context, const hipinfer_tensor*, const hipinfer_tensor*,
                                               const hipinfer_tensor*, hipinfer_stream);
struct quantised_unit {
  const char* op;
  quantised_function function;
  bool dynamic;
  gated_unit plain;  // without the quantisation

  test_case with(tensor output, tensor input, double scale = 0.02) const {
    const quantised_function f = function;
    tensor scales =
        dynamic ? check::output(dtype::f32, {output.shape[0]}) : check::input(dtype::f32, {1}, fills::constant(scale));
    std::vector<tensor> all =
        dynamic ? std::vector<tensor>{output, scales, input} : std::vector<tensor>{output, input, scales};
    const int64_t n = output.shape[1];
    const values_function values = [unit = plain, from = dynamic ? 2 : 1](const std::vector<tensor>& a) {
      return in_double(unit.with(check::output(dtype::f32, a[0].shape), a[from]))[0];
    };
    test_case c{std::move(all), [f](auto c, auto t, auto, auto s) { return f(c, t[0], t[1], t[2], s); }};
    c.before_rounding =
        dynamic ? over_found_scales(0, 1, std::max<int64_t>(n, 1), values) : over_given_scale(0, 2, values);
    c.scale = error_scale::value;
    // Of the value, of the scale that is found from one, and of the product with 1 / scale.
    const double own = bytes_of(c.arguments[dynamic ? 2 : 1].type) == 2 ? plain.units_of_16_bits : plain.units;
    c.fp32_units = (dynamic ? 2 : 1) * own + 4;
    return c;
  }
  void on(tensor output, tensor input, double scale = 0.02) const {
    run(op, with(std::move(output), std::move(input), scale));
  }
};

// The largest product of a row, which is its scale, at every edge.
inline void dynamic_edges(const quantised_unit& unit) {
  for (const int64_t n : edge_lengths(unit.op, "N")) {
    const tensor up = edge_rows(unit.op, "N", dtype::bf16, n);
    tensor both = input(dtype::bf16, {up.shape[0], 2 * n}, fills::uniform(1, 2));
    for (int64_t row = 0; row < up.shape[0]; ++row) {
      std::copy_n(up.contents.begin() + row * n, n, both.contents.begin() + row * 2 * n + n);
    }
    unit.on(output(dtype::e4m3fn, up.shape), both);
  }
}

inline void quantised_rows(const quantised_unit& unit) {
  if (unit.dynamic) dynamic_edges(unit);
  for (const dtype d : float_types) {
    for (const dtype q : quantised_types) {
      for (const int64_t n : {1, 7, 8, 33, 64, 1000, 4104, 8200}) {
        unit.on(output(q, {3, n}), input(d, {3, 2 * n}, fills::normal(3)));
      }
      unit.on(output(q, {4, 20}).starting_at(1), input(d, {4, 40}, fills::normal()).starting_at(3).with_gap(1));
      unit.on(output(q, {4, 64}).strided({112, 1}), input(d, {4, 128}, fills::normal()).strided({240, 1}));
      unit.on(output(q, {5, 64}), input(d, {5, 128}, fills::normal()), 1e-4);  // saturates
      unit.on(output(q, {3, 64}), input(d, {3, 128}, fills::constant(0)));
      unit.on(output(q, {0, 64}), input(d, {0, 128}, fills::normal()));
      unit.on(output(q, {3, 0}), input(d, {3, 0}, fills::normal()));
      auto spoiled = input(d, {3, 128}, fills::normal());
      spoiled.contents[128 + 70] = NAN;
      spoiled.contents[2 * 128 + 71] = INFINITY;
      unit.on(output(q, {3, 64}), spoiled);
    }
  }
  unit.on(output(dtype::e4m3fn, {701, 100}), input(dtype::bf16, {701, 200}, fills::normal()));
  contract(unit.op, unit.with(output(dtype::e5m2, {3, 8}), input(dtype::f16, {3, 16}, fills::normal())));
}

}  // namespace check
