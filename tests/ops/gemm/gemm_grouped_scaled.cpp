// SPDX-License-Identifier: Apache-2.0
// What segments and scales do to each other; gemm_grouped's and gemm_scaled's tests have the rest of either.
#include <cmath>

#include "gen/gemm_grouped_scaled.api.h"
#include "tests/check/edges.h"
#include "tests/check/scaled_matrices.h"
#include "tests/check/segments.h"

using namespace check;

namespace {

constexpr const char* op = "gemm_grouped_scaled";
test_case grouped(tensor output, tensor input, tensor weight, tensor input_scale, tensor weight_scale, tensor indptr,
                  tensor weight_indices = none(), tensor residual = none(),
                  int32_t activation = HIPINFER_GEMM_ACTIVATION_NONE) {
  test_case c{{std::move(output), std::move(input), std::move(weight), std::move(input_scale), std::move(weight_scale),
               std::move(indptr), std::move(weight_indices), std::move(residual)},
              [activation](auto c, auto t, auto, auto s) {
                hipinfer_gemm_grouped_scaled_options options{};
                options.struct_size = sizeof options;
                options.activation = activation;
                return hipinfer_gemm_grouped_scaled(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], &options, s);
              }};
  allow_scaled_products(c);
  return c;
}

// Rows before and after all segments stay as they are.
test_case whole(dtype d, dtype out, const extents& lengths, int64_t n, int64_t k) {
  const int64_t m = total(lengths) + 3, g = count(lengths);
  return grouped(inout(out, {m, n}, fills::normal()), operand(d, {m, k}), operand(d, {g, n, k}), scale(d, {m, 1}),
                 scale(d, {g, n, 1}), offsets(lengths, 2));
}
test_case in_blocks(dtype d, dtype out, const extents& lengths, int64_t n, int64_t k) {
  const int64_t m = total(lengths) + 3, g = count(lengths);
  return grouped(inout(out, {m, n}, fills::normal()), operand(d, {m, k}), operand(d, {g, n, k}),
                 scale(d, {m, blocks(k)}), scale(d, {g, blocks(n), blocks(k)}), offsets(lengths, 2));
}
using maker = test_case (*)(dtype d, dtype out, const extents& lengths, int64_t n, int64_t k);
const std::vector<maker> makers = {whole, in_blocks};

}  // namespace

TEST(gemm_grouped_scaled, segments) {
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const extents& lengths : {extents{1}, extents{0, 3, 0}, extents{1, 1, 1, 1, 1}, extents{16, 17, 0, 33},
                                   extents{2, 130, 1}, extents{3, 0, 5, 1, 2, 0, 40, 1, 1, 2, 3, 4}}) {
      for (const dtype out : in_turn(output_types, turn++)) {
        for (const int64_t k : in_turn(extents{144, 131}, turn)) {
          for (const maker make : makers) run(op, make(d, out, lengths, k == 144 ? 140 : 37, k));
        }
      }
    }
  }
}

TEST(gemm_grouped_scaled, edges) {
  const dtypes both = {dtype::e4m3fn, dtype::i8};
  size_t turn = 0;
  const auto heavy = [&](const extents& lengths, int64_t n, int64_t k) {
    for (const dtype d : in_turn(both, turn++)) {
      for (const maker make : in_turn(makers, turn / 2)) {
        test_case c = make(d, dtype::f32, lengths, n, k);
        tensor& w = c.arguments[2];
        for (size_t i = k - 1; i < w.contents.size(); i += k) w.contents[i] = 28;
        run(op, c);
      }
    }
  };
  for (const int64_t m : edge_lengths(op, "M")) {
    if (!quick() || m < 1200) heavy({1, m, 2}, 7, 48);
  }
  for (const int64_t n : edge_lengths(op, "N")) heavy({3, 2}, n, 48);
  for (const int64_t k : edge_lengths(op, "K")) {
    if (!quick() || k < 4200) heavy({3, 2}, 9, k);
  }
}

TEST(gemm_grouped_scaled, every_scale) {
  size_t combination = 0;
  for (const dtype d : operand_types) {
    for (const extents& lengths : {extents{3, 2, 0}, extents{20, 70, 3}}) {
      const int64_t m = total(lengths), n = 140, k = 144, s = blocks(k);
      for (const tensor& of_input :
           {none(), scale(d, {1}), scale(d, {m, 1}), scale(d, {1, s}), scale(d, {m, s}).strided({1, m})}) {
        for (const tensor& of_weight :
             {none(), scale(d, {}), scale(d, {3, 1, 1}), scale(d, {3, n, 1}), scale(d, {3, blocks(n), 1}),
              scale(d, {3, n, s}), scale(d, {3, blocks(n), s}).strided({1, 3, 7})}) {
          if (quick() && combination++ % 8 != 0) continue;
          const auto extent = [](const tensor& t, size_t from_end) {
            return t.shape.size() < 2 ? 1 : t.shape[t.shape.size() - from_end];
          };
          test_case c = grouped(output(dtype::f32, {m, n}), operand(d, {m, k}), operand(d, {3, n, k}), of_input,
                                of_weight, offsets(lengths));
          const double missing = (of_input.use == role::none) + (of_weight.use == role::none);
          if (d == dtype::i8) c.floor *= std::pow(74, missing);
          if (extent(of_weight, 2) == n && (extent(of_weight, 1) == s || extent(of_input, 1) == s))
            refused(op, c, HIPINFER_STATUS_INVALID_SHAPE, "weight_scale: a scale for each row");
          else
            run(op, c);
        }
      }
    }
  }
}

// Chosen weights with their scales, an activation and a residual, in place; weights whose columns are contiguous.
TEST(gemm_grouped_scaled, weights_activation_and_residual) {
  const extents lengths = {3, 0, 20, 1, 70};
  const int64_t m = total(lengths), n = 72, k = 144;
  size_t turn = 0;
  for (const dtype d : operand_types) {
    for (const dtype out : in_turn(output_types, turn++)) {
      for (const bool by_block : {false, true}) {
        const tensor x = operand(d, {m, k}), of_x = scale(d, {m, by_block ? 2 : 1});
        const tensor w = operand(d, {3, n, k}), of_w = scale(d, {3, by_block ? 1 : n, by_block ? 2 : 1});
        const tensor chosen = index_list({2, 0, 1, 2, 0}, dtype::i64), y = output(out, {m, n});
        const tensor residual = input(out, {m, n}, fills::normal());
        run(op, grouped(y, x, w, of_x, of_w, offsets(lengths), chosen, residual, HIPINFER_GEMM_ACTIVATION_SILU));
        run(op, grouped(inout(out, {m, n}, fills::normal()), x, w, of_x, of_w, offsets(lengths),
                        index_list({-1, 0, 3, 2, 1})));
        test_case in_place =
            grouped(inout(out, {m, n}, fills::normal()).with_gap(2), x, w, of_x, of_w, offsets(lengths), chosen);
        in_place.call = [](auto h, auto t, auto, auto s) {
          return hipinfer_gemm_grouped_scaled(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[0], nullptr, s);
        };
        run(op, in_place);
        tensor columns = w, apart = w, start = x;
        run(op, grouped(y, x, columns.strided({n * k, 1, n}), of_x, of_w, offsets(lengths), chosen));
        run(op, grouped(y, start.starting_at(3), apart.with_gap(1), of_x, of_w, offsets(lengths), chosen));
      }
    }
  }
}

TEST(gemm_grouped_scaled, empty) {
  for (const dtype d : operand_types) {
    for (const maker make : makers) {
      run(op, make(d, dtype::f16, {}, 5, 7));
      run(op, make(d, dtype::f16, {0, 0}, 5, 7));
      run(op, make(d, dtype::bf16, {2, 1}, 5, 0));  // zeros
      run(op, make(d, dtype::bf16, {2, 1}, 0, 5));
    }
  }
}

// Integers and powers of two: exact in every order, so any slip of an index shows, whatever its size.
TEST(gemm_grouped_scaled, exact) {
  for (const dtype d : operand_types) {
    for (const extents& lengths : {extents{7, 1, 0, 9}, extents{40, 100, 0, 61}}) {
      const int64_t m = total(lengths), n = 150, k = 272;
      const auto powers = [](extents shape) {
        return input(dtype::f32, std::move(shape), fills::values({0.5, 4, 1, 2, 0.25}));
      };
      for (const bool by_block : {false, true}) {
        test_case c = grouped(output(dtype::f32, {m, n}), input(d, {m, k}, fills::integers(-8, 8)),
                              input(d, {4, n, k}, fills::integers(-8, 8)), powers({m, by_block ? blocks(k) : 1}),
                              powers({4, by_block ? blocks(n) : n, by_block ? blocks(k) : 1}), offsets(lengths), none(),
                              input(dtype::f32, {m, n}, fills::integers(-900, 900)));
        c.exact = true;
        run(op, c);
      }
    }
  }
}

TEST(gemm_grouped_scaled, refuses) {
  const dtype d = dtype::e4m3fn, h = dtype::f16;
  const auto with = [&](tensor of_input, tensor of_weight) {
    return grouped(output(h, {6, 300}), operand(d, {6, 272}), operand(d, {2, 300, 272}), std::move(of_input),
                   std::move(of_weight), offsets({2, 4}));
  };
  contract(op, grouped(output(h, {6, 300}), operand(d, {6, 272}), operand(d, {2, 300, 272}), scale(d, {6, 3}),
                       scale(d, {2, 3, 3}), offsets({2, 4}), index_list({1, 0}), input(h, {6, 300}, fills::normal())));
  refused(op, with(scale(d, {2, 1}), none()), HIPINFER_STATUS_INVALID_SHAPE, "input_scale");
  refused(op, with(none(), scale(d, {2, 299, 1})), HIPINFER_STATUS_INVALID_SHAPE, "weight_scale");
  refused(op, with(none(), scale(d, {3, 300, 1})), HIPINFER_STATUS_INVALID_SHAPE, "weight_scale");
  refused(op, with(none(), scale(d, {300, 1})), HIPINFER_STATUS_INVALID_RANK, "weight_scale");
  const auto lowest = [](extents shape) { return input(dtype::i8, std::move(shape), fills::constant(-128)); };
  refused(op, grouped(output(h, {1, 1}), lowest({1, 131072}), lowest({1, 1, 131072}), none(), none(), offsets({1})),
          HIPINFER_STATUS_INVALID_SHAPE, "131071");
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(gemm_grouped_scaled, known_answer) {
  for (const dtype d : operand_types) {
    auto c =
        grouped(inout(dtype::f32, {3, 2}, fills::constant(-1)), input(d, {3, 2}, fills::values({1, 2, 3, 4, 5, 6})),
                input(d, {2, 2, 2}, fills::values({1, 0, 0, 1, 2, 3, 4, 5})),
                input(dtype::f32, {3, 1}, fills::values({2, 0.5, 4})),
                input(dtype::f32, {2, 2, 1}, fills::values({1, 10, 100, 2})), index_list({0, 1, 2}), index_list({1, 0}),
                input(dtype::f32, {3, 2}, fills::values({1, 0, 0, 20, 0, 0})));
    // Row 0 with the second weight: 8 and 14 times 2 times 100 and 2. Row 1 with the first: 3 and 4 times 0.5 times 1 and 10.
    c.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{1601, 56, 1.5, 40, -1, -1})) << r.where; };
    run(op, c);
  }
}
