// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

test_case top_k(tensor values, tensor indices, tensor input, bool sorted) {
  test_case c{{std::move(values), std::move(indices), std::move(input)},
              [sorted](auto h, auto t, auto, auto s) { return hipinfer_top_k(h, t[0], t[1], t[2], sorted, s); }};
  c.exact = true;
  return c;
}
void on(tensor x, int64_t k, bool sorted, dtype index = dtype::i32) {
  const int64_t rows = x.shape[0];
  const dtype d = x.type;
  run("top_k", top_k(output(d, {rows, k}), output(index, {rows, k}), std::move(x), sorted));
}

}  // namespace

TEST(top_k, lengths) {
  for (const dtype d : float_types) {
    for (const bool sorted : {true, false}) {
      for (const int64_t n : {1, 2, 31, 64, 1023, 3073, 4099}) {
        if (quick() && d == dtype::f16 && n > 64) continue;
        for (const int64_t k : {1, 2, 50, 700, 3000}) {
          if (k <= n) on(input(d, {2, n}, fills::normal(3)), k, sorted, k == 2 ? dtype::i64 : dtype::i32);
        }
        if (n <= 3072 || !sorted) on(input(d, {2, n}, fills::normal(3)), n, sorted);
      }
      on(input(d, {1, quick() ? 9000 : 128256}, fills::normal(3)), 40, sorted);
      on(input(d, {1, quick() ? 9000 : 32003}, fills::normal(3)), 2048, sorted);
    }
    on(input(d, {1, quick() ? 9000 : 32003}, fills::normal(3)), 5000, false);
    on(input(d, {0, 8}, fills::normal()), 3, true);
    on(input(d, {3, 8}, fills::normal()), 0, true);
  }
}

TEST(top_k, edges) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths("top_k", "V")) {
      if (quick() && (d != dtype::bf16 || n < 500) && n % 1024 != 0) continue;
      const auto places = edge_places("top_k", "V", n);
      on(spiked(d, places, n, 60, fills::normal()), 1, true);
      on(spiked(d, places, n, -9, fills::constant(NAN)), std::min<int64_t>(n, 3), true);
      on(spiked(d, places, n, -9, fills::normal()), std::max<int64_t>(n - 1, 1), false);
    }
  }
  for (const int64_t k : edge_lengths("top_k", "K")) on(input(dtype::f32, {1, k + 5}, fills::normal()), k, k <= 3072);
}

TEST(top_k, ties_and_values_that_are_none) {
  for (const dtype d : float_types) {
    for (const auto& values : {std::vector<double>{1},
                               {2, 1, 1, 1, 0},
                               {-1, 0, -0.0},
                               {NAN},
                               {-INFINITY},
                               {NAN, -INFINITY},
                               {-INFINITY, NAN, 1},
                               {INFINITY, NAN, 7, INFINITY, -INFINITY}}) {
      for (const int64_t n : {7, 1000, 5000}) {
        for (const int64_t k : {3, 400, 1700, 4000}) {
          if (k > n || (quick() && k == 400 && d != dtype::f32)) continue;
          on(input(d, {2, n}, fills::values(values)), k, k <= 3072);
          on(input(d, {2, n}, fills::values(values)), k, false);
        }
      }
    }
    for (const int64_t n : {3, 96, 3500}) on(input(d, {2, n}, fills::hostile(d, true)), n / 2 + 1, true);
  }
}

TEST(top_k, strided_and_unaligned) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003, 4001}) {
      run("top_k", top_k(output(d, {4, 4}).with_gap(3), output(dtype::i64, {4, 4}).with_gap(1),
                         input(d, {4, n}, fills::normal()).with_gap(5), true));
      run("top_k", top_k(output(d, {4, 4}).starting_at(1), output(dtype::i32, {4, 4}).with_gap(1),
                         input(d, {4, n}, fills::normal()).starting_at(1), false));
    }
  }
}

TEST(top_k, refuses) {
  contract("top_k", top_k(output(dtype::f16, {3, 5}), output(dtype::i32, {3, 5}),
                          input(dtype::f16, {3, 64}, fills::normal()), true));
  const auto refuse = [](int64_t n, int64_t k, hipinfer_status status, const char* text) {
    refused(
        "top_k",
        top_k(output(dtype::f32, {2, k}), output(dtype::i32, {2, k}), input(dtype::f32, {2, n}, fills::normal()), true),
        status, text);
  };
  refuse(8, 9, HIPINFER_STATUS_INVALID_SHAPE, "9 elements");
  refuse(0, 0, HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refuse(4000, 3073, HIPINFER_STATUS_UNSUPPORTED, "3073 elements");
}
