// SPDX-License-Identifier: Apache-2.0
#include "gen/get_batch_indices_positions.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

constexpr const char* op = "get_batch_indices_positions";

test_case indices(dtype out, dtype index, int64_t tokens, std::vector<double> indptr, std::vector<double> lengths) {
  const auto list = [&](const std::vector<double>& values) {
    return input(index, {static_cast<int64_t>(values.size())},
                 values.empty() ? fills::constant(0) : fills::values(values));
  };
  test_case c{
      {output(out, {tokens}), output(out, {tokens}), list(indptr), list(lengths)},
      [](auto h, auto t, auto, auto s) { return hipinfer_get_batch_indices_positions(h, t[0], t[1], t[2], t[3], s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(get_batch_indices_positions, requests) {
  for (const dtype out : {dtype::i32, dtype::i64}) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      // The example of FlashInfer's documentation.
      auto c = indices(out, index, 10, {0, 1, 3, 6, 10}, {5, 5, 5, 5});
      c.judge = [](const result& r) {
        EXPECT_EQ(r.got[0], (std::vector<double>{0, 1, 1, 2, 2, 2, 3, 3, 3, 3})) << r.where;
        EXPECT_EQ(r.got[1], (std::vector<double>{4, 3, 4, 2, 3, 4, 1, 2, 3, 4})) << r.where;
      };
      run(op, c);
      // Requests without tokens; tokens before the first request and after the last.
      run(op, indices(out, index, 12, {2, 2, 5, 5, 5, 9, 9}, {7, 8, 9, 10, 11, 12}));
      run(op, indices(out, index, 3, {0}, {}));
      run(op, indices(out, index, 0, {0, 4}, {4}));
      run(op, indices(out, index, 5, {-2, 3, 100}, {30, 40}));
      std::vector<double> indptr{0}, lengths;
      for (int b = 0; b < 300; ++b) {
        indptr.push_back(indptr.back() + b % 7);
        lengths.push_back(100 + b);
      }
      run(op, indices(out, index, 900, indptr, lengths));
    }
  }
}

// With offsets that are not in order a token may get any request, but the same one on every device.
TEST(get_batch_indices_positions, broken_offsets) {
  for (const dtype index : {dtype::i32, dtype::i64}) {
    run(op, indices(dtype::i64, index, 12, {0, 9, 3, 6, 12}, {30, 40, 50, 60}));
    run(op, indices(dtype::i64, index, 12, {0, 3, 2, 11, 4, 5, 12}, {30, 40, 50, 60, 70, 80}));
    run(op, indices(dtype::i64, index, 12, {12, 6, 0}, {30, 40}));
  }
  run(op, indices(dtype::i64, dtype::i64, 5, {-0x1p62, 2, 0x1p62}, {-0x1p62, 0x1p62}));
}

TEST(get_batch_indices_positions, refuses) {
  contract(op, indices(dtype::i32, dtype::i64, 10, {0, 1, 3, 6, 10}, {5, 5, 5, 5}));
}
