// SPDX-License-Identifier: Apache-2.0
#include "gen/get_seq_lens.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

test_case lengths(tensor out, tensor indptr, tensor last, int64_t page_size) {
  test_case c{{std::move(out), std::move(indptr), std::move(last)},
              [=](auto h, auto t, auto, auto s) { return hipinfer_get_seq_lens(h, t[0], t[1], t[2], page_size, s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(get_seq_lens, lengths) {
  for (const dtype index : {dtype::i32, dtype::i64}) {
    for (const dtype out : {dtype::i32, dtype::i64}) {
      for (const int64_t n : {0, 1, 7, 1000}) {
        const auto indptr = input(index, {n + 1}, [](int64_t i, generator&) { return static_cast<double>(i * i); });
        run("get_seq_lens", lengths(output(out, {n}), indptr, input(index, {n}, fills::integers(-3, 20)), 16));
      }
      auto c = lengths(output(out, {6}), input(index, {7}, fills::values({0, 1, 1, 4, 6, 5, 1000})),
                       input(index, {6}, fills::values({3, 9, 5, 77, 1, -4})), 5);
      c.judge = [](const result& r) {
        EXPECT_EQ(r.got[0], (std::vector<double>{3, 0, 15, 10, 0, 994 * 5})) << r.where;
      };
      run("get_seq_lens", c);
    }
  }
}

// Contents are any numbers: what passes 64 bits wraps around, on every device.
TEST(get_seq_lens, broken_tables) {
  constexpr double large = 0x1p62;
  for (const dtype out : {dtype::i32, dtype::i64}) {
    for (const int64_t page_size : {int64_t{5}, int64_t{1} << 40}) {
      run("get_seq_lens",
          lengths(output(out, {6}), input(dtype::i64, {7}, fills::values({large, -large, -large, large, 5, 2, large})),
                  input(dtype::i64, {6}, fills::values({large, -large, 3, large, 1, 2})), page_size));
    }
  }
}

TEST(get_seq_lens, refuses) {
  const auto numbers = [](dtype d, int64_t n) { return input(d, {n}, fills::integers(0, 5)); };
  contract("get_seq_lens", lengths(output(dtype::i32, {4}), numbers(dtype::i32, 5), numbers(dtype::i32, 4), 16));
  refused("get_seq_lens", lengths(output(dtype::i32, {4}), numbers(dtype::i32, 5), numbers(dtype::i32, 4), 0),
          HIPINFER_STATUS_INVALID_ARGUMENT, "page_size");
}
