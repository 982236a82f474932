// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_page_table_transform.api.h"
#include "tests/check/transforms.h"

using namespace check;

namespace {

struct paging {
  int32_t page_size = 1;
  int64_t entries = 0;  // 0: as many as the scores need
  std::vector<double> batches = {}, starts = {};
  bool raw = true;
};

test_case paged(tensor scores, const windows& w, int64_t k, const paging& by) {
  const int64_t n = scores.shape[1];
  const int64_t entries = by.entries > 0 ? by.entries : (n + by.page_size - 1) / by.page_size;
  const int64_t tables = by.batches.empty() ? w.rows() : 3;
  test_case c{{output(dtype::i32, {w.rows(), k}), by.raw ? output(dtype::i32, {w.rows(), k}) : none(),
               std::move(scores), input(dtype::i32, {tables, entries}, fills::integers(-1, 5000)), list(w.lengths),
               by.batches.empty() ? none() : list(by.batches), w.starts.empty() ? none() : list(w.starts),
               by.starts.empty() ? none() : list(by.starts)},
              [size = by.page_size](auto h, auto t, auto, auto s) {
                return hipinfer_top_k_page_table_transform(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], size, s);
              }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(top_k_page_table_transform, windows) {
  for_each_scores("top_k_page_table_transform", [](tensor scores, const windows& w, int64_t k) {
    run("top_k_page_table_transform", paged(std::move(scores), w, k, {}));
  });
}

TEST(top_k_page_table_transform, pages_and_requests) {
  for (const dtype d : float_types) {
    for (const int32_t size : {1, 2, 3, 16, 64}) {
      const windows w{{}, {300, 299, 40, 7, 0, 1}};
      run("top_k_page_table_transform", paged(input(d, {6, 300}, fills::normal()), w, 37, {.page_size = size}));
      run("top_k_page_table_transform", paged(input(d, {6, 300}, fills::normal()), w, 37,
                                              {.page_size = size, .batches = {2, 0, 1, 1, 2, 0}, .raw = false}));
      // Tables that are too short, requests that are not there, and pages that begin elsewhere than scores.
      const windows moved{{3, 0, 12, 250, 77, 8}, {290, 299, 40, 7, 0, 100}};
      run("top_k_page_table_transform",
          paged(input(d, {6, 300}, fills::normal()), moved, 37,
                {.page_size = size, .entries = 9, .batches = {2, -1, 1, 3, 2, 0}, .starts = {0, 1, 2, -3, 9, 5}}));
    }
  }
}

TEST(top_k_page_table_transform, strided) {
  test_case c = paged(input(dtype::f16, {3, 50}, fills::normal()), {{1, 2, 3}, {40, 3, 47}}, 9, {});
  c.arguments[0].with_gap(3);
  c.arguments[1].with_gap(1);
  c.arguments[3].with_gap(5);
  run("top_k_page_table_transform", c);
}

TEST(top_k_page_table_transform, refuses) {
  const auto scores = [](int64_t n) { return input(dtype::f16, {3, n}, fills::normal()); };
  const windows w{{1, 2, 3}, {40, 3, 47}};
  contract("top_k_page_table_transform",
           paged(scores(50), w, 9, {.page_size = 2, .batches = {0, 1, 2}, .starts = {0, 1, 2}}));
  refused("top_k_page_table_transform", paged(scores(0), w, 9, {.entries = 4}), HIPINFER_STATUS_INVALID_SHAPE,
          "length 0");
  refused("top_k_page_table_transform", paged(scores(50), w, 9, {.page_size = 2}), HIPINFER_STATUS_INVALID_ARGUMENT,
          "page_table_starts");
  test_case c = paged(scores(50), w, 9, {});
  c.arguments[3] = input(dtype::i32, {2, 50}, fills::constant(1));
  refused("top_k_page_table_transform", c, HIPINFER_STATUS_INVALID_SHAPE, "row_to_batch");
  for (const int32_t size : {0, -1}) {
    c = paged(scores(50), w, 9, {.page_size = size, .entries = 50});
    refused("top_k_page_table_transform", c, HIPINFER_STATUS_INVALID_ARGUMENT, "page_size");
  }
}
