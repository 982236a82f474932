// SPDX-License-Identifier: Apache-2.0
// The tests that norms of one kind share; an operation's test adds what is its own.
#pragma once

#include <cmath>
#include <span>

#include "tests/check/edges.h"
#include "tests/check/quantised.h"

namespace check {

inline tensor norm_rows(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), fills::normal());
}
inline tensor norm_weight(dtype d, int64_t n) {
  return input(d, {n}, fills::normal());
}

// One NaN or infinity must spoil its row and no other: contents for at least three rows of n.
inline tensor spoiled_rows(tensor rows) {
  const auto n = static_cast<size_t>(rows.shape.back());
  rows.contents[n + 5] = NAN;
  rows.contents[2 * n + 7] = INFINITY;
  return rows;
}

// Of a value without a mean that is taken from it.
constexpr double norm_units = 8;

using rmsnorm_function = hipinfer_status (*)(hipinfer_context, const hipinfer_tensor*, const hipinfer_tensor*,
                                             const hipinfer_tensor*, float, hipinfer_stream);

// A root-mean-square norm: of output, input and weight.
struct rmsnorm_unit {
  const char* op;
  rmsnorm_function function;
  // Products of x, the root and the weight; half of the relative error of the sum of squares, in which all terms are
  // positive and none is added more than once in a few hundred steps.
  error_scale scale = error_scale::value;
  double units = norm_units;

  test_case with(tensor output, tensor input, tensor weight, float eps = 1e-6f) const {
    const rmsnorm_function f = function;
    test_case c{{std::move(output), std::move(input), std::move(weight)},
                [f, eps](auto c, auto t, auto, auto s) { return f(c, t[0], t[1], t[2], eps, s); }};
    c.scale = scale;
    c.fp32_units = units;
    return c;
  }
  void on(tensor output, tensor input, tensor weight, float eps = 1e-6f) const {
    run(op, with(std::move(output), std::move(input), std::move(weight), eps));
  }
};

inline void rmsnorm_lengths(const rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      // Longer than a wave, a block, a block's vectors; odd; one.
      for (const int64_t n : {1, 2, 7, 8, 31, 33, 64, 100, 128, 257, 1024, 2047, 4096, 8200}) {
        unit.on(output(d, {3, n}), norm_rows(d, {3, n}), norm_weight(w, n));
      }
    }
  }
}

// The largest value, on which all others of its row depend, at every edge; all lengths in one dtype, the edges in all.
template <class Run>
void norm_edges(const char* op, Run run_rows) {
  for (const int64_t n : edge_lengths(op, "N")) {
    for (const dtype d : float_types) {
      if (d == dtype::bf16 || n % 1024 == 0) run_rows(d, n, edge_rows(op, "N", d, n));
    }
  }
}

inline void rmsnorm_edges(const rmsnorm_unit& unit) {
  norm_edges(unit.op, [&](dtype d, int64_t n, const tensor& x) { unit.on(output(d, x.shape), x, norm_weight(d, n)); });
}

inline void rmsnorm_heads(const rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    const int64_t t = 5, h = 3, n = 128;
    unit.on(output(d, {t, h, n}), norm_rows(d, {t, h, n}), norm_weight(d, n));
    // The q part of a fused qkv row: heads and tokens with gaps.
    unit.on(output(d, {t, h, n}).with_gap(3), norm_rows(d, {t, h, n}).with_gap(8), norm_weight(d, n));
  }
}

inline void rmsnorm_unaligned_and_strided(const rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      unit.on(output(d, {4, n}).starting_at(1), norm_rows(d, {4, n}).starting_at(3).with_gap(1),
              norm_weight(d, n).starting_at(1));
    }
  }
}

inline void rmsnorm_hostile_values(const rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    unit.on(output(d, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), norm_weight(d, 96));
    unit.on(output(d, {4, 96}), input(d, {4, 96}, fills::constant(0)), norm_weight(d, 96));
    unit.on(output(d, {3, 96}), spoiled_rows(norm_rows(d, {3, 96})), norm_weight(d, 96));
  }
}

// Without eps the root is of a subnormal number: AMD's and NVIDIA's reciprocal roots differ in what they make of one.
inline void rmsnorm_subnormal_mean_of_squares(const rmsnorm_unit& unit) {
  const dtype f = dtype::f32;
  for (const double scale : {0x1p-63, 0x1p-66, 0x1p-70}) {
    unit.on(output(f, {3, 96}), input(f, {3, 96}, fills::values({scale, -scale})), norm_weight(f, 96), 0.0f);
  }
}

inline void rmsnorm_many_rows_and_none(const rmsnorm_unit& unit) {
  const dtype b = dtype::bf16;
  unit.on(output(b, {3000, 64}), norm_rows(b, {3000, 64}), norm_weight(b, 64));
  unit.on(output(b, {0, 64}), norm_rows(b, {0, 64}), norm_weight(b, 64));
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
inline void rmsnorm_as_many_rows_as_fill_a_device(const rmsnorm_unit& unit) {
  const int64_t enough = rows_that_fill_a_device();
  const dtype b = dtype::bf16, h = dtype::f16;
  const test_case many = unit.with(output(b, {enough, 4096}), norm_rows(b, {enough, 4096}), norm_weight(b, 4096));
  run(unit.op, many);
  run_rows_alone(many, 5);
  run_rows_alone(unit.with(output(h, {enough, 4096}), norm_rows(h, {enough, 4096}), norm_weight(dtype::f32, 4096)), 3);
}

inline void rmsnorm_refuses(const rmsnorm_unit& unit) {
  const dtype f = dtype::f32, h = dtype::f16;
  contract(unit.op, unit.with(output(h, {3, 64}), norm_rows(h, {3, 64}), norm_weight(h, 64)));
  refused(unit.op, unit.with(output(f, {3, 0}), norm_rows(f, {3, 0}), norm_weight(f, 0)), HIPINFER_STATUS_INVALID_SHAPE,
          "length 0");
  for (const float eps : {-1.0f, NAN, INFINITY}) {
    refused(unit.op, unit.with(output(f, {3, 4}), norm_rows(f, {3, 4}), norm_weight(f, 4), eps),
            HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  }
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt. The mean of
// squares is 25; the weights are to multiply by 1 and -2.
inline void rmsnorm_known_answer(const rmsnorm_unit& unit, std::vector<double> weight) {
  const dtype f = dtype::f32;
  auto c = unit.with(output(f, {1, 2}), input(f, {1, 2}, fills::values({1, 7})),
                     input(f, {2}, fills::values(std::move(weight))), 0.0f);
  c.judge = [](const result& r) {
    EXPECT_NEAR(r.got[0][0], 0.2, 1e-6) << r.where;
    EXPECT_NEAR(r.got[0][1], -2.8, 1e-6) << r.where;
  };
  run(unit.op, c);
}

// A sum and its norm, both in place: of input, residual and weight.
struct add_rmsnorm_unit : rmsnorm_unit {
  static tensor rows(dtype d, int64_t t, int64_t n) { return inout(d, {t, n}, fills::normal()); }
};

inline void add_rmsnorm_lengths(const add_rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const int64_t n : {1, 2, 7, 8, 31, 33, 64, 100, 257, 1024, 2047, 4096, 8200}) {
        unit.on(unit.rows(d, 3, n), unit.rows(d, 3, n), norm_weight(w, n));
      }
    }
  }
}

// The largest value in either of the two.
inline void add_rmsnorm_edges(const add_rmsnorm_unit& unit) {
  norm_edges(unit.op, [&](dtype d, int64_t n, tensor x) {
    x.use = role::inout;
    const tensor other = inout(d, x.shape, fills::normal(0.1));
    unit.on(x, other, norm_weight(d, n));
    unit.on(other, x, norm_weight(d, n));
  });
}

inline void add_rmsnorm_rounds_the_sum_once(const add_rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    auto c = unit.with(unit.rows(d, 5, 96), unit.rows(d, 5, 96), norm_weight(d, 96));
    const tensor x = c.arguments[0], r = c.arguments[1];
    c.judge = [=](const result& got) {
      for (size_t i = 0; i < x.contents.size(); ++i) {
        ASSERT_EQ(got.got[1][i], round_to(d, x.contents[i] + r.contents[i])) << got.where << ": element " << i;
      }
    };
    run(unit.op, c);
  }
}

// 2048 + 1 is 2048 in f16, as is its neighbour; the weight, which is to multiply by 1.0005, puts the two quotients to
// either side of a rounding edge.
inline void add_rmsnorm_uses_the_unrounded_sum(const add_rmsnorm_unit& unit, double weight) {
  const dtype h = dtype::f16;
  auto c = unit.with(inout(h, {1, 2}, fills::values({1, 0})), inout(h, {1, 2}, fills::constant(2048)),
                     input(dtype::f32, {2}, fills::constant(weight)));
  c.judge = [](const result& r) {
    EXPECT_EQ(r.got[1], (std::vector<double>{2048, 2048})) << r.where;
    EXPECT_EQ(r.got[0], (std::vector<double>{1 + 0x1p-10, 1})) << r.where;
  };
  run(unit.op, c);
}

inline void add_rmsnorm_unaligned_and_strided(const add_rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      unit.on(unit.rows(d, 4, n).starting_at(1), unit.rows(d, 4, n).starting_at(3).with_gap(1),
              norm_weight(d, n).starting_at(1));
      unit.on(unit.rows(d, 4, n).strided({528, 1}), unit.rows(d, 4, n).strided({520, 1}), norm_weight(d, n));
    }
  }
}

inline void add_rmsnorm_hostile_values(const add_rmsnorm_unit& unit) {
  for (const dtype d : float_types) {
    unit.on(inout(d, {64, 96}, fills::hostile(d, false)), inout(d, {64, 96}, fills::hostile(d, false)),
            norm_weight(d, 96));
    unit.on(inout(d, {4, 96}, fills::constant(3)), inout(d, {4, 96}, fills::constant(-3)), norm_weight(d, 96));
    const tensor spoiled = spoiled_rows(unit.rows(d, 4, 96));
    unit.on(spoiled, unit.rows(d, 4, 96), norm_weight(d, 96));
    unit.on(unit.rows(d, 4, 96), spoiled, norm_weight(d, 96));
  }
}

inline void add_rmsnorm_many_rows_and_none(const add_rmsnorm_unit& unit) {
  const dtype b = dtype::bf16;
  unit.on(unit.rows(b, 3000, 64), unit.rows(b, 3000, 64), norm_weight(b, 64));
  unit.on(unit.rows(b, 0, 64), unit.rows(b, 0, 64), norm_weight(b, 64));
}

inline void add_rmsnorm_refuses(const add_rmsnorm_unit& unit) {
  const dtype f = dtype::f32, h = dtype::f16;
  contract(unit.op, unit.with(unit.rows(h, 3, 64), unit.rows(h, 3, 64), norm_weight(h, 64)));
  refused(unit.op, unit.with(unit.rows(f, 3, 0), unit.rows(f, 3, 0), norm_weight(f, 0)), HIPINFER_STATUS_INVALID_SHAPE,
          "length 0");
  // The weight is checked before the two tensors whose dtype it may have.
  refused(unit.op, unit.with(unit.rows(f, 3, 64), unit.rows(f, 3, 64), norm_weight(dtype::bf16, 64)),
          HIPINFER_STATUS_INVALID_DTYPE, "input");
  refused(unit.op, unit.with(unit.rows(h, 3, 64), unit.rows(f, 3, 64), norm_weight(f, 64)),
          HIPINFER_STATUS_INVALID_DTYPE, "residual");
  for (const float eps : {-1.0f, NAN, INFINITY}) {
    refused(unit.op, unit.with(unit.rows(f, 3, 4), unit.rows(f, 3, 4), norm_weight(f, 4), eps),
            HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  }
  auto same = unit.with(unit.rows(f, 3, 4), unit.rows(f, 3, 4), norm_weight(f, 4));
  same.call = [f = unit.function](auto c, auto t, auto, auto s) { return f(c, t[0], t[0], t[2], 1e-6f, s); };
  refused(unit.op, same, HIPINFER_STATUS_ALIASING, "residual");
}

// A norm with quantised results: one scale for all, or one found and written for each row.
struct quantised_norm {
  const char* op;
  // The case of output, input, the weight's dtype and, if it is given, the scale; not yet what its results round.
  test_case (*make)(tensor output, tensor input, dtype weight, double scale);
  // What is quantised, in double.
  std::vector<double> (*values)(const std::vector<tensor>& arguments);
  std::span<const dtype> types;  // of the output
  bool dynamic = false;          // scales are found: what is given does not count
  double scale = 0.02;
  bool heads = true;                       // rows may have two dimensions before them
  size_t scale_at = 3;                     // of the arguments
  error_scale error = error_scale::value;  // of the row where a mean is subtracted
  double units = norm_units;

  test_case with(tensor output, tensor input, dtype weight, double scale) const {
    test_case c = make(std::move(output), std::move(input), weight, scale);
    const int64_t n = c.arguments[0].shape.back();
    c.before_rounding =
        dynamic ? over_found_scales(0, 1, std::max<int64_t>(n, 1), values) : over_given_scale(0, scale_at, values);
    c.scale = error;
    // Of the value, of the scale that is found from one, and of the product with 1 / scale.
    c.fp32_units = (dynamic ? 2 : 1) * units + 4;
    return c;
  }
  test_case of(tensor output, tensor input, dtype weight) const {
    return with(std::move(output), std::move(input), weight, scale);
  }
  void on(tensor output, tensor input, dtype weight) const { run(op, of(std::move(output), std::move(input), weight)); }
};

inline void quantised_norm_lengths(const quantised_norm& unit) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const dtype q : unit.types) {
        for (const int64_t n : {1, 7, 8, 33, 128, 1000, 4096, 4104, 8200, 16392}) {
          unit.on(output(q, {3, n}), norm_rows(d, {3, n}), w);
        }
      }
    }
  }
}

inline void quantised_norm_edges(const quantised_norm& unit) {
  norm_edges(unit.op, [&](dtype d, int64_t, const tensor& x) { unit.on(output(dtype::e4m3fn, x.shape), x, d); });
}

inline void quantised_norm_strides_and_hostile_values(const quantised_norm& unit) {
  for (const dtype d : float_types) {
    for (const dtype q : unit.types) {
      if (unit.heads) {
        unit.on(output(q, {5, 3, 128}), norm_rows(d, {5, 3, 128}), d);
        unit.on(output(q, {5, 3, 64}).with_gap(16), norm_rows(d, {5, 3, 64}).with_gap(8), d);
      }
      if (!unit.dynamic) run(unit.op, unit.with(output(q, {3, 64}), norm_rows(d, {3, 64}), d, 1e-4));  // saturates
      unit.on(output(q, {4, 20}).starting_at(1), norm_rows(d, {4, 20}).starting_at(3).with_gap(1), d);
      unit.on(output(q, {4, 64}).strided({528, 1}), norm_rows(d, {4, 64}).strided({520, 1}), d);
      unit.on(output(q, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), d);
      unit.on(output(q, {3, 96}), input(d, {3, 96}, fills::constant(0)), d);
      unit.on(output(q, {0, 96}), norm_rows(d, {0, 96}), d);
      unit.on(output(q, {3, 96}), spoiled_rows(norm_rows(d, {3, 96})), d);
    }
  }
  unit.on(output(dtype::e4m3fn, {1001, 64}), norm_rows(dtype::bf16, {1001, 64}), dtype::f32);
}

// As rmsnorm_as_many_rows_as_fill_a_device.
inline void quantised_norm_as_many_rows_as_fill_a_device(const quantised_norm& unit) {
  const int64_t enough = rows_that_fill_a_device();
  const dtype q = dtype::e4m3fn;
  const test_case many = unit.of(output(q, {enough, 4096}), norm_rows(dtype::bf16, {enough, 4096}), dtype::bf16);
  run(unit.op, many);
  run_rows_alone(many, 5);
  run_rows_alone(unit.of(output(q, {enough, 4096}), norm_rows(dtype::f16, {enough, 4096}), dtype::f32), 3);
}

inline void quantised_norm_refuses(const quantised_norm& unit) {
  const dtype h = dtype::f16, q = dtype::e5m2;
  contract(unit.op, unit.of(output(q, {3, 64}), norm_rows(h, {3, 64}), h));
  refused(unit.op, unit.of(output(q, {3, 0}), norm_rows(h, {3, 0}), h), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
}

}  // namespace check
