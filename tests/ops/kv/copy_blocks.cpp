// SPDX-License-Identifier: Apache-2.0
#include "gen/copy_blocks.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

constexpr const char* op = "copy_blocks";
enum { k_cache, v_cache, mapping };

test_case copies(std::vector<tensor> a) {
  test_case c{std::move(a), [](auto h, auto t, auto, auto s) {
                return hipinfer_copy_blocks(h, t[k_cache], t[v_cache], t[mapping], s);
              }};
  c.exact = true;
  return c;
}

std::vector<tensor> arguments(dtype d, dtype index, std::vector<int64_t> keys, int64_t value_dim,
                              std::vector<double> pairs) {
  std::vector<int64_t> values = keys;
  values.back() = value_dim;
  const auto n = static_cast<int64_t>(pairs.size() / 2);
  return {inout(d, keys, fills::normal(20)), value_dim > 0 ? inout(d, values, fills::normal(20)) : none(),
          input(index, {n, 2}, fills::values(std::move(pairs)))};
}

// [P, H, S, D] seen as [P, S, H, D].
void heads_first(tensor& t) {
  const auto& s = t.shape;
  t.strided({s[1] * s[2] * s[3], s[3], s[1] * s[3], 1});
}

const std::vector<double> pairs{0, 5, 3, 1, 0, 4, 2, 2};

}  // namespace

TEST(copy_blocks, dtypes_and_shapes) {
  for (const dtype d : {dtype::f32, dtype::f16, dtype::bf16, dtype::e4m3fn, dtype::e4m3fnuz, dtype::e5m2,
                        dtype::e5m2fnuz, dtype::i8, dtype::u8}) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      run(op, copies(arguments(d, index, {6, 16, 2, 64}, 64, pairs)));
      run(op, copies(arguments(d, index, {6, 3, 1, 7}, 5, pairs)));
      run(op, copies(arguments(d, index, {6, 1, 3, 2}, 0, pairs)));
    }
  }
  // What was there before, and what has been copied.
  auto c = copies(arguments(dtype::f16, dtype::i32, {6, 2, 2, 8}, 0, pairs));
  c.judge = [](const result& r) {
    const int64_t source[] = {0, 3, 2, 3, 0, 0};
    for (int64_t i = 0; i < 6 * 32; ++i) {
      ASSERT_EQ(r.got[k_cache][i], r.arguments[k_cache].contents[source[i / 32] * 32 + i % 32]) << r.where << ": " << i;
    }
  };
  run(op, c);
}

// From none to seven pairs, so that the last one stands alone in what a block or a thread takes.
TEST(copy_blocks, any_number_of_pairs) {
  for (const int64_t width : {64, 5}) {
    std::vector<double> list;
    for (int n = 1; n <= 7; ++n) {
      list.insert(list.end(), {static_cast<double>(n), static_cast<double>(7 + n)});
      auto c = copies(arguments(dtype::bf16, n % 2 == 0 ? dtype::i32 : dtype::i64, {16, 4, 2, width}, width, list));
      c.judge = [n](const result& r) {
        for (const int cache : {k_cache, v_cache}) {
          const tensor& t = r.arguments[cache];
          const int64_t page = t.elements() / 16;
          for (int64_t i = 0; i < t.elements(); ++i) {
            const int64_t p = i / page, from = p > 7 && p <= 7 + n ? p - 7 : p;
            ASSERT_EQ(r.got[cache][i], t.contents[from * page + i % page]) << r.where << ": page " << p;
          }
        }
      };
      run(op, c);
    }
  }
}

TEST(copy_blocks, layouts) {
  for (const dtype d : {dtype::f32, dtype::bf16, dtype::e4m3fn}) {
    for (const int64_t width : {64, 6, 5}) {
      auto a = arguments(d, dtype::i32, {6, 4, 3, width}, width, pairs);
      heads_first(a[k_cache]);
      run(op, copies(a));
      a[v_cache].with_gap(16);
      run(op, copies(a));
      a[k_cache].starting_at(1);
      a[v_cache].with_gap(1);
      run(op, copies(a));
      a = arguments(d, dtype::i64, {6, 4, 3, width}, width, pairs);
      a[v_cache].strided({2 * 12 * width, 3 * width, width, 1});  // one half of a combined tensor
      a[mapping].with_gap(1);
      run(op, copies(a));
    }
  }
}

TEST(copy_blocks, pages_out_of_range_and_nothing) {
  for (const dtype index : {dtype::i32, dtype::i64}) {
    run(op, copies(arguments(dtype::f16, index, {4, 2, 2, 16}, 16,
                             {-1, 0, 4, 1, 0, 4, 1, -2147483648.0, 2147483647.0, 2, 0, 3})));
    run(op, copies(arguments(dtype::f16, index, {4, 2, 2, 16}, 16, {})));
    run(op, copies(arguments(dtype::f16, index, {0, 2, 2, 16}, 16, {0, 1})));
    run(op, copies(arguments(dtype::f16, index, {4, 0, 2, 16}, 16, {0, 1})));
  }
}

TEST(copy_blocks, refuses) {
  contract(op, copies(arguments(dtype::bf16, dtype::i64, {6, 4, 3, 8}, 16, pairs)));
}
