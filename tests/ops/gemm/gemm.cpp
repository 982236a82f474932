// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/gemm.api.h"
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/check/matrices.h"

using namespace check;

namespace {

struct shape {
  int64_t m, n, k;
};

// An output of k products of standard normal values has a standard deviation of sqrt(k); rounding errors are
// of that size even where a short row happens to come out near zero.
test_case gemm(tensor output, tensor input, tensor weight, tensor bias = none(), tensor residual = none(),
               int32_t activation = HIPINFER_GEMM_ACTIVATION_NONE) {
  const int64_t depth = input.shape.back();
  const double scale = std::sqrt(static_cast<double>(depth));
  test_case c{{std::move(output), std::move(input), std::move(weight), std::move(bias), std::move(residual)},
              [activation](auto c, auto t, auto, auto s) {
                hipinfer_gemm_options options{};
                options.struct_size = sizeof options;
                options.activation = activation;
                const bool defaults = activation == HIPINFER_GEMM_ACTIVATION_NONE;
                return hipinfer_gemm(c, t[0], t[1], t[2], t[3], t[4], defaults ? nullptr : &options, s);
              }};
  c.floor = scale;
  // A matrix instruction adds 16 products to a sum that it may truncate: two units a step, of H200's.
  c.fp32_units = 32 + static_cast<double>(depth) / 8;
  return c;
}

test_case plain(dtype d, dtype out, shape s) {
  return gemm(output(out, {s.m, s.n}), normal_operand(d, {s.m, s.k}), normal_operand(d, {s.n, s.k}));
}

}  // namespace

TEST(gemm, shapes) {
  const shape shapes[] = {
      {1, 1, 1},     {1, 5, 3},       {2, 3, 5},     {3, 2, 8},      {4, 7, 16},      {5, 5, 33},   {1, 129, 1024},
      {2, 64, 257},  {8, 40, 96},     {9, 16, 32},   {17, 33, 65},   {31, 65, 31},    {63, 64, 8},  {64, 63, 40},
      {65, 130, 24}, {128, 128, 128}, {129, 127, 7}, {256, 128, 64}, {130, 257, 100}, {1, 1, 4099},
  };
  size_t turn = 0;
  for (const dtype d : float_types) {
    ++turn;  // so that f16 and bf16 take turns with the outputs of a shape
    for (const shape& s : shapes) {
      for (const dtype out : in_turn(d == dtype::f32 ? dtypes{d} : dtypes{d, dtype::f32}, turn++)) {
        run("gemm", plain(d, out, s));
      }
    }
  }
}

// Several groups of rows of tiles, the last one short; many rows and many columns of little else.
// Tiles and slices, one element less and more, and several of them. The last product of a sum outweighs the others.
TEST(gemm, edges) {
  const auto heavy = [](shape s, dtype d) {
    test_case c = plain(d, d, s);
    for (int64_t i = 0; i < s.m; ++i) c.arguments[1].contents[i * s.k + s.k - 1] = 30;
    run("gemm", c);
  };
  const dtypes all = {dtype::bf16, dtype::f16, dtype::f32};
  size_t turn = 0;
  for (const int64_t m : edge_lengths("gemm", "M")) {
    for (const dtype d : in_turn(all, turn++)) heavy({m, 7, 40}, d);
  }
  for (const int64_t n : edge_lengths("gemm", "N")) {
    for (const dtype d : in_turn(all, turn++)) {
      heavy({3, n, 40}, d);
      heavy({20, n, 40}, d);
    }
  }
  for (const int64_t k : edge_lengths("gemm", "K")) {
    for (const dtype d : in_turn(all, turn++)) {
      heavy({3, 9, k}, d);
      heavy({20, 9, k}, d);
    }
  }
}

// Few tiles and a long k, which blocks share out.
TEST(gemm, long_k) {
  for (const dtype d : {dtype::f16, dtype::bf16}) {
    for (const shape& s : {shape{16, 40, 2048}, shape{130, 72, 1992}, shape{33, 136, 2050}, shape{5, 130, 4096}}) {
      run("gemm", gemm(output(d, {s.m, s.n}), normal_operand(d, {s.m, s.k}), normal_operand(d, {s.n, s.k}),
                       normal_operand(d, {s.n}), normal_operand(d, {s.m, s.n})));
    }
  }
}

TEST(gemm, many_tiles) {
  run("gemm", plain(dtype::bf16, dtype::bf16, {128 * 9 - 3, 128 * 4 - 5, 40}));
  run("gemm", plain(dtype::f32, dtype::f32, {64 * 11 + 1, 64 * 9 - 1, 17}));
  const int64_t many = quick() ? 6000 : 30000;
  run("gemm", plain(dtype::f16, dtype::f16, {many, 3, 9}));
  run("gemm", plain(dtype::f16, dtype::f16, {2, many, 9}));
}

// By every kernel with tiles, aligned and not, and with rows of the output that are stored 16 bytes at a time, and not.
TEST(gemm, every_size_of_tile) {
  for (const dtype d : {dtype::f16, dtype::bf16}) {
    for (const int64_t k : {144, 131}) run("gemm", plain(d, d, {256 + 3, 256 + 9, k}));
    run("gemm", gemm(output(d, {130, 264}), normal_operand(d, {130, 200}), normal_operand(d, {264, 200}),
                     normal_operand(d, {264}), normal_operand(d, {130, 264})));
  }
}

TEST(gemm, every_tail_of_k) {
  for (const dtype d : float_types) {
    for (int64_t k = 1; k <= 72; ++k) {
      if (quick() && d != dtype::f32 && (k % 2 == 0) != (d == dtype::f16)) continue;  // f16 and bf16 in turn
      run("gemm", plain(d, d, {3, 4, k}));
      run("gemm", gemm(output(d, {20, 4}), normal_operand(d, {20, k}).with_gap((72 - k) % 8 + 8),
                       normal_operand(d, {4, k}).with_gap(80 - k)));
    }
  }
}

TEST(gemm, empty) {
  for (const dtype d : float_types) {
    run("gemm", plain(d, d, {0, 5, 7}));
    run("gemm", plain(d, d, {5, 0, 7}));
    for (const int64_t m : {3, 20}) {
      run("gemm", plain(d, d, {m, 5, 0}));  // zeros
      run("gemm", gemm(output(d, {m, 5}), normal_operand(d, {m, 0}), normal_operand(d, {5, 0}), normal_operand(d, {5}),
                       normal_operand(d, {m, 5})));
    }
  }
}

TEST(gemm, bias_and_residual) {
  size_t turn = 0;
  for (const dtype d : float_types) {
    for (const dtype out : {d, dtype::f32}) {
      for (const int64_t m : in_turn(extents{1, 3, 40, 130}, turn++)) {
        const int64_t n = 70, k = 48;
        const tensor x = normal_operand(d, {m, k}), w = normal_operand(d, {n, k}), bias = normal_operand(d, {n}),
                     residual = normal_operand(out, {m, n});
        run("gemm", gemm(output(out, {m, n}), x, w, bias));
        run("gemm", gemm(output(out, {m, n}), x, w, none(), residual));
        run("gemm", gemm(output(out, {m, n}), x, w, bias, residual));
        run("gemm", gemm(output(out, {m, n}).with_gap(5), x, w, bias, normal_operand(out, {m, n}).with_gap(9)));
        // The residual stream, updated in place.
        test_case in_place = gemm(inout(out, {m, n}, fills::normal()).with_gap(2), x, w, bias);
        in_place.call = [](auto c, auto t, auto, auto s) {
          return hipinfer_gemm(c, t[0], t[1], t[2], t[3], t[0], nullptr, s);
        };
        run("gemm", in_place);
      }
    }
  }
}

TEST(gemm, activations) {
  size_t turn = 0;
  for (const dtype d : float_types) {
    for (const int32_t f : {HIPINFER_GEMM_ACTIVATION_RELU, HIPINFER_GEMM_ACTIVATION_SILU, HIPINFER_GEMM_ACTIVATION_GELU,
                            HIPINFER_GEMM_ACTIVATION_GELU_TANH}) {
      for (const shape& s :
           in_turn(std::vector<shape>{shape{1, 40, 64}, shape{3, 21, 33}, shape{70, 72, 48}, shape{140, 131, 72}},
                   turn++)) {
        // Of both signs and far from 0, and the residual is added to what they give.
        run("gemm", gemm(output(d, {s.m, s.n}), normal_operand(d, {s.m, s.k}), normal_operand(d, {s.n, s.k}),
                         normal_operand(d, {s.n}), none(), f));
        run("gemm", gemm(output(dtype::f32, {s.m, s.n}), normal_operand(d, {s.m, s.k}), normal_operand(d, {s.n, s.k}),
                         none(), normal_operand(dtype::f32, {s.m, s.n}), f));
      }
      tensor x = input(d, {5, 16}, fills::uniform(0.5, 2));
      x.contents[16] = NAN;
      x.contents[32] = INFINITY;
      x.contents[48] = -INFINITY;
      run("gemm", gemm(output(d, {5, 12}), x, input(d, {12, 16}, fills::uniform(0.5, 2)), none(), none(), f));
    }
  }
  refused("gemm",
          gemm(output(dtype::f16, {3, 4}), normal_operand(dtype::f16, {3, 8}), normal_operand(dtype::f16, {4, 8}),
               none(), none(), 5),
          HIPINFER_STATUS_INVALID_ARGUMENT, "activation");
}

// Each matrix of a batch with every kernel, with strides of its own, the same weight for all, and none at all.
TEST(gemm, batches) {
  const dtypes all = {dtype::f16, dtype::bf16, dtype::f32};
  size_t turn = 0;
  for (const shape& s :
       {shape{1, 9, 40}, shape{3, 20, 64}, shape{37, 70, 64}, shape{140, 131, 72}, shape{130, 136, 61}}) {
    for (const dtype d : in_turn(all, turn++)) {
      const int64_t b = 3;
      run("gemm", gemm(output(d, {b, s.m, s.n}), normal_operand(d, {b, s.m, s.k}), normal_operand(d, {b, s.n, s.k}),
                       normal_operand(d, {s.n}), normal_operand(d, {b, s.m, s.n})));
      run("gemm", gemm(output(dtype::f32, {b, s.m, s.n}).with_gap(3), normal_operand(d, {b, s.m, s.k}).with_gap(16),
                       normal_operand(d, {b, s.n, s.k}).with_gap(8)));
      run("gemm", gemm(output(d, {b, s.m, s.n}), normal_operand(d, {b, s.m, s.k}),
                       normal_operand(d, {b, s.n, s.k}).strided({0, s.k, 1})));
    }
  }
  for (const dtype d : float_types) {
    run("gemm", gemm(output(d, {0, 3, 5}), normal_operand(d, {0, 3, 7}), normal_operand(d, {0, 5, 7})));
    run("gemm", gemm(output(d, {2, 3, 5}), normal_operand(d, {2, 3, 0}), normal_operand(d, {2, 5, 0})));
  }
  const dtype h = dtype::f16;
  refused("gemm", gemm(output(h, {2, 3, 4}), normal_operand(h, {2, 3, 8}), normal_operand(h, {4, 8})),
          HIPINFER_STATUS_INVALID_RANK, "weight");
}

TEST(gemm, unaligned_and_strided) {
  const dtypes all = {dtype::f16, dtype::bf16, dtype::f32};
  size_t turn = 0;
  for (const shape& s : {shape{1, 9, 40}, shape{3, 20, 64}, shape{37, 70, 64}, shape{140, 131, 72}}) {
    for (const dtype d : in_turn(all, turn++)) {
      run("gemm", gemm(output(d, {s.m, s.n}).starting_at(1), normal_operand(d, {s.m, s.k}).starting_at(3),
                       normal_operand(d, {s.n, s.k})));
      run("gemm", gemm(output(d, {s.m, s.n}).with_gap(3), normal_operand(d, {s.m, s.k}),
                       normal_operand(d, {s.n, s.k}).with_gap(1), normal_operand(d, {s.n}).starting_at(1)));
      // Aligned rows with gaps: the q part of a fused activation, a slice of a larger weight.
      run("gemm", gemm(output(d, {s.m, s.n}), normal_operand(d, {s.m, s.k}).with_gap(16),
                       normal_operand(d, {s.n, s.k}).with_gap(8)));
      // Rows so far apart that a tile's offsets need more than 32 bits.
      if (s.m == 3) {
        run("gemm", gemm(output(d, {s.m, s.n}), normal_operand(d, {s.m, s.k}).with_gap(1 << 21),
                         normal_operand(d, {s.n, s.k})));
      }
      // Every row of the input is the same one.
      run("gemm",
          gemm(output(d, {s.m, s.n}), normal_operand(d, {s.m, s.k}).strided({0, 1}), normal_operand(d, {s.n, s.k})));
    }
  }
}

// Sums that are small beside their terms: the terms' size, not the sum's, bounds the error of any order of
// summation.
TEST(gemm, cancellation) {
  for (const dtype d : float_types) {
    for (const int64_t m : {2, 30}) {
      const int64_t n = 20, k = 128;
      tensor x = normal_operand(d, {m, k}), w = input(d, {n, k}, fills::constant(1));
      for (int64_t r = 0; r < m; ++r) {
        for (int64_t i = 0; i < k / 2; ++i) {
          x.contents[r * k + i] = round_to(d, 100 + i);
          x.contents[r * k + k / 2 + i] = -x.contents[r * k + i];
        }
      }
      test_case c = gemm(output(d, {m, n}), x, w);
      c.floor = 1;
      // Every partial sum is an integer below 2^24: the result is an exact zero in any order.
      c.exact = true;
      run("gemm", c);
    }
  }
}

// Small integers: exact in every order, so any slip of an index shows, whatever its size.
TEST(gemm, exact_integers) {
  for (const dtype d : float_types) {
    for (const shape& s : {shape{1, 40, 200}, shape{7, 33, 65}, shape{70, 90, 100}, shape{200, 150, 48}}) {
      test_case c = gemm(output(dtype::f32, {s.m, s.n}), input(d, {s.m, s.k}, fills::integers(-8, 8)),
                         input(d, {s.n, s.k}, fills::integers(-8, 8)), input(d, {s.n}, fills::integers(-50, 50)),
                         input(dtype::f32, {s.m, s.n}, fills::integers(-900, 900)));
      c.exact = true;
      run("gemm", c);
    }
  }
}

TEST(gemm, hostile_values) {
  for (const dtype d : float_types) {
    for (const int64_t m : {4, 40}) {
      const int64_t n = 70, k = 45;
      // Zeros of both signs, subnormals and large values; a row's scale is that of its largest terms.
      test_case c = gemm(output(dtype::f32, {m, n}), input(d, {m, k}, fills::hostile(d, false)),
                         input(d, {n, k}, fills::hostile(d, false)));
      c.floor = 1e5;
      run("gemm", c);
      // A NaN or infinity of the input spoils its row, one of the weight its column, one of bias or residual
      // what it is added to; the last elements of k, rows and columns included.
      tensor x = input(d, {m, k}, fills::uniform(0.5, 2)), w = input(d, {n, k}, fills::uniform(0.5, 2));
      tensor bias = input(d, {n}, fills::uniform(0.5, 2)), residual = input(d, {m, n}, fills::uniform(0.5, 2));
      x.contents[1 * k + 3] = NAN;
      x.contents[(m - 1) * k + k - 1] = INFINITY;
      w.contents[2 * k + 7] = -INFINITY;
      w.contents[(n - 1) * k + k - 1] = NAN;
      w.contents[5 * k + k - 1] = 0;  // times the infinity: NaN
      bias.contents[9] = INFINITY;
      residual.contents[11] = NAN;
      run("gemm", gemm(output(d, {m, n}), x, w, bias, residual));
    }
  }
  // Past f16's largest value, and only there.
  tensor x = input(dtype::f16, {3, 64}, fills::constant(1));
  x.contents[64 + 1] = 60000;
  x.contents[64 + 2] = 60000;
  run("gemm", gemm(output(dtype::f16, {3, 20}), x, input(dtype::f16, {20, 64}, fills::constant(1))));
}

// In a batch-invariant context a row has the same bits alone, in a batch, and in a copy that is not aligned.
TEST(gemm, batch_invariance) {
  in_batch_invariant_contexts([](hipinfer_context context, const std::string& device) {
    // On a GPU the second batch is of more 128 x 128 tiles than there are compute units, so that it gets
    // other tiles.
    const bool cpu = device.rfind("cpu", 0) == 0;
    const int64_t many = cpu ? 200 : quick() ? 128 * 12 : 128 * 64;
    for (const shape& batch : {shape{300, 130, 1000}, shape{many, 128 * 6, 72}}) {
      for (const dtype d : float_types) {
        const test_case all = plain(d, dtype::f32, batch);
        const std::vector<double> expected = results_in(context, all)[0];
        for (const auto& [first, count] :
             {std::pair<int64_t, int64_t>{0, 1}, {batch.m - 1, 1}, {10, 3}, {0, 64}, {70, 129}}) {
          for (const int64_t start : {0, 1}) {
            test_case part = all;
            for (const size_t i : {0, 1}) part.arguments[i] = rows_of(all.arguments[i], first, count);
            part.arguments[1].starting_at(start);
            expect_same_bits(results_in(context, part)[0], expected, first * batch.n,
                             device + ": " + name_of(d) + ", rows from " + std::to_string(first) + ", " +
                                 std::to_string(count) + " of " + std::to_string(batch.m) + ", start " +
                                 std::to_string(start));
          }
        }
      }
    }
  });
}

TEST(gemm, refuses) {
  const dtype d = dtype::f16;
  contract("gemm", gemm(output(d, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 8}), normal_operand(d, {6}),
                        normal_operand(d, {3, 6})));
  // In place over the input: other rows would still need it.
  test_case over_input = gemm(output(d, {8, 8}), normal_operand(d, {8, 8}), normal_operand(d, {8, 8}));
  over_input.call = [](auto c, auto t, auto, auto s) {
    return hipinfer_gemm(c, t[0], t[0], t[2], t[3], t[4], nullptr, s);
  };
  refused("gemm", over_input, HIPINFER_STATUS_ALIASING, "same memory");
  refused("gemm", gemm(output(d, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 9})),
          HIPINFER_STATUS_INVALID_SHAPE, "K = 8");
  refused("gemm", gemm(output(dtype::bf16, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 8})),
          HIPINFER_STATUS_INVALID_DTYPE, "output");
  refused("gemm",
          gemm(output(dtype::f32, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 8}), none(),
               normal_operand(d, {3, 6})),
          HIPINFER_STATUS_INVALID_DTYPE, "output");
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(gemm, known_answer) {
  for (const dtype d : float_types) {
    auto c = gemm(output(d, {2, 2}), input(d, {2, 2}, fills::values({1, 2, 3, 4})),
                  input(d, {2, 2}, fills::values({5, 6, 7, 8})), input(d, {2}, fills::values({100, 200})),
                  input(d, {2, 2}, fills::values({1, 0, 0, -2})));
    c.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{118, 223, 139, 251})) << r.where; };
    run("gemm", c);
  }
}
