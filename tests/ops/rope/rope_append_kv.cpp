// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/rope_append_kv.api.h"
#include "tests/check/paged.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

constexpr const char* op = "rope_append_kv";
enum {
  q_out,
  k_cache,
  v_cache,
  q,
  k,
  v,
  cos_sin,
  positions,
  batch_indices,
  kv_indices,
  kv_indptr,
  kv_last_page_len,
  pos_ids,
  k_scale,
  v_scale
};

struct shape {
  int64_t page_size, q_heads, kv_heads, head_dim, value_dim, rotary;
};

fill angles(int64_t width) {
  return [width](int64_t i, generator&) {
    const int64_t position = i / width, column = i % width, half = width / 2;
    const double angle = static_cast<double>(position + 1) * std::pow(0.9, static_cast<double>(column % half));
    return column < half ? std::cos(angle) : std::sin(angle);
  };
}

std::vector<tensor> arguments(dtype d, dtype cache, dtype index, const shape& z, const std::vector<int64_t>& lengths) {
  const appended_tokens t = make_appended(lengths, z.page_size, index);
  const auto heads = [&](int64_t h, int64_t n) { return input(d, {t.tokens, h, n}, fills::normal()); };
  return {output(d, {t.tokens, z.q_heads, z.head_dim}),
          inout(cache, {t.pages, z.page_size, z.kv_heads, z.head_dim}, fills::normal()),
          inout(cache, {t.pages, z.page_size, z.kv_heads, z.value_dim}, fills::normal()),
          heads(z.q_heads, z.head_dim),
          heads(z.kv_heads, z.head_dim),
          heads(z.kv_heads, z.value_dim),
          input(dtype::f32, {50, z.rotary}, angles(z.rotary)),
          t.positions,
          t.batch_indices,
          t.indices,
          t.indptr,
          t.last_page_len,
          none(),
          none(),
          none()};
}

test_case append(std::vector<tensor> a, bool interleaved) {
  test_case c{std::move(a), [=](auto h, auto t, auto, auto s) {
                return hipinfer_rope_append_kv(h, t[q_out], t[k_cache], t[v_cache], t[q], t[k], t[v], t[cos_sin],
                                               t[positions], t[batch_indices], t[kv_indices], t[kv_indptr],
                                               t[kv_last_page_len], t[pos_ids], t[k_scale], t[v_scale], interleaved, s);
              }};
  // Two products and their sum, of elements of the row; in fp8 1 / scale and a product.
  c.fp32_units = 8;
  if (is_fp8(c.arguments[k_cache].type)) {
    c.before_rounding = into_caches(c.call, {k_cache, v_cache}, {k_scale, v_scale});
  }
  return c;
}

tensor one(double x) {
  return input(dtype::f32, {1}, fills::constant(x));
}

// [P, H, S, D] seen as [P, S, H, D].
void heads_first(tensor& t) {
  const auto& s = t.shape;
  t.strided({s[1] * s[2] * s[3], s[3], s[1] * s[3], 1});
}

}  // namespace

TEST(rope_append_kv, shapes_and_caches) {
  for (const dtype d : float_types) {
    for (const dtype cache : {d, dtype::e4m3fn, dtype::e4m3fnuz, dtype::e5m2, dtype::e5m2fnuz}) {
      for (const shape& z : {shape{2, 3, 1, 128, 128, 128},
                             {4, 3, 1, 64, 64, 32},
                             {2, 2, 1, 192, 128, 64},
                             {2, 2, 2, 7, 9, 4},
                             {2, 1, 1, 80, 12, 80}}) {
        auto a = arguments(d, cache, dtype::i32, z, {1, 0, 3});
        run(op, append(a, true));
        if (cache != d) {
          a[k_scale] = one(0.037);
          a[v_scale] = one(3);
        }
        run(op, append(a, false));
      }
    }
  }
}

TEST(rope_append_kv, enough_for_several_heads_a_thread) {
  const int64_t first = tokens_for_device(1500), third = tokens_for_device(2000);
  for (const dtype cache : {dtype::bf16, dtype::e4m3fnuz}) {
    auto a = arguments(dtype::bf16, cache, dtype::i32, {16, 23, 9, 56, 40, 48}, {first, 0, third});
    a[pos_ids] = input(dtype::i32, {first + third}, fills::integers(-2, 50));
    run(op, append(a, true));
  }
  auto a = arguments(dtype::f32, dtype::e5m2, dtype::i32, {16, 9, 7, 24, 40, 16}, {first, 0, third});
  a[pos_ids] = input(dtype::i32, {first + third}, fills::integers(0, 49));
  run(op, append(a, false));
}

TEST(rope_append_kv, layouts) {
  for (const dtype d : float_types) {
    for (const dtype cache : {d, dtype::e4m3fnuz}) {
      for (const shape& z : {shape{16, 4, 2, 64, 64, 64}, {3, 2, 1, 6, 5, 4}}) {
        auto a = arguments(d, cache, dtype::i64, z, {7, 13});
        heads_first(a[k_cache]);
        a[q].with_gap(8);
        a[k].with_gap(16);
        run(op, append(a, false));
        heads_first(a[v_cache]);
        a[v].with_gap(3);
        run(op, append(a, true));
        a = arguments(d, cache, dtype::i32, z, {7, 13});
        a[k_cache].starting_at(1);
        a[v_cache].with_gap(1);
        a[cos_sin].with_gap(5);
        run(op, append(a, false));
      }
    }
  }
}

TEST(rope_append_kv, queries_in_place) {
  for (const dtype d : float_types) {
    for (const int64_t rotary : {64, 16, 0}) {
      auto a = arguments(d, d, dtype::i32, {4, 3, 2, 64, 64, rotary}, {9});
      a[positions].contents[3] = -1;  // no slot, and no angles
      a[pos_ids] = input(dtype::i32, {9}, fills::values({3, 1, 49, 50, 0, 7, -1, 8, 2}));
      a[q].use = role::inout;
      a.erase(a.begin());
      test_case c{a, [](auto h, auto t, auto, auto s) {
                    return hipinfer_rope_append_kv(h, t[2], t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9],
                                                   t[10], t[11], t[12], t[13], 0, s);
                  }};
      run(op, c);
    }
  }
}

TEST(rope_append_kv, contiguous_caches) {
  for (const dtype d : float_types) {
    auto a = arguments(d, dtype::e5m2, dtype::i32, {8, 4, 2, 64, 64, 64}, {5, 3, 1});
    for (const int table : {kv_indices, kv_indptr, kv_last_page_len}) a[table] = none();
    a[positions].contents[1] = 8;  // past the end
    a[batch_indices].contents[6] = 900;
    run(op, append(a, false));
  }
}

TEST(rope_append_kv, what_is_out_of_range) {
  for (const dtype d : float_types) {
    const auto spoiled = [&](int which, size_t entry, double with) {
      auto a = arguments(d, d, dtype::i32, {4, 2, 1, 16, 16, 16}, {6, 3});
      a[which].contents[entry] = with;
      run(op, append(a, false));
    };
    for (const double bad : {-1.0, 2.0, -2147483648.0, 2147483647.0}) spoiled(batch_indices, 2, bad);
    for (const double bad : {-1.0, 6.0, 49.0, 50.0, -2147483648.0, 2147483647.0}) spoiled(positions, 2, bad);
    for (const double bad : {-1.0, 5.0, 2147483647.0, -2147483648.0}) spoiled(kv_indices, 0, bad);
    for (const double bad : {-5.0, 0.0, 1.0, 9.0}) spoiled(kv_last_page_len, 0, bad);
    for (const double bad : {-2147483648.0, 0.0, 2147483647.0}) spoiled(kv_indptr, 1, bad);
  }
}

TEST(rope_append_kv, hostile_values_and_nothing) {
  for (const dtype d : float_types) {
    auto a = arguments(d, dtype::e4m3fn, dtype::i32, {4, 2, 1, 64, 64, 64}, {9});
    a[v] = input(d, {9, 1, 64}, fills::hostile(d, true));
    a[k].contents[3] = NAN;
    a[k].contents[200] = INFINITY;
    a[positions].contents[4] = 7;
    a[positions].contents[7] = -1;
    run(op, append(a, false));
  }
  run(op, append(arguments(dtype::f16, dtype::f16, dtype::i32, {4, 2, 1, 16, 16, 16}, {0, 0}), false));
  auto a = arguments(dtype::f16, dtype::f16, dtype::i32, {4, 2, 1, 16, 16, 16}, {2});
  for (const int cache : {k_cache, v_cache}) a[cache] = inout(dtype::f16, {0, 4, 1, 16}, fills::normal());
  run(op, append(a, false));  // no page is in range; queries are rotated all the same
  for (const int cache : {k_cache, v_cache}) a[cache] = inout(dtype::f16, {3, 0, 1, 16}, fills::normal());
  run(op, append(a, false));
}

TEST(rope_append_kv, refuses) {
  const auto base = [](dtype cache) { return arguments(dtype::f16, cache, dtype::i32, {4, 4, 2, 16, 16, 16}, {6, 3}); };
  contract(op, append(base(dtype::f16), false));
  auto full = base(dtype::e4m3fn);
  full[k_scale] = full[v_scale] = one(1);
  full[pos_ids] = input(dtype::i32, {9}, fills::integers(0, 49));
  contract(op, append(full, true));
  for (const int64_t rotary : {3, 18}) {
    auto a = base(dtype::f16);
    a[cos_sin] = input(dtype::f32, {50, rotary}, fills::constant(0));
    refused(op, append(a, false), HIPINFER_STATUS_INVALID_SHAPE, "cos_sin");
  }
  for (const int missing : {kv_indices, kv_indptr, kv_last_page_len}) {
    auto a = base(dtype::f16);
    a[missing] = none();
    refused(op, append(a, false), HIPINFER_STATUS_NULL_POINTER, "is NULL, but");
  }
  auto a = base(dtype::f16);
  a[k_scale] = one(1);
  refused(op, append(a, false), HIPINFER_STATUS_INVALID_DTYPE, "k_scale");
}
