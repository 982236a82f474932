// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "gen/gemm_grouped.api.h"
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/check/segments.h"

using namespace check;

namespace {

constexpr const char* op = "gemm_grouped";

// An output may have rows that no segment has: what is there then stays.
test_case grouped(tensor output, tensor input, tensor weight, tensor indptr, tensor weight_indices = none(),
                  tensor residual = none(), int32_t activation = HIPINFER_GEMM_ACTIVATION_NONE) {
  const double depth = static_cast<double>(input.shape.back());
  test_case c{{std::move(output), std::move(input), std::move(weight), std::move(indptr), std::move(weight_indices),
               std::move(residual)},
              [activation](auto c, auto t, auto, auto s) {
                hipinfer_gemm_grouped_options options{};
                options.struct_size = sizeof options;
                options.activation = activation;
                const bool defaults = activation == HIPINFER_GEMM_ACTIVATION_NONE;
                return hipinfer_gemm_grouped(c, t[0], t[1], t[2], t[3], t[4], t[5], defaults ? nullptr : &options, s);
              }};
  c.floor = std::sqrt(depth);
  c.fp32_units = 32 + depth / 8;  // as in gemm's tests
  return c;
}

// A weight for each segment, and rows before and after all of them.
test_case plain(dtype d, dtype out, const extents& lengths, int64_t n, int64_t k, int64_t before = 0,
                int64_t after = 0) {
  const int64_t m = before + total(lengths) + after;
  return grouped(inout(out, {m, n}, fills::normal()), normal_operand(d, {m, k}),
                 normal_operand(d, {count(lengths), n, k}), offsets(lengths, before));
}

// Many short ones with a long one among them.
extents ragged(int64_t segments) {
  extents out;
  for (int64_t s = 0; s < segments; ++s) out.push_back(s == segments / 2 ? 70 : s % 5 == 0 ? 0 : s % 4);
  return out;
}

}  // namespace

TEST(gemm_grouped, segments) {
  size_t turn = 0;
  for (const dtype d : float_types) {
    for (const extents& lengths : {extents{1}, extents{5}, extents{0, 3}, extents{3, 0, 0}, extents{1, 1, 1, 1, 1},
                                   extents{16, 17, 15, 0, 33}, extents{2, 130, 1}, extents{64, 64}, ragged(30)}) {
      // Aligned rows, and rows that are not, with others before and after them.
      for (const bool aligned : in_turn(std::vector<int>{1, 0}, turn++)) {
        run(op, aligned ? plain(d, d, lengths, 37, 48) : plain(d, dtype::f32, lengths, 40, 45, 3, 5));
      }
    }
  }
}

// More segments than a wave looks at in one step, and in two.
TEST(gemm_grouped, many_segments) {
  for (const int64_t segments : {32, 33, 34, 64, 65, 66, 200, quick() ? 1100 : 4300}) {
    const dtype d = segments == 200 ? dtype::f32 : dtype::bf16;
    const extents lengths = ragged(segments);
    const int64_t m = total(lengths);
    std::vector<double> weights;
    for (int64_t s = 0; s < segments; ++s) weights.push_back(static_cast<double>(s * 7 % 5));
    run(op, grouped(output(d, {m, 9}), normal_operand(d, {m, 16}), normal_operand(d, {5, 9, 16}), offsets(lengths),
                    index_list(weights)));
  }
}

TEST(gemm_grouped, edges) {
  const dtypes all = {dtype::bf16, dtype::f16, dtype::f32};
  size_t turn = 0;
  const auto heavy = [&](const extents& lengths, int64_t n, int64_t k) {
    for (const dtype d : in_turn(all, turn++)) {
      test_case c = plain(d, d, lengths, n, k);
      tensor& x = c.arguments[1];
      for (int64_t i = 0; i < x.shape[0]; ++i) x.contents[i * k + k - 1] = 30;
      run(op, c);
    }
  };
  for (const int64_t m : edge_lengths(op, "M")) heavy({1, m, 2}, 7, 40);
  for (const int64_t n : edge_lengths(op, "N")) {
    heavy({3, 2}, n, 40);
    heavy({20, 70}, n, 40);
  }
  for (const int64_t k : edge_lengths(op, "K")) {
    heavy({3, 2}, 9, k);
    if (!quick()) heavy({20, 70}, 9, k);
  }
}

TEST(gemm_grouped, every_tail_of_k) {
  for (const dtype d : float_types) {
    for (int64_t k = 1; k <= 72; ++k) {
      if (quick() && d != dtype::f32 && (k % 2 == 0) != (d == dtype::f16)) continue;  // f16 and bf16 in turn
      run(op, grouped(output(d, {7, 4}), normal_operand(d, {7, k}).with_gap((72 - k) % 8 + 8),
                      normal_operand(d, {2, 4, k}), offsets({3, 4})));
    }
  }
}

TEST(gemm_grouped, empty) {
  for (const dtype d : float_types) {
    run(op, plain(d, d, {}, 5, 7));
    run(op, plain(d, d, {}, 5, 7, 3, 0));
    run(op, plain(d, d, {0, 0, 0}, 5, 7));
    run(op, plain(d, d, {0, 0}, 5, 7, 2, 1));
    run(op, plain(d, d, {2, 3}, 0, 7));
    run(op, plain(d, d, {2, 3}, 5, 0));  // zeros
    run(op, grouped(output(d, {5, 6}), normal_operand(d, {5, 0}), normal_operand(d, {2, 6, 0}), offsets({2, 3}), none(),
                    normal_operand(d, {5, 6})));
  }
}

// The same weight for several segments, none for others, in either integer type.
TEST(gemm_grouped, weight_indices) {
  const extents lengths = {3, 0, 20, 1, 70};
  const int64_t m = total(lengths);
  for (const dtype d : float_types) {
    for (const dtype i : {dtype::i32, dtype::i64}) {
      for (const dtype o : {dtype::i32, dtype::i64}) {
        run(op, grouped(output(d, {m, 20}), normal_operand(d, {m, 40}), normal_operand(d, {3, 20, 40}),
                        offsets(lengths, 0, o), index_list({2, 0, 0, 2, 1}, i)));
      }
    }
    // Out of range: those rows stay as they are. So do those that offsets out of range say, as far as they are there.
    run(op, grouped(inout(d, {m, 20}, fills::normal()), normal_operand(d, {m, 40}), normal_operand(d, {3, 20, 40}),
                    offsets(lengths), index_list({-1, 0, 3, 2147483647, 1})));
    run(op, grouped(inout(d, {m, 20}, fills::normal()), normal_operand(d, {m, 40}), normal_operand(d, {2, 20, 40}),
                    index_list({-7, 30, 2147483647})));
    run(op, grouped(inout(d, {m, 20}, fills::normal()), normal_operand(d, {m, 40}), normal_operand(d, {0, 20, 40}),
                    offsets(lengths), index_list({0, 0, 0, 0, 0})));
    // Offsets that go back, to segments that do not meet: a row has its segment's product, or is left as it is.
    test_case back = grouped(inout(d, {m, 20}, fills::integers(200, 250)), input(d, {m, 40}, fills::integers(-2, 2)),
                             input(d, {4, 20, 40}, fills::integers(-2, 2)), index_list({50, 20, 94, 3, 8}));
    back.judge = [](const result& r) {
      for (int64_t row = 0; row < r.arguments[0].shape[0]; ++row) {
        const auto of = [&](const std::vector<double>& all) {
          return std::vector<double>(all.begin() + row * 20, all.begin() + (row + 1) * 20);
        };
        const auto got = of(r.got[0]), before = of(r.arguments[0].contents), product = of(r.expected[0]);
        const bool owned = (row >= 20 && row < 94) || (row >= 3 && row < 8);
        ASSERT_EQ(product != before, owned) << "the reference: row " << row;
        ASSERT_TRUE(got == before || (owned && got == product)) << r.where << ": row " << row;
      }
    };
    run(op, back);
  }
}

TEST(gemm_grouped, activation_and_residual) {
  const extents lengths = {1, 0, 40, 3, 130};
  const int64_t m = total(lengths), n = 72, k = 48;
  size_t turn = 0;
  for (const dtype d : float_types) {
    for (const dtype out : {d, dtype::f32}) {
      const tensor x = normal_operand(d, {m, k}), w = normal_operand(d, {5, n, k});
      const tensor residual = normal_operand(out, {m, n});
      run(op, grouped(output(out, {m, n}), x, w, offsets(lengths), none(), residual));
      for (const int32_t f :
           in_turn(std::vector<int32_t>{HIPINFER_GEMM_ACTIVATION_RELU, HIPINFER_GEMM_ACTIVATION_SILU,
                                        HIPINFER_GEMM_ACTIVATION_GELU, HIPINFER_GEMM_ACTIVATION_GELU_TANH},
                   turn++)) {
        run(op, grouped(output(out, {m, n}).with_gap(5), x, w, offsets(lengths), none(),
                        normal_operand(out, {m, n}).with_gap(9), f));
      }
      // An adapter adds its part to what is there.
      test_case in_place = grouped(inout(out, {m, n}, fills::normal()).with_gap(2), x, w, offsets(lengths));
      in_place.call = [](auto c, auto t, auto, auto s) {
        return hipinfer_gemm_grouped(c, t[0], t[1], t[2], t[3], t[4], t[0], nullptr, s);
      };
      run(op, in_place);
    }
  }
}

TEST(gemm_grouped, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const extents& lengths : {extents{3, 2}, extents{20, 0, 90}}) {
      const int64_t m = total(lengths), g = count(lengths), n = 72, k = 64;
      const tensor x = normal_operand(d, {m, k}), w = normal_operand(d, {g, n, k}), at = offsets(lengths);
      const tensor y = output(d, {m, n});
      const auto moved = [](tensor t, int64_t start) { return t.starting_at(start); };
      const auto apart = [](tensor t, int64_t gap) { return t.with_gap(gap); };
      const auto with = [](tensor t, extents strides) { return t.strided(std::move(strides)); };
      run(op, grouped(moved(y, 1), moved(x, 3), w, at));
      run(op, grouped(apart(y, 3), x, apart(w, 1), at));
      run(op, grouped(y, apart(x, 16), apart(w, 8), at));
      // Columns contiguous, one weight for all, features further apart than weights, every row of the input the same.
      run(op, grouped(y, x, with(w, {n * k, 1, n}), at));
      run(op, grouped(y, x, with(w, {0, k, 1}), at));
      run(op, grouped(y, x, with(w, {k, g * k, 1}), at));
      run(op, grouped(y, with(x, {0, 1}), w, at));
      run(op, grouped(y, x, with(w, {n * k * 2, k * 2, 2}), at));
    }
    // Rows so far apart that a tile's offsets need more than 32 bits.
    run(op, grouped(output(d, {5, 20}), normal_operand(d, {5, 64}).with_gap(1 << 21), normal_operand(d, {2, 20, 64}),
                    offsets({3, 2})));
  }
}

// Small integers: exact in every order, so any slip of an index shows, whatever its size.
TEST(gemm_grouped, exact_integers) {
  for (const dtype d : float_types) {
    for (const extents& lengths : {extents{7, 1, 9, 0, 20, 4}, extents{40, 100, 0, 61}, extents{300}}) {
      const int64_t m = 2 + total(lengths), n = 90, k = 100;
      test_case c = grouped(inout(dtype::f32, {m, n}, fills::integers(1, 9)), input(d, {m, k}, fills::integers(-8, 8)),
                            input(d, {count(lengths), n, k}, fills::integers(-8, 8)), offsets(lengths, 1), none(),
                            input(dtype::f32, {m, n}, fills::integers(-900, 900)));
      c.exact = true;
      run(op, c);
    }
  }
}

// A NaN or infinity of a row or a weight stays in its segment.
TEST(gemm_grouped, hostile_values) {
  for (const dtype d : float_types) {
    for (const extents& lengths : {extents{4, 3, 5}, extents{20, 70, 30}}) {
      const int64_t m = total(lengths), n = 70, k = 45;
      tensor x = input(d, {m, k}, fills::uniform(0.5, 2)), w = input(d, {3, n, k}, fills::uniform(0.5, 2));
      x.contents[(lengths[0] - 1) * k + k - 1] = NAN;
      x.contents[lengths[0] * k] = INFINITY;
      x.contents[(m - 1) * k + 7] = -INFINITY;
      w.contents[(n - 1) * k + k - 1] = NAN;
      w.contents[2 * n * k] = INFINITY;
      w.contents[(n + 5) * k] = 0;  // times the infinity: NaN
      run(op, grouped(output(d, {m, n}), x, w, offsets(lengths)));
    }
  }
}

// In a batch-invariant context a row has the same bits whatever other rows and segments there are.
TEST(gemm_grouped, batch_invariance) {
  in_batch_invariant_contexts([](hipinfer_context context, const std::string& device) {
    const int64_t n = 130, k = 1000;
    for (const dtype d : float_types) {
      const test_case all = plain(d, dtype::f32, {1, 150, 20, 60}, n, k);
      const std::vector<double> expected = results_in(context, all)[0];
      for (const auto& [segment, first, rows] :
           {std::array<int64_t, 3>{0, 0, 1}, {1, 1, 150}, {1, 30, 1}, {1, 40, 70}, {2, 151, 20}, {3, 200, 9}}) {
        const test_case part = grouped(output(dtype::f32, {rows, n}), rows_of(all.arguments[1], first, rows),
                                       all.arguments[2], offsets({rows}), index_list({static_cast<double>(segment)}));
        expect_same_bits(
            results_in(context, part)[0], expected, first * n,
            device + ": " + name_of(d) + ", rows from " + std::to_string(first) + ", " + std::to_string(rows));
      }
    }
  });
}

TEST(gemm_grouped, refuses) {
  const dtype d = dtype::f16;
  const tensor x = normal_operand(d, {6, 8}), w = normal_operand(d, {3, 5, 8}), y = output(d, {6, 5});
  contract(op, grouped(y, x, w, offsets({2, 2, 2}), index_list({2, 1, 0}), normal_operand(d, {6, 5})));
  refused(op, grouped(y, x, w, offsets({2, 4})), HIPINFER_STATUS_INVALID_SHAPE,
          "weight: 3 weights, expected one for each of 2 segments");
  refused(op, grouped(y, x, w, offsets({2, 2, 2}), index_list({2, 1})), HIPINFER_STATUS_INVALID_SHAPE,
          "weight_indices");
  refused(op, grouped(y, x, normal_operand(dtype::bf16, {3, 5, 8}), offsets({2, 2, 2})), HIPINFER_STATUS_INVALID_DTYPE,
          "weight");
  refused(op, grouped(y, x, w, input(dtype::f32, {4}, fills::constant(0))), HIPINFER_STATUS_INVALID_DTYPE, "indptr");
  refused(op, grouped(y, x, w, offsets({2, 2, 2}), none(), none(), 5), HIPINFER_STATUS_INVALID_ARGUMENT, "activation");
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(gemm_grouped, known_answer) {
  for (const dtype d : float_types) {
    auto c = grouped(inout(d, {4, 2}, fills::constant(-1)), input(d, {4, 2}, fills::values({1, 2, 3, 4, 5, 6, 7, 8})),
                     input(d, {2, 2, 2}, fills::values({1, 0, 0, 1, 2, 3, 4, 5})), index_list({0, 1, 1, 3}),
                     index_list({1, 0, 0}), input(d, {4, 2}, fills::values({10, 0, 0, 20, 0, 0, 30, 30})));
    // Row 0 with the second weight, rows 1 and 2 with the first, row 3 with none.
    c.judge = [](const result& r) {
      EXPECT_EQ(r.got[0], (std::vector<double>{18, 14, 3, 24, 5, 6, -1, -1})) << r.where;
    };
    run(op, c);
  }
}
