// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/softmax.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

test_case softmax(tensor output, tensor input, float temperature = 1, tensor temperatures = none()) {
  return {{std::move(output), std::move(input), std::move(temperatures)}, [temperature](auto c, auto t, auto, auto s) {
            return hipinfer_softmax(c, t[0], t[1], temperature, t[2], s);
          }};
}

// One long and one short row length: each of the two kernels takes part.
constexpr int64_t lengths[] = {96, 16400};

}  // namespace

TEST(softmax, lengths) {
  for (const dtype d : float_types) {
    for (const dtype out : {d, dtype::f32}) {
      for (const int64_t n : {1, 2, 7, 8, 33, 64, 257, 1024, 2047, 4096, 16385, 32003}) {
        run("softmax", softmax(output(out, {2, n}), input(d, {2, n}, fills::normal(4))));
      }
    }
  }
}

TEST(softmax, edges) {
  for (const int64_t n : edge_lengths("softmax", "V")) {
    for (const dtype d : float_types) {
      if (d != dtype::bf16 && n % 1024 != 0) continue;
      const auto places = edge_places("softmax", "V", n);
      for (const float temperature : {0.0f, 1.0f}) {
        if (quick() && temperature == 0 && n % 1024 != 0) continue;
        // The largest logit and the only one, at every edge; NaN and infinity at the end.
        for (const tensor& x :
             {edge_rows("softmax", "V", d, n, 12), spiked(d, places, n, -7, fills::constant(-INFINITY))})
          run("softmax", softmax(output(dtype::f32, x.shape), x, temperature));
      }
    }
  }
}

TEST(softmax, a_large_vocabulary) {
  run("softmax", softmax(output(dtype::f32, {1, 256000}), input(dtype::bf16, {1, 256000}, fills::normal(4))));
}

TEST(softmax, temperatures) {
  for (const dtype d : float_types) {
    for (const float temperature : {0.0f, 1e-40f, 1e-3f, 0.7f, 1.0f, 5.0f, 1e6f, 3.3e38f}) {
      run("softmax", softmax(output(dtype::f32, {3, 96}), input(d, {3, 96}, fills::normal(4)), temperature));
    }
    for (const int64_t n : lengths) {
      // A temperature for each row, good ones and such as are none.
      const std::vector<double> each = {0, 1, 0.5, 2, -1, INFINITY, NAN, -0.0};
      run("softmax", softmax(output(d, {8, n}), input(d, {8, n}, fills::normal(4)), 3,
                             input(dtype::f32, {8}, fills::values(each))));
    }
  }
}

TEST(softmax, greedy_takes_the_first_of_equals) {
  for (const dtype d : float_types) {
    for (const int64_t n : lengths) {
      auto in = input(d, {4, n}, fills::integers(0, 3));
      for (int64_t i = 0; i < n; ++i) in.contents[n + i] = i < 40 ? -0.0 : 0.0;
      in.contents[2 * n + 50] = in.contents[2 * n + 70] = INFINITY;
      in.contents[3 * n + n - 1] = 9;
      run("softmax", softmax(output(d, {4, n}), in, 0));
    }
  }
}

TEST(softmax, hostile_values) {
  for (const dtype d : float_types) {
    for (const int64_t n : lengths) {
      for (const float temperature : {0.0f, 1.0f, 1e-3f}) {
        auto in = input(d, {9, n}, fills::normal(4));
        const auto fill = [&](int64_t row, double value) { std::fill_n(in.contents.begin() + row * n, n, value); };
        const auto at = [&](int64_t row, int64_t i) -> double& { return in.contents[row * n + i]; };
        at(0, n / 2) = NAN;
        at(1, n - 1) = INFINITY;
        fill(2, -INFINITY);
        fill(3, NAN);
        fill(4, -INFINITY);
        at(4, n / 2 + 1) = -2;  // the only one that is allowed
        fill(5, -INFINITY);
        at(5, 3) = NAN;
        fill(6, 0);
        at(6, 0) = round_to(d, 60000);
        at(6, n - 1) = round_to(d, -60000);
        for (int64_t i = 0; i < n; ++i)
          at(7, i) = round_to(d, static_cast<double>(i) / 64);  // rising: every step rescales
        for (int64_t i = 0; i < n; i += 2) at(8, i) = -INFINITY;
        run("softmax", softmax(output(d, {9, n}), in, temperature));
      }
    }
    run("softmax", softmax(output(d, {64, 96}), input(d, {64, 96}, fills::hostile(d, false))));
    run("softmax", softmax(output(d, {64, 16}), input(d, {64, 16}, fills::hostile(d, true))));
  }
}

TEST(softmax, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515, 16389}) {
      run("softmax", softmax(output(d, {3, n}).starting_at(1),
                             input(d, {3, n}, fills::normal()).starting_at(3).with_gap(1), 0.5f));
      run("softmax", softmax(output(dtype::f32, {3, n}).strided({16400, 1}),
                             input(d, {3, n}, fills::normal()).strided({16416, 1}), 0.5f));
      run("softmax",
          softmax(output(d, {3, n}).strided({16400, 1}), input(d, {3, n}, fills::normal()).strided({16416, 1}), 0));
    }
  }
}

TEST(softmax, in_place) {
  for (const dtype d : float_types) {
    for (const int64_t n : {37, 64, 16400}) {
      for (const float temperature : {0.0f, 1.0f}) {
        run("softmax", test_case{{inout(d, {3, n}, fills::normal())}, [temperature](auto c, auto t, auto, auto s) {
                                   return hipinfer_softmax(c, t[0], t[0], temperature, nullptr, s);
                                 }});
      }
    }
  }
}

TEST(softmax, many_rows_and_none) {
  const int64_t rows = quick() ? 700 : 3000;
  run("softmax", softmax(output(dtype::f32, {rows, 40}), input(dtype::bf16, {rows, 40}, fills::normal())));
  run("softmax", softmax(output(dtype::f32, {0, 40}), input(dtype::f32, {0, 40}, fills::normal())));
  run("softmax", softmax(output(dtype::f32, {3, 0}), input(dtype::f32, {3, 0}, fills::normal())));
}

TEST(softmax, refuses) {
  const dtype f = dtype::f32;
  contract("softmax", softmax(output(f, {3, 8}), input(dtype::f16, {3, 8}, fills::normal()), 1,
                              input(f, {3}, fills::constant(1))));
  contract("softmax", softmax(output(dtype::f16, {3, 8}), input(dtype::f16, {3, 8}, fills::normal())));
  for (const float temperature : {-1.0f, -1e-30f, NAN, INFINITY}) {
    refused("softmax", softmax(output(f, {3, 8}), input(f, {3, 8}, fills::normal()), temperature),
            HIPINFER_STATUS_INVALID_ARGUMENT, "temperature");
  }
  refused("softmax", softmax(output(dtype::f16, {3, 8}), input(dtype::bf16, {3, 8}, fills::normal())),
          HIPINFER_STATUS_INVALID_DTYPE, "output");
  // f32 over f16 in the same memory.
  auto same = softmax(output(f, {3, 8}), input(dtype::f16, {3, 8}, fills::normal()));
  same.call = [](auto c, auto t, auto, auto s) {
    hipinfer_tensor in = *t[1];
    in.data = t[0]->data;
    in.byte_offset = t[0]->byte_offset;
    return hipinfer_softmax(c, t[0], &in, 1, nullptr, s);
  };
  refused("softmax", same, HIPINFER_STATUS_ALIASING, "f16");
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(softmax, known_answer) {
  for (const int64_t n : lengths) {
    auto row = input(dtype::f32, {1, n}, fills::constant(-INFINITY));
    row.contents[1] = 0;
    row.contents[3] = 2 * std::log(3.0);
    auto c = softmax(output(dtype::f32, {1, n}), row, 2.0f);  // weights 1 and 3
    c.judge = [](const result& r) {
      EXPECT_EQ(r.got[0][0], 0) << r.where;
      EXPECT_NEAR(r.got[0][1], 0.25, 1e-6) << r.where;
      EXPECT_NEAR(r.got[0][3], 0.75, 1e-6) << r.where;
    };
    run("softmax", c);
  }
}
