// SPDX-License-Identifier: Apache-2.0
// Caches of fp8, and their scales.
#include "tests/ops/attention/decode_cases.h"

using namespace check;

// Of every kernel; scales of all heads, of each, and of none.
TEST(paged_attention_decode, fp8_caches) {
  int64_t n = 0;
  for (const dtype d : float_types) {
    for (const dtype cache : fp8_types) {
      for (const int64_t dim : {64, 128, 256, 72}) {
        for (const int64_t group : {1, 2, 7}) {
          ++n;
          // Kernels of f16 and of f32 differ from those of bf16 in conversions, which every encoding has with one group.
          if (quick() && (d == dtype::bf16 ? group == 7 && dim != 128 : group != (d == dtype::f16 ? 2 : 1))) continue;
          const score_options s = {.cache = cache, .k_scales = n % 3, .v_scales = (n + n / 3) % 3};
          run("paged_attention_decode", decode_with(d, {300, 0, 7, 1}, group, dim, 16, s));
        }
      }
    }
  }
}

TEST(paged_attention_decode, fp8_pages_and_layouts) {
  for (const int64_t page_size : {1, 3, 16, 70}) {
    for (const cache_layout layout :
         {cache_layout::nhd, cache_layout::hnd, cache_layout::combined, cache_layout::unaligned}) {
      for (const int64_t group : {1, 4}) {
        auto c = decode(dtype::bf16, {17, 0, 300, 1, 3}, group, 2, 64, page_size, layout, true,
                        {.cache = dtype::e4m3fn, .k_scales = 2});
        run("paged_attention_decode", c);
        for (const int t : {3, 4}) c.arguments[t].starting_at(8);  // of 16 bytes the second half
        if (layout == cache_layout::nhd) run("paged_attention_decode", c);
      }
    }
  }
}

// 0, infinities and NaN act as numbers do in the formula; a request without keys has zeros.
TEST(paged_attention_decode, fp8_scales) {
  for (const int64_t group : {2, 4}) {
    for (const double special : {0.0, -3.0, double{INFINITY}, -double{INFINITY}, double{NAN}}) {
      for (const int which : {10, 11}) {
        for (const dtype d : float_types) {
          auto c = decode_with(d, {5, 0, 200}, group, 64, 16,
                               {.sinks = d == dtype::bf16, .cache = dtype::e4m3fn, .k_scales = 2, .v_scales = 2});
          c.arguments[which].contents[1] = special;
          // No sum is so near 0 that its sign, which an infinite scale shows, is that of an error.
          for (double& v : c.arguments[4].contents) v = round_to(dtype::e4m3fn, std::fabs(v) + 0.25);
          run("paged_attention_decode", c);
        }
      }
    }
  }
}

TEST(paged_attention_decode, fp8_non_finite) {
  for (const dtype cache : fp8_types) {
    for (const int64_t group : {2, 3}) {
      auto c = decode_with(dtype::bf16, {200, 7, 4, 4}, group, 64, 16, {.cache = cache, .k_scales = 1});
      for (double& q : c.arguments[2].contents) q = round_to(dtype::bf16, std::fabs(q) + 0.25);
      const auto row = [&](int tensor, int64_t b, int64_t key, int64_t head) -> double* {
        const auto entry = static_cast<size_t>(c.arguments[5].contents[b]) + static_cast<size_t>(key / 16);
        const auto slot = static_cast<int64_t>(c.arguments[6].contents[entry]) * 16 + key % 16;
        return &c.arguments[tensor].contents[(slot * 2 + head) * 64];
      };
      row(3, 0, 150, 0)[5] = NAN;
      row(4, 0, 3, 1)[7] = NAN;
      if (cache == dtype::e5m2) {  // which has infinities
        row(3, 1, 2, 0)[5] = -INFINITY;
        for (int64_t j = 0; j < 4; ++j) row(3, 2, j, 1)[0] = -INFINITY;
        row(4, 3, 3, 0)[0] = INFINITY;
      }
      run("paged_attention_decode", c);
    }
  }
}

// Every code comes through exactly: of a request's one key the values are the result, and a query with one element gives that of the key.
TEST(paged_attention_decode, fp8_values) {
  constexpr int64_t dim = 64, requests = 256 / dim, heads = dim;
  const fill nothing = fills::constant(0);
  const fill one_hot = [](int64_t i, generator&) { return i / dim % dim == i % dim ? 1.0 : 0.0; };
  for (const dtype cache : fp8_types) {
    for (const dtype d : float_types) {
      for (const bool keys : {true, false}) {
        auto batch =
            make_paged(cache, std::vector<int64_t>(requests, 1), 1, 1, dim, cache_layout::nhd, nothing, nothing);
        for (int64_t b = 0; b < requests; ++b) {
          const auto page = static_cast<int64_t>(batch.indices.contents[static_cast<size_t>(b)]);
          for (int64_t i = 0; i < dim; ++i) {
            const auto code = static_cast<uint8_t>(b * dim + i);
            const double value = read_element(cache, &code);
            // Zeros times a key that is not finite would be NaN.
            if (!keys || std::isfinite(value)) (keys ? batch.k : batch.v).contents[page * dim + i] = value;
          }
        }
        auto c = decode(output(d, {requests, heads, dim}), output(dtype::f32, {requests, heads}),
                        input(d, {requests, heads, dim}, one_hot), batch, 1.0f);
        c.judge = [=](const result& r) {
          const size_t tensor = keys ? 1 : 0;
          for (size_t i = 0; i < r.got[tensor].size(); ++i) {
            const double got = r.got[tensor][i], want = r.expected[tensor][i];
            // The logarithm of a key's only score is this, but for what fp32 rounds; gfx90a's matrix instructions read subnormal numbers
            // of f16 as 0.
            const double error = (keys ? 0x1p-20 * std::max(1.0, std::fabs(want)) : 0) +
                                 (d == dtype::f16 && std::fabs(want) < 0x1p-13 ? std::fabs(want) : 0);
            ASSERT_TRUE(got == want || (std::isnan(got) && std::isnan(want)) || std::fabs(got - want) <= error)
                << r.where << ": tensor " << tensor << ", element " << i << ": " << got << ", expected " << want;
          }
        };
        run("paged_attention_decode", c);
      }
    }
  }
}
