// SPDX-License-Identifier: Apache-2.0
// Page tables that break the contract: what is out of range is clamped, on the CPU and on GPUs alike, and nothing faults.
#include "gen/paged_attention_decode.api.h"
#include "gen/paged_attention_prefill.api.h"
#include "tests/check/paged.h"

using namespace check;

namespace {

constexpr double lowest = -2147483648.0, highest = 2147483647.0;

struct broken_table {
  int64_t pages, page_size;
  std::vector<double> indptr, indices, last_page_len;
};

tensor list(const std::vector<double>& values) {
  return input(dtype::i32, {static_cast<int64_t>(values.size())}, fills::values(values));
}

// kv_indptr begins before the table and ends past it.
broken_table short_requests() {
  const std::vector<double> indices = {-1, 2, highest, 0, 5, lowest, 4, 3, 6, -7, 1};
  return {5, 4, {-3, 4, 4, 8, 900}, indices, {-2, 1, 9, highest}};
}
// The second request is cut into chunks, whose partial results are merged.
broken_table long_requests() {
  broken_table t{7, 16, {lowest, 3, highest}, {}, {16, 5}};
  for (int i = 0; i < 130; ++i) t.indices.push_back(i % 10 == 9 ? highest : i % 10 - 1);
  return t;
}

test_case decode(const broken_table& b, dtype d, int32_t window = 0) {
  hipinfer_paged_attention_decode_options o{};
  o.struct_size = sizeof o;
  o.sliding_window = window;
  const int64_t requests = static_cast<int64_t>(b.last_page_len.size());
  const auto cache = [&] { return input(d, {b.pages, b.page_size, 2, 64}, fills::normal()); };
  test_case c{
      {output(d, {requests, 4, 64}), output(dtype::f32, {requests, 4}), input(d, {requests, 4, 64}, fills::normal()),
       cache(), cache(), list(b.indptr), list(b.indices), list(b.last_page_len)},
      [o](auto h, auto t, auto w, auto s) {
        return hipinfer_paged_attention_decode(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], &o, w.data, w.bytes,
                                               s);
      },
      [o](auto h, auto t, size_t* bytes) {
        return hipinfer_paged_attention_decode_workspace_bytes(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], &o,
                                                               bytes);
      }};
  c.floor = d == dtype::f32 ? 0.1 : 1;  // as in the operations' own tests
  c.fp32_units = 128;
  c.kernel_units = rounded_weights(d);
  return c;
}

struct settings {
  bool causal = true;
  int32_t window = 0, right = 0;
  std::vector<double> mask_indptr = {};  // of a mask of 40 bytes, if there is one
  dtype mask_index = dtype::i32;
};

// Two tokens a request. A table without pages is offsets of keys that lie side by side, 30 of them.
test_case prefill(const broken_table& b, dtype d, std::vector<double> qo_indptr, const settings& with) {
  const int64_t requests = static_cast<int64_t>(b.indptr.size()) - 1, tokens = 2 * requests;
  const bool paged = b.page_size > 0, masked = !with.mask_indptr.empty();
  const auto cache = [&] {
    return input(d, paged ? std::vector<int64_t>{b.pages, b.page_size, 2, 64} : std::vector<int64_t>{30, 2, 64},
                 fills::normal());
  };
  hipinfer_paged_attention_prefill_options o{};
  o.struct_size = sizeof o;
  o.causal = with.causal;
  o.sliding_window = with.window;
  o.window_right = with.right;
  test_case c{{inout(d, {tokens, 4, 64}, fills::normal()), inout(dtype::f32, {tokens, 4}, fills::normal()),
               input(d, {tokens, 4, 64}, fills::normal()), cache(), cache(), list(qo_indptr), list(b.indptr),
               paged ? list(b.indices) : none(), paged ? list(b.last_page_len) : none(),
               masked ? input(dtype::u8, {40}, fills::integers(0, 255)) : none(),
               masked ? input(with.mask_index, {requests + 1}, fills::values(with.mask_indptr)) : none()},
              [o](auto h, auto t, auto, auto s) mutable {
                o.custom_mask = t[9];
                o.mask_indptr = t[10];
                return hipinfer_paged_attention_prefill(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], &o, s);
              }};
  c.floor = d == dtype::f32 ? 0.1 : 1;  // as in the operations' own tests
  c.fp32_units = 128;
  c.kernel_units = rounded_weights(d);
  return c;
}

// Requests overlap, so results may be of either; a fault or a write elsewhere still fails.
test_case any_result(test_case c) {
  c.judge = [](const result&) {};
  c.deterministic = false;
  return c;
}

}  // namespace

TEST(paged_attention_decode, broken_tables) {
  for (const dtype d : float_types) {
    run("paged_attention_decode", decode(short_requests(), d));
    run("paged_attention_decode", decode(long_requests(), d));
    // Windows that show less than a page, and less than a request that the table makes too long.
    run("paged_attention_decode", decode(short_requests(), d, 3));
    run("paged_attention_decode", decode(long_requests(), d, 300));
  }
}

TEST(paged_attention_decode, descending_tables) {
  broken_table t = long_requests();
  for (const std::vector<double>& indptr : {std::vector<double>{130, 0, 130}, {0, 130, 5}, {5, lowest, 130}}) {
    t.indptr = indptr;
    run("paged_attention_decode", any_result(decode(t, dtype::f16)));
  }
}

TEST(paged_attention_decode, a_cache_without_pages) {
  broken_table t = short_requests();
  t.pages = 0;
  run("paged_attention_decode", decode(t, dtype::f32));
}

TEST(paged_attention_prefill, broken_tables) {
  for (const dtype d : float_types) {
    for (const bool causal : {false, true}) {
      run("paged_attention_prefill", prefill(short_requests(), d, {0, 2, 4, 6, 8}, {.causal = causal}));
      run("paged_attention_prefill", prefill(short_requests(), d, {-5, 1, 4, 7, 900}, {.causal = causal}));
      if (quick() && d == dtype::f16) continue;  // as bf16
      run("paged_attention_prefill", prefill(long_requests(), d, {0, 3, 4}, {.causal = causal}));
      run("paged_attention_prefill", prefill(long_requests(), d, {0, 3, 4}, {.causal = causal, .window = 70}));
    }
    run("paged_attention_prefill",
        prefill(short_requests(), d, {0, 2, 4, 6, 8}, {.causal = false, .window = 3, .right = 1}));
  }
}

// Offsets of keys begin before the first and end past the last.
TEST(paged_attention_prefill, broken_offsets_of_keys) {
  const broken_table t{0, 0, {-3, 9, 9, 14, 900}, {}, {}};
  for (const dtype d : float_types) {
    for (const bool causal : {false, true}) {
      run("paged_attention_prefill", prefill(t, d, {0, 2, 4, 6, 8}, {.causal = causal}));
      run("paged_attention_prefill", prefill(t, d, {-5, 1, 4, 7, 900}, {.causal = causal, .window = 4}));
    }
    run("paged_attention_prefill", prefill({0, 0, {lowest, 30, highest}, {}, {}}, d, {0, 3, 4}, {}));
    run("paged_attention_prefill", prefill({0, 0, {highest, highest, highest}, {}, {}}, d, {0, 2, 4}, {}));
  }
  for (const std::vector<double>& indptr : {std::vector<double>{30, 0, 30}, {0, 30, 5}, {5, lowest, 30}}) {
    run("paged_attention_prefill", any_result(prefill({0, 0, indptr, {}, {}}, dtype::f16, {0, 2, 4}, {})));
  }
}

// A request's bits begin before the mask, past its end or at its last byte, in any order: what is past the end is not seen.
TEST(paged_attention_prefill, broken_offsets_of_a_mask) {
  const broken_table keys{0, 0, {0, 9, 9, 14, 30}, {}, {}};
  for (const dtype d : float_types) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      const double far = index == dtype::i32 ? highest : 0x1p62;
      for (const std::vector<double>& begin : {std::vector<double>{-7, 39, 40, 5, 0}, {-far, far, 3, 38, -1}}) {
        const settings s{.mask_indptr = begin, .mask_index = index};
        run("paged_attention_prefill", prefill(keys, d, {0, 2, 4, 6, 8}, s));
        run("paged_attention_prefill", prefill(short_requests(), d, {0, 2, 4, 6, 8}, s));
      }
    }
  }
}

TEST(paged_attention_prefill, descending_tables) {
  for (const std::vector<double>& indptr : {std::vector<double>{4, 0, 4}, {highest, 2, lowest}}) {
    run("paged_attention_prefill", any_result(prefill(long_requests(), dtype::f16, indptr, {})));
  }
}

TEST(paged_attention_prefill, a_cache_without_pages) {
  broken_table t = short_requests();
  t.pages = 0;
  run("paged_attention_prefill", prefill(t, dtype::f32, {0, 2, 4, 6, 8}, {}));
}
