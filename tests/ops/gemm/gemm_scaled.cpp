// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/gemm_scaled.api.h"
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/check/scaled_matrices.h"

using namespace check;

namespace {

constexpr const char* op = "gemm_scaled";

struct shape {
  int64_t m, n, k;
};

test_case gemm_scaled(tensor output, tensor input, tensor weight, tensor input_scale, tensor weight_scale,
                      tensor bias = none(), tensor residual = none(),
                      int32_t activation = HIPINFER_GEMM_ACTIVATION_NONE) {
  test_case c{{std::move(output), std::move(input), std::move(weight), std::move(input_scale), std::move(weight_scale),
               std::move(bias), std::move(residual)},
              [activation](auto c, auto t, auto, auto s) {
                hipinfer_gemm_scaled_options options{};
                options.struct_size = sizeof options;
                options.activation = activation;
                const bool defaults = activation == HIPINFER_GEMM_ACTIVATION_NONE;
                return hipinfer_gemm_scaled(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], defaults ? nullptr : &options,
                                            s);
              }};
  allow_scaled_products(c);
  return c;
}

test_case whole(dtype d, dtype out, shape s) {
  return gemm_scaled(output(out, {s.m, s.n}), operand(d, {s.m, s.k}), operand(d, {s.n, s.k}), scale(d, {s.m, 1}),
                     scale(d, {s.n, 1}));
}
test_case in_blocks(dtype d, dtype out, shape s) {
  return gemm_scaled(output(out, {s.m, s.n}), operand(d, {s.m, s.k}), operand(d, {s.n, s.k}),
                     scale(d, {s.m, blocks(s.k)}), scale(d, {blocks(s.n), blocks(s.k)}));
}
using maker = test_case (*)(dtype d, dtype out, shape s);
const std::vector<maker> makers = {whole, in_blocks};

}  // namespace

TEST(gemm_scaled, shapes) {
  const shape shapes[] = {{1, 1, 1},    {1, 5, 3},     {2, 3, 17},     {4, 7, 16},     {1, 129, 1024}, {5, 40, 129},
                          {17, 33, 65}, {40, 65, 320}, {65, 130, 256}, {129, 127, 48}, {130, 257, 272}};
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const shape& s : shapes) {
      for (const dtype out : in_turn(output_types, turn++)) {
        run(op, whole(d, out, s));
        run(op, in_blocks(d, out, s));
      }
    }
  }
}

// Tiles, slices and blocks, one element less and more, and several of them. The last product of a sum outweighs the others.
TEST(gemm_scaled, edges) {
  const auto heavy = [](test_case c) {
    tensor& weight = c.arguments[2];
    const int64_t n = weight.shape[0], k = weight.shape[1];
    for (int64_t i = 0; i < n; ++i) weight.contents[i * k + k - 1] = 28;
    run(op, c);
  };
  const dtypes both = {dtype::e4m3fn, dtype::i8};
  size_t turn = 0;
  for (const int64_t m : edge_lengths(op, "M")) {
    for (const dtype d : in_turn(both, turn++)) {
      heavy(whole(d, dtype::f32, {m, 7, 48}));
      heavy(in_blocks(d, dtype::f32, {m, 7, 144}));
    }
  }
  for (const int64_t n : edge_lengths(op, "N")) {
    for (const dtype d : in_turn(both, turn++)) {
      for (const int64_t m : in_turn(extents{3, 70}, 0)) {
        heavy(whole(d, dtype::f32, {m, n, 48}));
        heavy(in_blocks(d, dtype::f32, {m, n, 144}));
      }
    }
  }
  for (const int64_t k : edge_lengths(op, "K")) {
    if (quick() && k > 8193) continue;
    for (const dtype d : in_turn(both, turn++)) {
      for (const int64_t m : in_turn(extents{3, 70}, 0)) {
        heavy(whole(d, dtype::f32, {m, 9, k}));
        heavy(in_blocks(d, dtype::f32, {m, 9, k}));
      }
    }
  }
}

TEST(gemm_scaled, every_size_of_tile) {
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const int64_t k : in_turn(extents{272, 131}, turn++)) {
      run(op, whole(d, dtype::bf16, {256 + 3, 256 + 9, k}));
      run(op, in_blocks(d, dtype::bf16, {256 + 3, 256 + 9, k}));
    }
  }
}

TEST(gemm_scaled, every_tail_of_k) {
  for (const dtype d : operand_types) {
    for (int64_t k = 1; k <= 140; k += k == 34 ? 62 : 1) {
      for (const int64_t m : in_turn(extents{3, 20, 70}, 0)) {
        test_case c = k % 2 == 0 ? whole(d, dtype::f16, {m, 4, k}) : in_blocks(d, dtype::f16, {m, 4, k});
        c.arguments[1].with_gap(160 - k);
        c.arguments[2].with_gap(176 - k);
        run(op, c);
      }
    }
  }
}

// Every extent of a scale with every one of the other, where they go together.
TEST(gemm_scaled, every_scale) {
  size_t turn = 0, combination = 0;
  for (const dtype d : operand_types) {
    for (const int64_t m : in_turn(extents{3, 20, 70}, turn++)) {
      const int64_t n = 140, k = 144, s = blocks(k);
      for (const tensor& of_input : {none(), scale(d, {}), scale(d, {1}), scale(d, {m, 1}), scale(d, {1, s}),
                                     scale(d, {m, s}), scale(d, {m, s}).strided({1, m})}) {
        for (const tensor& of_weight :
             {none(), scale(d, {1, 1, 1}), scale(d, {n, 1}), scale(d, {blocks(n), 1}).strided({5, 1}), scale(d, {1, s}),
              scale(d, {n, s}), scale(d, {blocks(n), s}), scale(d, {blocks(n), s}).strided({1, 7})}) {
          if (quick() && operand_types[combination++ % operand_types.size()] != d) continue;
          const auto extent = [](const tensor& t, size_t i) { return t.shape.size() == 2 ? t.shape[i] : 1; };
          test_case c =
              gemm_scaled(output(dtype::f32, {m, n}), operand(d, {m, k}), operand(d, {n, k}), of_input, of_weight);
          // Values of operands without a scale are larger.
          const double missing = (of_input.use == role::none) + (of_weight.use == role::none);
          if (d == dtype::i8) c.floor *= std::pow(74, missing);
          if (extent(of_weight, 0) == n && (extent(of_weight, 1) == s || extent(of_input, 1) == s))
            refused(op, c, HIPINFER_STATUS_INVALID_SHAPE, "weight_scale: a scale for each row");
          else
            run(op, c);
        }
      }
    }
  }
}

TEST(gemm_scaled, empty) {
  for (const dtype d : operand_types) {
    for (const auto& make : {whole, in_blocks}) {
      run(op, make(d, dtype::f16, {0, 5, 7}));
      run(op, make(d, dtype::f16, {5, 0, 7}));
      for (const int64_t m : {3, 20, 70}) run(op, make(d, dtype::bf16, {m, 5, 0}));  // zeros
    }
    test_case c = gemm_scaled(output(dtype::f32, {3, 5}), operand(d, {3, 0}), operand(d, {5, 0}), none(), none(),
                              input(dtype::f32, {5}, fills::normal()), input(dtype::f32, {3, 5}, fills::normal()));
    run(op, c);
  }
}

TEST(gemm_scaled, bias_activation_and_residual) {
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const dtype out : output_types) {
      for (const int64_t m : in_turn(extents{3, 40, 130}, turn++)) {
        const int64_t n = 72, k = 144;
        const tensor bias = input(out, {n}, fills::normal()), residual = input(out, {m, n}, fills::normal());
        for (const auto& make : in_turn(makers, turn)) {
          test_case c = make(d, out, {m, n, k});
          const auto& a = c.arguments;
          run(op, gemm_scaled(a[0], a[1], a[2], a[3], a[4], bias));
          run(op, gemm_scaled(a[0], a[1], a[2], a[3], a[4], none(), residual));
          run(op, gemm_scaled(a[0], a[1], a[2], a[3], a[4], bias, residual, HIPINFER_GEMM_ACTIVATION_SILU));
          tensor apart = a[0], further = residual;
          run(op, gemm_scaled(apart.with_gap(5), a[1], a[2], a[3], a[4], bias, further.with_gap(9),
                              HIPINFER_GEMM_ACTIVATION_RELU));
          test_case in_place =
              gemm_scaled(inout(out, {m, n}, fills::normal()).with_gap(2), a[1], a[2], a[3], a[4], bias);
          in_place.call = [](auto h, auto t, auto, auto s) {
            return hipinfer_gemm_scaled(h, t[0], t[1], t[2], t[3], t[4], t[5], t[0], nullptr, s);
          };
          run(op, in_place);
        }
      }
    }
  }
}

// Each matrix with scales of its own, the same weight for all, one scale for all, and no matrix at all.
TEST(gemm_scaled, batches) {
  size_t turn = 0;
  for (const shape& s : {shape{3, 20, 144}, shape{37, 140, 272}, shape{140, 131, 144}, shape{130, 136, 131}}) {
    for (const dtype d : in_turn(operand_types, turn++)) {
      const int64_t b = 3;
      const tensor x = operand(d, {b, s.m, s.k}), w = operand(d, {b, s.n, s.k});
      run(op, gemm_scaled(output(dtype::bf16, {b, s.m, s.n}), x, w, scale(d, {b, s.m, 1}), scale(d, {b, s.n, 1})));
      run(op, gemm_scaled(output(dtype::f32, {b, s.m, s.n}).with_gap(3), x, w, scale(d, {b, s.m, blocks(s.k)}),
                          scale(d, {b, blocks(s.n), blocks(s.k)})));
      tensor shared = operand(d, {b, s.n, s.k});
      run(op, gemm_scaled(output(dtype::f16, {b, s.m, s.n}), x, shared.strided({0, s.k, 1}), scale(d, {1}),
                          scale(d, {b, 1, 1})));
    }
  }
  for (const dtype d : operand_types) {
    run(op, gemm_scaled(output(dtype::f16, {0, 3, 5}), operand(d, {0, 3, 7}), operand(d, {0, 5, 7}),
                        scale(d, {0, 3, 1}), none()));
    // One element is one number, whatever its rank.
    run(op, gemm_scaled(output(dtype::f16, {3, 5}), operand(d, {3, 16}), operand(d, {5, 16}), scale(d, {1, 1, 1}),
                        scale(d, {1, 1})));
  }
  const dtype d = dtype::e4m3fn;
  refused(op,
          gemm_scaled(output(dtype::f16, {2, 3, 4}), operand(d, {2, 3, 8}), operand(d, {2, 4, 8}), scale(d, {3, 1}),
                      none()),
          HIPINFER_STATUS_INVALID_RANK, "input_scale");
}

TEST(gemm_scaled, unaligned_and_strided) {
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const shape& s : {shape{3, 20, 64}, shape{37, 70, 176}, shape{140, 131, 144}}) {
      for (const auto& make : in_turn(makers, turn++)) {
        test_case c = make(d, dtype::f16, s), gaps = c, aligned = c, repeated = c;
        c.arguments[0].starting_at(1);
        c.arguments[1].starting_at(3);
        run(op, c);
        gaps.arguments[0].with_gap(3);
        gaps.arguments[2].with_gap(1);
        run(op, gaps);
        // Aligned rows with gaps: a slice of a fused activation, or of a larger weight.
        aligned.arguments[1].with_gap(48);
        aligned.arguments[2].with_gap(16);
        run(op, aligned);
        // Rows so far apart that a tile's offsets need more than 32 bits.
        if (s.m == 3) {
          test_case far = repeated;
          far.arguments[1].with_gap(1 << 22);
          run(op, far);
        }
        repeated.arguments[1].strided({0, 1});
        run(op, repeated);
      }
    }
  }
}

// Every code of either operand, NaN of both signs among them, in a row of zeros: its value comes out, or NaN.
TEST(gemm_scaled, every_code) {
  for (const dtype d : operand_types) {
    for (const int64_t m : in_turn(extents{16, 64, 256}, 1)) {
      const int64_t k = 256;
      const auto codes = [&](int64_t rows, int64_t first) {
        tensor t = input(dtype::u8, {rows, k}, fills::constant(0));
        for (int64_t r = 0; r < rows; ++r) t.contents[r * k + (first + r) * 37 % k] = static_cast<double>(first + r);
        return t;
      };
      const auto ones = [&](int64_t rows) {
        tensor t = input(dtype::u8, {rows, k}, fills::constant(0));
        const double one = d == dtype::i8 ? 1 : d == dtype::e4m3fn ? 0x38 : 0x40;
        for (double& x : t.contents) x = one;
        return t;
      };
      for (int64_t first = 0; first < 256; first += m) {
        for (const bool of_weight : {false, true}) {
          test_case c = gemm_scaled(output(dtype::f32, {m, of_weight ? m : 16}), of_weight ? ones(m) : codes(m, first),
                                    of_weight ? codes(m, first) : ones(16), none(), none());
          c.call = [d](auto h, auto t, auto, auto s) {
            hipinfer_tensor x = *t[1], w = *t[2];
            x.dtype = w.dtype = abi_dtype(d);
            return hipinfer_gemm_scaled(h, t[0], &x, &w, nullptr, nullptr, nullptr, nullptr, nullptr, s);
          };
          c.exact = true;
          run(op, c);
        }
      }
    }
  }
}

// Integers and powers of two: exact in every order, so any slip of an index shows, whatever its size.
TEST(gemm_scaled, exact) {
  for (const dtype d : operand_types) {
    for (const shape& s : {shape{1, 40, 400}, shape{7, 33, 144}, shape{40, 300, 272}, shape{200, 150, 144}}) {
      const auto integers = [&](int64_t rows) { return input(d, {rows, s.k}, fills::integers(-8, 8)); };
      const auto powers = [](std::vector<int64_t> extents) {
        return input(dtype::f32, std::move(extents), fills::values({0.5, 4, 1, 2, 0.25}));
      };
      for (const bool by_block : {false, true}) {
        test_case c = gemm_scaled(output(dtype::f32, {s.m, s.n}), integers(s.m), integers(s.n),
                                  powers({s.m, by_block ? blocks(s.k) : 1}),
                                  powers({by_block ? blocks(s.n) : s.n, by_block ? blocks(s.k) : 1}),
                                  input(dtype::f32, {s.n}, fills::integers(-50, 50)),
                                  input(dtype::f32, {s.m, s.n}, fills::integers(-900, 900)));
        c.exact = true;
        run(op, c);
      }
    }
  }
}

// The longest sums that fit 32 bits: they are rounded once. One element more is refused, but for scales of blocks.
TEST(gemm_scaled, longest_integers) {
  constexpr int64_t most = 131071;
  const dtype d = dtype::i8;
  const auto lowest = [](int64_t rows, int64_t k) { return input(dtype::i8, {rows, k}, fills::constant(-128)); };
  for (const int64_t m : in_turn(extents{2, 65}, 0)) {
    tensor x = lowest(m, most);
    x.contents[most - 1] = 127;
    x.contents[most] = 126;
    test_case c = gemm_scaled(output(dtype::f32, {m, 2}), x.with_gap(1), lowest(2, most).with_gap(1), none(), none());
    c.exact = true;
    run(op, c);
  }
  refused(op, gemm_scaled(output(dtype::f32, {2, 2}), lowest(2, most + 1), lowest(2, most + 1), none(), none()),
          HIPINFER_STATUS_INVALID_SHAPE, "131071");
  if (!quick()) run(op, in_blocks(d, dtype::f32, {2, 2, most + 1}));
}

TEST(gemm_scaled, hostile_values) {
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const int64_t m : in_turn(extents{4, 40, 130}, turn++)) {
      const int64_t n = 140, k = 272;
      for (const auto& make : {whole, in_blocks}) {
        // Scales of 0, infinities and NaN; the last row, block and column among them.
        for (const double hostile : std::initializer_list<double>{0.0, INFINITY, -INFINITY, NAN, -0.5}) {
          test_case c = make(d, dtype::f32, {m, n, k});
          c.arguments[3].contents[1] = hostile;
          c.arguments[3].contents.back() = hostile;
          c.arguments[4].contents.back() = hostile;
          run(op, c);
        }
        if (d == dtype::i8) continue;
        // A NaN of the input spoils its row, one of the weight its column.
        test_case c = make(d, dtype::bf16, {m, n, k});
        c.arguments[1].contents[1 * k + 3] = NAN;
        c.arguments[1].contents[m * k - 1] = NAN;
        c.arguments[2].contents[(n - 1) * k + k - 1] = NAN;
        c.arguments[2].contents[5 * k + 130] = NAN;
        run(op, c);
      }
      // The largest and smallest values of the encoding.
      const double largest = largest_of(d);
      test_case c =
          gemm_scaled(output(dtype::f32, {m, n}), input(d, {m, k}, fills::values({largest, -largest, 0x1p-10})),
                      input(d, {n, k}, fills::values({largest, 0x1p-9, -largest, largest, 0.0})), none(), none());
      c.floor = 272 * largest * largest;
      run(op, c);
    }
  }
}

// In a batch-invariant context a row has the same bits alone, in a batch, and in a copy that is not aligned.
TEST(gemm_scaled, batch_invariance) {
  in_batch_invariant_contexts([](hipinfer_context context, const std::string& device) {
    for (const dtype d : operand_types) {
      for (const auto& make : {whole, in_blocks}) {
        const int64_t m = 300, n = 130, k = 400;
        const test_case all = make(d, dtype::f32, {m, n, k});
        const std::vector<double> expected = results_in(context, all)[0];
        for (const auto& [first, count] :
             {std::pair<int64_t, int64_t>{0, 1}, {m - 1, 1}, {10, 3}, {0, 64}, {70, 129}}) {
          for (const int64_t start : {0, 1}) {
            test_case part = all;
            for (const size_t i : {0, 1, 3}) part.arguments[i] = rows_of(all.arguments[i], first, count);
            part.arguments[1].starting_at(start);
            expect_same_bits(results_in(context, part)[0], expected, first * n,
                             device + ": " + name_of(d) + ", rows from " + std::to_string(first) + ", " +
                                 std::to_string(count) + ", start " + std::to_string(start));
          }
        }
      }
    }
  });
}

TEST(gemm_scaled, refuses) {
  const dtype d = dtype::e4m3fn, h = dtype::f16;
  const auto with = [&](tensor of_input, tensor of_weight) {
    return gemm_scaled(output(h, {3, 300}), operand(d, {3, 272}), operand(d, {300, 272}), std::move(of_input),
                       std::move(of_weight));
  };
  contract(op, gemm_scaled(output(h, {3, 300}), operand(d, {3, 272}), operand(d, {300, 272}), scale(d, {3, 3}),
                           scale(d, {3, 3}), input(h, {300}, fills::normal()), input(h, {3, 300}, fills::normal())));
  contract(op, with(scale(d, {1}), scale(d, {1})));
  for (const auto& extents : {std::vector<int64_t>{2, 1}, {4, 3}, {0, 1}, {3, 2}, {3, 272}, {3, 0}}) {
    refused(op, with(scale(d, extents), none()), HIPINFER_STATUS_INVALID_SHAPE, "input_scale");
  }
  for (const auto& extents : {std::vector<int64_t>{2, 1}, {4, 3}, {299, 1}, {3, 2}, {300, 3}}) {
    refused(op, with(none(), scale(d, extents)), HIPINFER_STATUS_INVALID_SHAPE, "weight_scale");
  }
  refused(op, with(scale(d, {3}), none()), HIPINFER_STATUS_INVALID_SHAPE, "input_scale");
  refused(op, gemm_scaled(output(h, {3, 6}), operand(d, {3, 8}), operand(dtype::e4m3fnuz, {6, 8}), none(), none()),
          HIPINFER_STATUS_INVALID_DTYPE, "weight");
  refused(op,
          gemm_scaled(output(h, {3, 6}), operand(dtype::e5m2, {3, 8}), operand(dtype::e5m2, {6, 8}), none(), none()),
          HIPINFER_STATUS_INVALID_DTYPE, "input");
  refused(op,
          gemm_scaled(output(h, {3, 6}), operand(d, {3, 8}), operand(d, {6, 8}), none(), none(),
                      input(dtype::f32, {6}, fills::normal())),
          HIPINFER_STATUS_INVALID_DTYPE, "");
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(gemm_scaled, known_answer) {
  for (const dtype d : operand_types) {
    auto c = gemm_scaled(
        output(dtype::f32, {2, 2}), input(d, {2, 2}, fills::values({1, 2, 3, 4})),
        input(d, {2, 2}, fills::values({5, 6, 7, 8})), input(dtype::f32, {2, 1}, fills::values({2, 0.5})),
        input(dtype::f32, {2, 1}, fills::values({10, 1})), input(dtype::f32, {2}, fills::values({100, 200})),
        input(dtype::f32, {2, 2}, fills::values({1, 0, 0, -2})));
    // Sums 17, 23, 39, 53, times 20, 2, 5, 0.5.
    c.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{441, 246, 295, 224.5})) << r.where; };
    run(op, c);
    // Blocks: ones, in the last of which there are two; 128 * 0.5 * 3 + 2 * 2 * 7.
    const int64_t k = block + 2;
    auto b = gemm_scaled(output(dtype::f32, {1, 1}), input(d, {1, k}, fills::constant(1)),
                         input(d, {1, k}, fills::constant(1)), input(dtype::f32, {1, 2}, fills::values({0.5, 2})),
                         input(dtype::f32, {1, 2}, fills::values({3, 7})));
    b.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{220})) << r.where; };
    run(op, b);
  }
}
