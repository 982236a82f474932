// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "gen/append_paged_kv_cache.api.h"
#include "tests/check/paged.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

constexpr const char* op = "append_paged_kv_cache";
enum {
  k_cache,
  v_cache,
  key,
  value,
  batch_indices,
  positions,
  kv_indices,
  kv_indptr,
  kv_last_page_len,
  k_scale,
  v_scale
};

struct shape {
  int64_t page_size, heads, head_dim;
};

// Requests of the given lengths on pages dealt out in a shuffled order; every position of every request is
// appended.
std::vector<tensor> arguments(dtype d, const shape& z, const std::vector<int64_t>& lengths, dtype index = dtype::i32) {
  const appended_tokens t = make_appended(lengths, z.page_size, index);
  const auto cache = [&] { return inout(d, {t.pages, z.page_size, z.heads, z.head_dim}, fills::normal()); };
  const auto fresh = [&] { return input(d, {t.tokens, z.heads, z.head_dim}, fills::normal()); };
  return {cache(),   cache(),  fresh(),         fresh(), t.batch_indices, t.positions,
          t.indices, t.indptr, t.last_page_len, none(),  none()};
}

test_case append(std::vector<tensor> a) {
  test_case c{std::move(a), [](auto h, auto t, auto, auto s) {
                return hipinfer_append_paged_kv_cache(h, t[k_cache], t[v_cache], t[key], t[value], t[batch_indices],
                                                      t[positions], t[kv_indices], t[kv_indptr], t[kv_last_page_len],
                                                      t[k_scale], t[v_scale], s);
              }};
  if (is_fp8(c.arguments[k_cache].type)) {
    c.before_rounding = into_caches(c.call, {k_cache, v_cache}, {k_scale, v_scale});
    c.scale = error_scale::value;
    c.fp32_units = 4;  // 1 / scale and the product
  } else {
    c.exact = true;
  }
  return c;
}

// Counts the slots that differ from what was there before, and holds what the appended ones contain against a
// walk of the page table of its own.
test_case counted(std::vector<tensor> a, int64_t expected) {
  auto c = append(std::move(a));
  c.judge = [expected](const result& r) {
    const tensor& cache = r.arguments[k_cache];
    const int64_t size = cache.shape[1], width = cache.shape[2] * cache.shape[3];
    ASSERT_EQ(r.got[k_cache], r.expected[k_cache]) << r.where;
    ASSERT_EQ(r.got[v_cache], r.expected[v_cache]) << r.where;
    int64_t changed = 0;
    for (int64_t row = 0; row < cache.shape[0] * size; ++row) {
      bool differs = false;
      for (int64_t i = row * width; i < (row + 1) * width; ++i) differs |= r.got[k_cache][i] != cache.contents[i];
      changed += differs;
    }
    EXPECT_EQ(changed, expected) << r.where;
    const auto& v = r.arguments;
    for (int64_t t = 0; changed == v[key].shape[0] && t < changed; ++t) {
      const auto b = static_cast<size_t>(v[batch_indices].contents[t]);
      const auto at = static_cast<int64_t>(v[positions].contents[t]);
      const auto page =
          static_cast<int64_t>(v[kv_indices].contents[static_cast<size_t>(v[kv_indptr].contents[b]) + at / size]);
      for (int64_t i = 0; i < width; ++i) {
        const int64_t slot = (page * size + at % size) * width + i;
        ASSERT_EQ(r.got[k_cache][slot], v[key].contents[t * width + i]) << r.where << ": entry " << t;
        ASSERT_EQ(r.got[v_cache][slot], v[value].contents[t * width + i]) << r.where << ": entry " << t;
      }
    }
  };
  return c;
}

// [P, H, S, D] seen as [P, S, H, D].
void heads_first(tensor& t) {
  const auto& s = t.shape;
  t.strided({s[1] * s[2] * s[3], s[3], s[1] * s[3], 1});
}

}  // namespace

TEST(append_paged_kv_cache, pages_and_heads) {
  for (const dtype d : float_types) {
    for (const shape& z :
         {shape{16, 8, 128}, {1, 2, 64}, {5, 3, 7}, {64, 1, 80}, {3, 2, 1}, {4, 5, 72}, {7, 1, 3000}}) {
      run(op, counted(arguments(d, z, {z.page_size, 1, z.page_size + 1, 0, 3 * z.page_size - 1}), 5 * z.page_size + 1));
    }
  }
  run(op, counted(arguments(dtype::bf16, {16, 2, 64}, {500, 700}), 1200));
}

TEST(append_paged_kv_cache, layouts) {
  for (const dtype d : float_types) {
    for (const shape& z : {shape{16, 4, 64}, {3, 2, 5}}) {
      auto a = arguments(d, z, {7, 33});
      heads_first(a[k_cache]);
      run(op, counted(a, 40));  // K heads first, V not
      heads_first(a[v_cache]);
      a[key].with_gap(8);  // new keys from a fused qkv buffer
      a[value].with_gap(3);
      run(op, counted(a, 40));
      a = arguments(d, z, {7, 33});
      a[k_cache].starting_at(1);
      a[v_cache].with_gap(1);
      run(op, counted(a, 40));
      // K and V as the two halves of each page of one tensor [P, 2, S, H, D].
      a = arguments(d, z, {7, 33});
      const int64_t pages = a[k_cache].shape[0], half = z.page_size * z.heads * z.head_dim;
      const tensor both = inout(d, {pages, 2, z.page_size, z.heads, z.head_dim}, fills::normal());
      std::vector<tensor> rest(a.begin() + key, a.begin() + k_scale);
      rest.insert(rest.begin(), both);
      test_case c{rest, [=](auto h, auto t, auto, auto s) {
                    hipinfer_tensor k = *t[0], v = *t[0];
                    const int64_t shape[] = {pages, z.page_size, z.heads, z.head_dim};
                    const int64_t strides[] = {2 * half, z.heads * z.head_dim, z.head_dim, 1};
                    k.ndim = v.ndim = 4;
                    k.shape = v.shape = shape;
                    k.strides = v.strides = strides;
                    v.byte_offset += static_cast<uint64_t>(half * (v.dtype.bits / 8));
                    return hipinfer_append_paged_kv_cache(h, &k, &v, t[1], t[2], t[3], t[4], t[5], t[6], t[7], nullptr,
                                                          nullptr, s);
                  }};
      c.exact = true;
      c.fixed_layout = true;
      run(op, c);
    }
  }
}

TEST(append_paged_kv_cache, fp8_caches) {
  for (const dtype d : float_types) {
    for (const dtype to : fp8_types) {
      for (const shape& z : {shape{16, 4, 64}, {3, 2, 5}, {4, 1, 136}}) {
        auto a = arguments(d, z, {3, 0, 10}, dtype::i64);
        for (const int cache : {k_cache, v_cache}) a[cache] = inout(to, a[cache].shape, fills::normal());
        a[key] = input(d, a[key].shape, fills::hostile(d, true));
        run(op, append(a));
        a[k_scale] = input(dtype::f32, {1}, fills::constant(0.037));
        a[v_scale] = input(dtype::f32, {1}, fills::constant(11.5));
        heads_first(a[v_cache]);
        run(op, append(a));
        // A power of two divides without rounding: one correct result.
        a[k_scale] = none();
        a[v_scale] = input(dtype::f32, {1}, fills::constant(0.25));
        a[k_cache].starting_at(1);
        a[v_cache].with_gap(3);
        auto powers = append(a);
        powers.exact = true;
        run(op, powers);
      }
    }
  }
}

TEST(append_paged_kv_cache, enough_for_several_heads_a_thread) {
  for (const dtype to : {dtype::bf16, dtype::e4m3fn}) {
    auto a = arguments(dtype::bf16, {16, 23, 48}, {tokens_for_device(2000), 0, tokens_for_device(3000)});
    for (const int cache : {k_cache, v_cache}) a[cache] = inout(to, a[cache].shape, fills::normal());
    run(op, append(a));
  }
}

TEST(append_paged_kv_cache, wide_indices) {
  for (const dtype d : float_types) run(op, counted(arguments(d, {5, 3, 72}, {12, 0, 1}, dtype::i64), 13));
}

TEST(append_paged_kv_cache, entries_out_of_range_are_skipped) {
  const shape z{4, 2, 16};
  for (const dtype d : float_types) {
    const auto base = [&] { return arguments(d, z, {6, 3}); };  // pages [2, 1], 9 entries
    const auto spoiled = [&](int which, size_t entry, double with, int64_t left) {
      auto a = base();
      a[which].contents[entry] = with;
      run(op, counted(a, left));
    };
    for (const double bad : {-1.0, 2.0, 1000000.0, -2147483648.0, 2147483647.0}) spoiled(batch_indices, 2, bad, 8);
    for (const double bad : {-1.0, 6.0, 7.0, 8.0, 1000000.0, -2147483648.0, 2147483647.0})
      spoiled(positions, 2, bad, 8);
    // A page that is not there takes its entries with it: 4 of request 0's first page, 3 of request 1's.
    for (const double bad : {-1.0, 5.0, 2147483647.0, -2147483648.0}) {
      spoiled(kv_indices, 0, bad, 5);
      spoiled(kv_indices, 2, bad, 6);
    }
    // A shorter last page; none; one that claims more than a page has (request 0 still ends with its pages).
    spoiled(kv_last_page_len, 0, 1, 8);
    spoiled(kv_last_page_len, 0, 0, 7);
    spoiled(kv_last_page_len, 0, -5, 7);
    spoiled(kv_last_page_len, 0, 9, 9);
    // A broken indptr: requests that end before they begin, begin before the table or end past it.
    spoiled(kv_indptr, 1, 0, 3);
    spoiled(kv_indptr, 0, -2147483648.0, 3);
    spoiled(kv_indptr, 2, 1, 6);
    auto a = base();
    a[kv_indptr].contents = {2147483647.0, 2147483647.0, -2147483648.0};
    run(op, counted(a, 0));
    a = base();
    a[kv_indptr].contents[2] = 2147483647.0;  // request 1 is long now, but the table is not
    a[positions].contents[8] = 40;
    run(op, counted(a, 8));
  }
}

TEST(append_paged_kv_cache, nothing_to_do) {
  run(op, counted(arguments(dtype::f16, {4, 2, 16}, {0, 0}), 0));  // no entries, an empty table
  auto a = arguments(dtype::f16, {4, 2, 16}, {2});
  a[k_cache] = inout(dtype::f16, {0, 4, 2, 16}, fills::normal());
  a[v_cache] = inout(dtype::f16, {0, 4, 2, 16}, fills::normal());
  run(op, append(a));
  a[k_cache] = inout(dtype::f16, {3, 0, 2, 16}, fills::normal());
  a[v_cache] = inout(dtype::f16, {3, 0, 2, 16}, fills::normal());
  run(op, append(a));
  // Values are copied as they are.
  a = arguments(dtype::bf16, {4, 2, 64}, {9});
  a[key] = input(dtype::bf16, {9, 2, 64}, fills::hostile(dtype::bf16, true));
  run(op, append(a));
}

namespace {

// Two caches of two pages, the second `page_stride` elements from the first, of which only a few bytes are
// used: writes the last slot of both pages and looks where it must, and where a 32-bit offset would have
// ended up.
struct memory {
  hipinfer_context context;
  void* k;
  void* v;
};
void append_far(const memory& m, hipinfer_device device, int64_t page_stride) {
  constexpr int64_t size = 2, heads = 2, width = 64, slot = heads * width;
  const hipinfer_dtype half = abi_dtype(dtype::f16), integer = abi_dtype(dtype::i32);
  std::vector<uint16_t> fresh(4 * slot);
  std::iota(fresh.begin(), fresh.end(), uint16_t{1});
  const std::vector<int32_t> indices{0, 0, 1, 3, 0, 1, 0, 2, 2};  // batch, positions, pages, indptr, last
  void *tokens = nullptr, *numbers = nullptr;
  const auto must = [](hipinfer_status s) { ASSERT_EQ(s, HIPINFER_STATUS_OK) << hipinfer_last_error(); };
  must(hipinfer_malloc(m.context, fresh.size() * 2, &tokens));
  must(hipinfer_malloc(m.context, indices.size() * 4, &numbers));
  must(hipinfer_memcpy_async(m.context, tokens, fresh.data(), fresh.size() * 2, nullptr));
  must(hipinfer_memcpy_async(m.context, numbers, indices.data(), indices.size() * 4, nullptr));
  const int64_t cache_shape[] = {2, size, heads, width}, cache_stride[] = {page_stride, slot, width, 1};
  const int64_t fresh_shape[] = {2, heads, width}, two[] = {2}, one[] = {1};
  const hipinfer_tensor k{m.k, device, 4, half, cache_shape, cache_stride, 0};
  const hipinfer_tensor v{m.v, device, 4, half, cache_shape, cache_stride, 0};
  const hipinfer_tensor new_k{tokens, device, 3, half, fresh_shape, nullptr, 0};
  const hipinfer_tensor new_v{tokens, device, 3, half, fresh_shape, nullptr, 2 * 2 * slot};
  const auto ints = [&](int at, const int64_t* shape) {
    return hipinfer_tensor{numbers, device, 1, integer, shape, nullptr, static_cast<uint64_t>(4 * at)};
  };
  const hipinfer_tensor batch = ints(0, two), where = ints(2, two), table = ints(4, two), begin = ints(6, two),
                        last = ints(8, one);
  must(hipinfer_append_paged_kv_cache(m.context, &k, &v, &new_k, &new_v, &batch, &where, &table, &begin, &last, nullptr,
                                      nullptr, nullptr));
  must(hipinfer_stream_synchronize(m.context, nullptr));
  for (const bool values : {false, true}) {
    for (const int64_t page : {0, 1}) {
      std::vector<uint16_t> got(2 * slot), expected(2 * slot);
      const char* at = static_cast<const char*>(values ? m.v : m.k) + page * page_stride * 2;
      must(hipinfer_memcpy_async(m.context, got.data(), at, got.size() * 2, nullptr));
      must(hipinfer_stream_synchronize(m.context, nullptr));
      std::copy_n(fresh.begin() + (values * 2 + page) * slot, slot, expected.begin() + slot);
      EXPECT_EQ(got, expected) << (values ? "value" : "key") << ", page " << page;
    }
  }
  must(hipinfer_free(m.context, tokens));
  must(hipinfer_free(m.context, numbers));
}

}  // namespace

TEST(append_paged_kv_cache, pages_past_4_gib_on_the_cpu) {
  // Address space without memory behind it: only the touched pages cost anything.
  constexpr size_t bytes = size_t{20} << 30;
  const auto map = [] {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  };
  void *k = map(), *v = map();
  if (k == MAP_FAILED || v == MAP_FAILED) GTEST_SKIP() << "no address space for 20 GiB twice";
  append_far({cpu_context(), k, v}, {HIPINFER_DEVICE_CPU, 0}, (int64_t{9} << 30) + 64);
  munmap(k, bytes);
  munmap(v, bytes);
}

TEST(append_paged_kv_cache, pages_past_4_gib) {
  if (!large()) GTEST_SKIP() << "takes 11 GiB of device memory: HIPINFER_TEST_LARGE=1";
  for (const std::string& name : devices()) {
    if (name.rfind("cpu", 0) == 0) continue;  // above
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = name.c_str();
    hipinfer_context context = nullptr;
    ASSERT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
    hipinfer_device_info info{};
    info.struct_size = sizeof info;
    ASSERT_EQ(hipinfer_context_device_info(context, &info), HIPINFER_STATUS_OK);
    // Past 2^31 elements and past 2^32 bytes: an offset kept in 32 bits would write elsewhere in the cache.
    constexpr int64_t stride = (int64_t{1} << 31) + (int64_t{1} << 29) + 64;
    constexpr size_t bytes = (stride + 512) * 2;
    void *k = nullptr, *v = nullptr;
    ASSERT_EQ(hipinfer_malloc(context, bytes, &k), HIPINFER_STATUS_OK) << hipinfer_last_error();
    ASSERT_EQ(hipinfer_malloc(context, bytes, &v), HIPINFER_STATUS_OK) << hipinfer_last_error();
    ASSERT_EQ(hipinfer_memset_async(context, k, 0, bytes, nullptr), HIPINFER_STATUS_OK);
    ASSERT_EQ(hipinfer_memset_async(context, v, 0, bytes, nullptr), HIPINFER_STATUS_OK);
    append_far({context, k, v}, info.device, stride);
    EXPECT_EQ(hipinfer_free(context, k), HIPINFER_STATUS_OK);
    EXPECT_EQ(hipinfer_free(context, v), HIPINFER_STATUS_OK);
    hipinfer_context_destroy(context);
  }
}

TEST(append_paged_kv_cache, refuses) {
  contract(op, append(arguments(dtype::f16, {4, 2, 16}, {6, 3})));
  auto a = arguments(dtype::f16, {4, 2, 16}, {6, 3});
  a[v_scale] = input(dtype::f32, {1}, fills::constant(1));
  refused(op, append(a), HIPINFER_STATUS_INVALID_DTYPE, "v_scale");
  for (const int cache : {k_cache, v_cache}) a[cache] = inout(dtype::e4m3fn, a[cache].shape, fills::normal());
  a[k_scale] = a[v_scale];
  contract(op, append(a));
}
