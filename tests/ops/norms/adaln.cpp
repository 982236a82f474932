// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/adaln.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case adaln(tensor output, tensor input, tensor scale, tensor shift, bool rms, float eps = 1e-6f) {
  return {{std::move(output), std::move(input), std::move(scale), std::move(shift)},
          [=](auto c, auto t, auto, auto s) { return hipinfer_adaln(c, t[0], t[1], t[2], t[3], eps, rms, s); }};
}
tensor rows(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), fills::normal());
}

}  // namespace

TEST(adaln, lengths) {
  for (const dtype d : float_types) {
    for (const dtype m : {d, dtype::f32}) {
      for (const bool rms : {false, true}) {
        for (const int64_t n : {1, 7, 8, 33, 64, 257, 1024, 3072, 4104, 8200, 16392}) {
          run("adaln", adaln(output(d, {2, 3, n}), rows(d, {2, 3, n}), rows(m, {2, n}), rows(m, {2, n}), rms));
        }
      }
    }
  }
}

// Each batch element has its own modulation, chunks of one wider row.
TEST(adaln, slices_of_a_modulation) {
  for (const dtype d : float_types) {
    for (const int64_t n : {60, 64, 515}) {
      run("adaln", adaln(output(d, {3, 5, n}), rows(d, {3, 5, n}), rows(d, {3, n}).strided({6 * n, 1}),
                         rows(d, {3, n}).strided({6 * n, 1}).starting_at(8), false));
      run("adaln", adaln(output(d, {3, 5, n}).with_gap(3), rows(d, {3, 5, n}).starting_at(1).with_gap(8),
                         rows(d, {3, n}).with_gap(1), rows(d, {3, n}).starting_at(1), false));
      // Tokens first: [T, B, N] seen as [B, T, N].
      run("adaln", adaln(output(d, {3, 5, n}).strided({n, 3 * n, 1}), rows(d, {3, 5, n}).strided({n, 3 * n, 1}),
                         rows(d, {3, n}), rows(d, {3, n}), true));
    }
  }
}

TEST(adaln, edges) {
  norm_edges("adaln", [](dtype d, int64_t n, const tensor& edge) {
    const tensor x = reshaped(edge, {1, edge.shape[0], n});
    for (const bool rms : {false, true})
      run("adaln", adaln(output(d, x.shape), x, rows(d, {1, n}), rows(d, {1, n}), rms));
  });
}

TEST(adaln, hostile_values) {
  for (const dtype d : float_types) {
    for (const bool rms : {false, true}) {
      run("adaln", adaln(output(d, {2, 32, 96}), input(d, {2, 32, 96}, fills::hostile(d, false)), rows(d, {2, 96}),
                         rows(d, {2, 96}), rms));
      run("adaln", adaln(output(d, {2, 2, 96}), input(d, {2, 2, 96}, fills::constant(0)), rows(d, {2, 96}),
                         rows(d, {2, 96}), rms));
      auto spoiled = rows(d, {1, 3, 96});
      spoiled.contents[96 + 5] = NAN;
      spoiled.contents[2 * 96 + 7] = INFINITY;
      run("adaln", adaln(output(d, {1, 3, 96}), spoiled, rows(d, {1, 96}), rows(d, {1, 96}), rms));
    }
  }
}

TEST(adaln, many_rows_and_none) {
  const dtype d = dtype::bf16;
  run("adaln", adaln(output(d, {7, 301, 64}), rows(d, {7, 301, 64}), rows(d, {7, 64}), rows(d, {7, 64}), false));
  run("adaln", adaln(output(d, {0, 3, 64}), rows(d, {0, 3, 64}), rows(d, {0, 64}), rows(d, {0, 64}), false));
  run("adaln", adaln(output(d, {2, 0, 64}), rows(d, {2, 0, 64}), rows(d, {2, 64}), rows(d, {2, 64}), false));
}

TEST(adaln, known_answer) {
  for (const bool rms : {false, true}) {
    auto c = adaln(output(dtype::f32, {1, 1, 2}), input(dtype::f32, {1, 1, 2}, fills::values({1, 7})),
                   input(dtype::f32, {1, 2}, fills::values({1, -3})),
                   input(dtype::f32, {1, 2}, fills::values({10, 20})), rms, 0.0f);
    c.judge = [=](const result& r) {  // the mean is 4, the deviation 3, the mean of squares 25
      EXPECT_NEAR(r.got[0][0], rms ? 10.4 : 8, 1e-5) << r.where;
      EXPECT_NEAR(r.got[0][1], rms ? 17.2 : 18, 1e-5) << r.where;
    };
    run("adaln", c);
  }
}

TEST(adaln, refuses) {
  const dtype h = dtype::f16;
  contract("adaln", adaln(output(h, {3, 4, 64}), rows(h, {3, 4, 64}), rows(h, {3, 64}), rows(h, {3, 64}), false));
  refused("adaln", adaln(output(h, {3, 2, 0}), rows(h, {3, 2, 0}), rows(h, {3, 0}), rows(h, {3, 0}), false),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused("adaln", adaln(output(h, {3, 2, 8}), rows(h, {3, 2, 8}), rows(h, {2, 8}), rows(h, {3, 8}), false),
          HIPINFER_STATUS_INVALID_SHAPE, "scale");
}
