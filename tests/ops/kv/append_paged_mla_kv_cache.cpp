// SPDX-License-Identifier: Apache-2.0
#include "gen/append_paged_mla_kv_cache.api.h"
#include "tests/check/paged.h"

using namespace check;

namespace {

constexpr const char* op = "append_paged_mla_kv_cache";
enum { ckv_cache, kpe_cache, ckv, kpe, batch_indices, positions, kv_indices, kv_indptr, kv_last_page_len };

struct shape {
  int64_t page_size, latent, rotated;
};

// Requests of the given lengths on pages dealt out in a shuffled order; every position of every request is appended.
std::vector<tensor> arguments(dtype d, const shape& z, const std::vector<int64_t>& lengths, dtype index = dtype::i32) {
  const appended_tokens t = make_appended(lengths, z.page_size, index);
  const auto cache = [&](int64_t n) { return inout(d, {t.pages, z.page_size, n}, fills::normal()); };
  const auto fresh = [&](int64_t n) { return input(d, {t.tokens, n}, fills::normal()); };
  return {cache(z.latent), cache(z.rotated), fresh(z.latent), fresh(z.rotated), t.batch_indices,
          t.positions,     t.indices,        t.indptr,        t.last_page_len};
}

test_case append(std::vector<tensor> a) {
  test_case c{std::move(a), [](auto h, auto t, auto, auto s) {
                return hipinfer_append_paged_mla_kv_cache(h, t[ckv_cache], t[kpe_cache], t[ckv], t[kpe],
                                                          t[batch_indices], t[positions], t[kv_indices], t[kv_indptr],
                                                          t[kv_last_page_len], s);
              }};
  c.exact = true;
  return c;
}

// Holds what the appended slots contain against a walk of the page table of its own, and counts the slots that differ from what was
// there before.
test_case counted(std::vector<tensor> a, int64_t expected) {
  auto c = append(std::move(a));
  c.judge = [expected](const result& r) {
    for (const auto& [cache, fresh] : {std::pair{ckv_cache, ckv}, std::pair{kpe_cache, kpe}}) {
      const tensor& to = r.arguments[cache];
      const int64_t size = to.shape[1], width = to.shape[2];
      ASSERT_EQ(r.got[cache], r.expected[cache]) << r.where;
      if (width == 0) continue;
      int64_t changed = 0;
      for (int64_t row = 0; row < to.shape[0] * size; ++row) {
        bool differs = false;
        for (int64_t i = row * width; i < (row + 1) * width; ++i) differs |= r.got[cache][i] != to.contents[i];
        changed += differs;
      }
      EXPECT_EQ(changed, expected) << r.where << ": tensor " << cache;
      const auto& v = r.arguments;
      for (int64_t t = 0; changed == v[fresh].shape[0] && t < changed; ++t) {
        const auto b = static_cast<size_t>(v[batch_indices].contents[t]);
        const auto at = static_cast<int64_t>(v[positions].contents[t]);
        const auto page =
            static_cast<int64_t>(v[kv_indices].contents[static_cast<size_t>(v[kv_indptr].contents[b]) + at / size]);
        for (int64_t i = 0; i < width; ++i) {
          ASSERT_EQ(r.got[cache][(page * size + at % size) * width + i], v[fresh].contents[t * width + i])
              << r.where << ": tensor " << cache << ", entry " << t;
        }
      }
    }
  };
  return c;
}

}  // namespace

TEST(append_paged_mla_kv_cache, pages_and_widths) {
  for (const dtype d : float_types) {
    for (const shape& z : {shape{16, 512, 64},
                           {1, 64, 8},
                           {5, 7, 3},
                           {64, 80, 16},
                           {3, 1, 1},
                           {4, 72, 5},
                           {7, 9, 40},
                           {2, 16, 0},
                           {2, 0, 24}}) {
      run(op, counted(arguments(d, z, {z.page_size, 1, z.page_size + 1, 0, 3 * z.page_size - 1}), 5 * z.page_size + 1));
    }
  }
  run(op, counted(arguments(dtype::bf16, {16, 512, 64}, {50, 70}, dtype::i64), 120));
}

TEST(append_paged_mla_kv_cache, layouts) {
  for (const dtype d : float_types) {
    for (const shape& z : {shape{16, 64, 16}, {3, 5, 2}}) {
      auto a = arguments(d, z, {7, 33});
      a[ckv].with_gap(8);  // new keys from a fused projection
      a[kpe].with_gap(3);
      run(op, counted(a, 40));
      a = arguments(d, z, {7, 33});
      a[ckv_cache].starting_at(1);
      a[kpe_cache].with_gap(1);
      run(op, counted(a, 40));
      // Both parts of a slot side by side, in one tensor [P, S, C + R].
      a = arguments(d, z, {7, 33});
      const int64_t pages = a[ckv_cache].shape[0], all = z.latent + z.rotated;
      const tensor both = inout(d, {pages, z.page_size, all}, fills::normal());
      std::vector<tensor> rest(a.begin() + ckv, a.end());
      rest.insert(rest.begin(), both);
      test_case c{
          rest, [=](auto h, auto t, auto, auto s) {
            hipinfer_tensor first = *t[0], second = *t[0];
            const int64_t latent[] = {pages, z.page_size, z.latent}, rotated[] = {pages, z.page_size, z.rotated};
            const int64_t strides[] = {z.page_size * all, all, 1};
            first.shape = latent;
            second.shape = rotated;
            first.strides = second.strides = strides;
            second.byte_offset += static_cast<uint64_t>(z.latent * (second.dtype.bits / 8));
            return hipinfer_append_paged_mla_kv_cache(h, &first, &second, t[1], t[2], t[3], t[4], t[5], t[6], t[7], s);
          }};
      c.exact = true;
      c.fixed_layout = true;
      run(op, c);
    }
  }
}

TEST(append_paged_mla_kv_cache, entries_out_of_range_are_skipped) {
  const shape z{4, 16, 8};
  for (const dtype d : float_types) {
    const auto base = [&] { return arguments(d, z, {6, 3}); };  // pages [2, 1], 9 entries
    const auto spoiled = [&](int which, size_t entry, double with, int64_t left) {
      auto a = base();
      a[which].contents[entry] = with;
      run(op, counted(a, left));
    };
    for (const double bad : {-1.0, 2.0, 1000000.0, -2147483648.0, 2147483647.0}) spoiled(batch_indices, 2, bad, 8);
    for (const double bad : {-1.0, 6.0, 8.0, 1000000.0, -2147483648.0, 2147483647.0}) spoiled(positions, 2, bad, 8);
    for (const double bad : {-1.0, 5.0, 2147483647.0, -2147483648.0}) {
      spoiled(kv_indices, 0, bad, 5);
      spoiled(kv_indices, 2, bad, 6);
    }
    spoiled(kv_last_page_len, 0, 1, 8);
    spoiled(kv_last_page_len, 0, -5, 7);
    spoiled(kv_last_page_len, 0, 9, 9);
    spoiled(kv_indptr, 1, 0, 3);
    spoiled(kv_indptr, 0, -2147483648.0, 3);
    spoiled(kv_indptr, 2, 1, 6);
  }
}

TEST(append_paged_mla_kv_cache, nothing_to_do) {
  run(op, counted(arguments(dtype::f16, {4, 16, 8}, {0, 0}), 0));  // no entries, an empty table
  run(op, counted(arguments(dtype::f16, {4, 0, 0}, {3}), 0));
  auto a = arguments(dtype::f16, {4, 16, 8}, {2});
  a[ckv_cache] = inout(dtype::f16, {0, 4, 16}, fills::normal());
  a[kpe_cache] = inout(dtype::f16, {0, 4, 8}, fills::normal());
  run(op, append(a));
  a[ckv_cache] = inout(dtype::f16, {3, 0, 16}, fills::normal());
  a[kpe_cache] = inout(dtype::f16, {3, 0, 8}, fills::normal());
  run(op, append(a));
  // Values are copied as they are.
  for (const dtype d : float_types) {
    a = arguments(d, {4, 64, 8}, {9});
    a[ckv] = input(d, {9, 64}, fills::hostile(d, true));
    a[kpe] = input(d, {9, 8}, fills::hostile(d, true));
    run(op, append(a));
  }
}

TEST(append_paged_mla_kv_cache, refuses) {
  contract(op, append(arguments(dtype::f16, {4, 16, 8}, {6, 3})));
}
