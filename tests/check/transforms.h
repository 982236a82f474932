// SPDX-License-Identifier: Apache-2.0
// What the tests of top_k's transforms share: windows of rows of scores.
#pragma once

#include <algorithm>
#include <vector>

#include "tests/check/edges.h"

namespace check {

// A row of scores for each window, of so many elements, from so far on.
struct windows {
  std::vector<double> starts, lengths;  // no starts: all at 0
  int64_t rows() const { return static_cast<int64_t>(lengths.size()); }
};

inline tensor list(const std::vector<double>& values) {
  return input(dtype::i32, {static_cast<int64_t>(values.size())}, fills::values(values));
}

// Windows that begin and end within and between groups of 16 bytes, empty ones, whole rows, and such as leave the row.
inline windows all_windows(int64_t n) {
  const double d = static_cast<double>(n);
  return {{0, 1, 3, 8, std::floor(d / 2), d - 1, d, 5, -7, d + 9, 2},
          {d, d - 1, d - 3, std::max(0.0, d - 8), std::floor(d / 3), 1, 0, 4 * d, d, 3, -5}};
}

// Calls f(scores, windows, k) for the shapes, values and layouts that both transforms are tested with.
template <class F>
void for_each_scores(const char* op, F f) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 37, 64, 1023, 3073, 4099}) {
      if (quick() && d == dtype::f16 && n > 64) continue;
      const windows w = all_windows(n);
      for (const int64_t k : {1, 5, 50, 700, 2500}) {
        if (k / 2 <= n) f(input(d, {w.rows(), n}, fills::normal(3)), w, k);
      }
    }
    for (const auto& values : {std::vector<double>{1},
                               {2, 1, 1, 1, 0},
                               {NAN},
                               {-INFINITY},
                               {-INFINITY, NAN, 1},
                               {INFINITY, NAN, 7, INFINITY, -INFINITY, 0, -0.0}}) {
      for (const int64_t n : {19, 5000}) {
        if (quick() && n == 5000 && d == dtype::f16) continue;
        for (const int64_t k : {3, 1700, 4000}) {
          if (k < n) f(input(d, {2, n}, fills::values(values)), windows{{3, 0}, {static_cast<double>(n - 5), 4990}}, k);
        }
      }
    }
    const windows few{{}, {4000, 3999, 0, 17}};
    f(input(d, {4, 4001}, fills::normal()).with_gap(5), few, 40);
    f(input(d, {4, 4001}, fills::normal()).starting_at(1), few, 40);
    f(input(d, {1, quick() ? 9000 : 70000}, fills::normal(3)), windows{{}, {quick() ? 9000.0 : 70000.0}}, 2048);
    f(input(d, {1, quick() ? 9000 : 70000}, fills::normal(3)), windows{{77}, {quick() ? 8001.0 : 60001.0}}, 2048);
    f(input(d, {0, 8}, fills::normal()), windows{}, 3);
    f(input(d, {2, 8}, fills::normal()), windows{{}, {8, 3}}, 0);
  }
  for (const int64_t n : edge_lengths(op, "V")) {
    if (quick() && n % 1024 != 0) continue;
    const auto places = edge_places(op, "V", n);
    const tensor scores = spiked(dtype::bf16, places, n, 60, fills::normal());
    f(scores, windows{{}, std::vector<double>(places.size(), static_cast<double>(n))}, 1);
  }
  for (const int64_t k : edge_lengths(op, "K")) {
    const double n = static_cast<double>(k + 9);
    f(input(dtype::f32, {2, k + 9}, fills::normal()), windows{{0, 3}, {n, n - 5}}, k);
  }
  const int64_t rows = quick() ? 700 : 3000;
  f(input(dtype::bf16, {rows, 24}, fills::normal()), windows{{}, std::vector<double>(static_cast<size_t>(rows), 20)},
    4);
}

}  // namespace check
