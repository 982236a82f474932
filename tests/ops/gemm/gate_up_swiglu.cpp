// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "gen/gate_up_swiglu.api.h"
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/check/matrices.h"

using namespace check;

namespace {

constexpr const char* op = "gate_up_swiglu";

test_case swiglu(tensor output, tensor input, tensor gate, tensor up) {
  const double depth = static_cast<double>(input.shape.back());
  test_case c{{std::move(output), std::move(input), std::move(gate), std::move(up)},
              [](auto c, auto t, auto, auto s) { return hipinfer_gate_up_swiglu(c, t[0], t[1], t[2], t[3], s); }};
  // Products of two sums of `depth` products each, as in gemm's tests, with their errors.
  c.floor = depth;
  c.fp32_units = 64 + depth / 4;
  return c;
}

test_case plain(dtype d, dtype out, int64_t m, int64_t n, int64_t k) {
  return swiglu(output(out, {m, n}), normal_operand(d, {m, k}), normal_operand(d, {n, k}), normal_operand(d, {n, k}));
}

}  // namespace

TEST(gate_up_swiglu, shapes) {
  size_t turn = 0;
  for (const dtype d : float_types) {
    ++turn;  // so that f16 and bf16 take turns with the outputs of a shape
    for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 1, 1},
                                  {1, 5, 3},
                                  {2, 3, 5},
                                  {4, 7, 16},
                                  {1, 129, 1024},
                                  {8, 40, 96},
                                  {17, 33, 65},
                                  {33, 30, 64},
                                  {65, 130, 24},
                                  {129, 127, 72},
                                  {260, 136, 40},
                                  {0, 5, 7},
                                  {5, 0, 7},
                                  {3, 5, 0}}) {
      for (const dtype out : in_turn(d == dtype::f32 ? dtypes{d} : dtypes{d, dtype::f32}, turn++)) {
        run(op, plain(d, out, m, n, k));
      }
    }
  }
}

TEST(gate_up_swiglu, edges) {
  const dtypes both = {dtype::f32, dtype::bf16};
  for (const int64_t n : edge_lengths(op, "N")) {
    for (const dtype d : in_turn(both, 1)) run(op, plain(d, d, 70, n, 40));
  }
  for (const int64_t m : edge_lengths(op, "M")) {
    for (const dtype d : in_turn(both, 1)) {
      if (m < 600) run(op, plain(d, d, m, 9, 40));
    }
  }
  for (const int64_t k : edge_lengths(op, "K")) {
    for (const dtype d : in_turn(both, 1)) {
      run(op, plain(d, d, 3, 9, k));
      if (!quick()) run(op, plain(d, d, 70, 9, k));
    }
  }
}

TEST(gate_up_swiglu, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const auto& [m, n, k] :
         {std::array<int64_t, 3>{1, 9, 40}, {3, 20, 64}, {37, 70, 64}, {140, 72, 72}, {260, 131, 64}}) {
      run(op, swiglu(output(d, {m, n}).starting_at(1), normal_operand(d, {m, k}).starting_at(3),
                     normal_operand(d, {n, k}), normal_operand(d, {n, k})));
      run(op, swiglu(output(d, {m, n}).with_gap(3), normal_operand(d, {m, k}), normal_operand(d, {n, k}).with_gap(8),
                     normal_operand(d, {n, k}).with_gap(1)));
      run(op, swiglu(output(d, {m, n}), normal_operand(d, {m, k}).with_gap(16), normal_operand(d, {n, k}).with_gap(8),
                     normal_operand(d, {n, k}).with_gap(24)));
    }
    // Rows so far apart that a tile's offsets need more than 32 bits.
    run(op, swiglu(output(d, {3, 20}), normal_operand(d, {3, 64}).with_gap(1 << 21), normal_operand(d, {20, 64}),
                   normal_operand(d, {20, 64})));
  }
}

// Gate and up are told apart, and so are their columns: every gate is 0 or large, exact sums of small integers.
TEST(gate_up_swiglu, gates_open_and_shut) {
  for (const dtype d : float_types) {
    for (const int64_t m : {1, 5, 40, 140}) {
      const int64_t n = 70, k = 64;
      tensor gate = input(d, {n, k}, fills::constant(0));
      for (int64_t i = 0; i < n; i += 3) gate.contents[i * k + i % k] = 64;
      test_case c = swiglu(output(dtype::f32, {m, n}), input(d, {m, k}, fills::integers(1, 4)), gate,
                           input(d, {n, k}, fills::integers(-8, 8)));
      c.floor = 1;
      c.fp32_units = 8;
      run(op, c);
    }
  }
}

TEST(gate_up_swiglu, hostile_values) {
  for (const dtype d : float_types) {
    for (const int64_t m : {4, 40, 140}) {
      const int64_t n = 70, k = 45;
      tensor x = input(d, {m, k}, fills::uniform(0.5, 2)), gate = input(d, {n, k}, fills::uniform(0.5, 2)), up = gate;
      x.contents[1 * k + 3] = NAN;
      x.contents[(m - 1) * k + k - 1] = INFINITY;
      gate.contents[2 * k + 7] = -INFINITY;
      up.contents[3 * k + 7] = -INFINITY;
      gate.contents[(n - 1) * k + k - 1] = NAN;
      up.contents[5 * k + k - 1] = 0;  // times the infinity: NaN
      run(op, swiglu(output(d, {m, n}), x, gate, up));
    }
  }
}

TEST(gate_up_swiglu, refuses) {
  const dtype d = dtype::f16;
  contract(op,
           swiglu(output(d, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 8}), normal_operand(d, {6, 8})));
  refused(op,
          swiglu(output(d, {3, 6}), normal_operand(d, {3, 8}), normal_operand(d, {6, 8}), normal_operand(d, {6, 9})),
          HIPINFER_STATUS_INVALID_SHAPE, "up");
}
