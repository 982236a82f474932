// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_ragged_transform.api.h"
#include "tests/check/transforms.h"

using namespace check;

namespace {

test_case ragged(tensor scores, const windows& w, int64_t k, std::vector<double> offsets) {
  offsets.resize(w.lengths.size(), 1000);
  test_case c{
      {output(dtype::i32, {w.rows(), k}), std::move(scores), list(offsets), list(w.lengths),
       w.starts.empty() ? none() : list(w.starts)},
      [](auto h, auto t, auto, auto s) { return hipinfer_top_k_ragged_transform(h, t[0], t[1], t[2], t[3], t[4], s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(top_k_ragged_transform, windows) {
  for_each_scores("top_k_ragged_transform", [](tensor scores, const windows& w, int64_t k) {
    run("top_k_ragged_transform", ragged(std::move(scores), w, k, {7, -3, 0, 100000, 2147483647}));
  });
}

TEST(top_k_ragged_transform, strided) {
  test_case c = ragged(input(dtype::f16, {3, 50}, fills::normal()), {{1, 2, 3}, {40, 3, 47}}, 9, {5});
  c.arguments[0].with_gap(3);
  run("top_k_ragged_transform", c);
}

TEST(top_k_ragged_transform, refuses) {
  contract("top_k_ragged_transform",
           ragged(input(dtype::f16, {3, 50}, fills::normal()), {{1, 2, 3}, {40, 3, 47}}, 9, {5}));
  refused("top_k_ragged_transform", ragged(input(dtype::f16, {2, 0}, fills::normal()), {{}, {0, 0}}, 9, {}),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
}
