// SPDX-License-Identifier: Apache-2.0
// Caches of fp8, and their scales.
#include "tests/ops/attention/prefill_cases.h"

using namespace check;

namespace {

void run(const test_case& c) {
  check::run("paged_attention_prefill", c);
}

}  // namespace

// Of every kernel; scales of all heads, of each, and of none.
TEST(paged_attention_prefill, fp8_caches) {
  int64_t n = 0;
  for (const dtype d : float_types) {
    for (const dtype cache : fp8_types) {
      for (const int64_t dim : {64, 128, 256, 40}) {
        ++n;
        if (quick() && (d == dtype::f16 ? dim != 128 : d == dtype::f32 && dim > 64)) continue;  // as bf16
        const score_options s = {.cache = cache, .k_scales = n % 3, .v_scales = (n + n / 3) % 3};
        run(prefill(ragged, {.type = d, .heads = 2, .dim = dim, .scores = s}));
        if (dim != 256) run(prefill(few, {.type = d, .dim = dim, .scores = s, .side_by_side = true}));
      }
    }
  }
  const score_options s = {.cache = dtype::e4m3fn, .k_scales = 2, .v_scales = 2};
  for (const int64_t page_size : {1, 3, 70}) {
    for (const cache_layout layout : {cache_layout::hnd, cache_layout::combined, cache_layout::unaligned}) {
      run(prefill({{3, 150}, {0, 0}, {70, 70}},
                  {.type = dtype::bf16, .heads = 2, .page_size = page_size, .layout = layout, .scores = s}));
    }
  }
}

// 0, infinities and NaN act as numbers do in the formula; a row that sees no key has zeros.
TEST(paged_attention_prefill, fp8_scales) {
  for (const double special : {0.0, -3.0, double{INFINITY}, -double{INFINITY}, double{NAN}}) {
    for (const int which : {13, 14}) {
      for (const dtype d : float_types) {
        auto c = prefill({{9, 5}, {70, 130}},
                         {.type = d,
                          .heads = 2,
                          .scores = {.sinks = d == dtype::bf16, .cache = dtype::e5m2, .k_scales = 2, .v_scales = 2}});
        c.arguments[which].contents[1] = special;
        // No sum is so near 0 that its sign, which an infinite scale shows, is that of an error.
        for (double& v : c.arguments[4].contents) v = round_to(dtype::e5m2, std::fabs(v) + 0.25);
        run(c);
      }
    }
  }
}

// NaN and infinities, of which each row notices those that it sees.
TEST(paged_attention_prefill, fp8_non_finite) {
  for (const dtype cache : fp8_types) {
    for (const int64_t dim : {64, 128}) {
      for (const bool causal : {true, false}) {
        auto c =
            prefill({{80, 90}, {33, 200}},
                    {.type = dtype::bf16, .dim = dim, .causal = causal, .scores = {.cache = cache, .v_scales = 2}});
        for (double& q : c.arguments[2].contents) q = round_to(dtype::bf16, std::fabs(q) + 0.25);
        const auto row = [&](int tensor, int64_t b, int64_t key) -> double* {
          const auto entry = static_cast<size_t>(c.arguments[6].contents[b]) + static_cast<size_t>(key / 16);
          return &c.arguments[tensor]
                      .contents[(static_cast<int64_t>(c.arguments[7].contents[entry]) * 16 + key % 16) * dim];
        };
        row(3, 0, 60)[5] = NAN;  // seen by the later tokens only
        row(4, 0, 50)[7] = NAN;
        row(4, 1, 3)[dim - 1] = NAN;  // by all, and by the last one alone
        row(4, 1, 199)[2] = NAN;
        if (cache == dtype::e5m2) {
          row(4, 0, 40)[9] = INFINITY;
          row(3, 1, 190)[0] = -INFINITY;
          row(4, 1, 190)[1] = INFINITY;
        }
        run(c);
      }
    }
  }
}
