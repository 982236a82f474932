// SPDX-License-Identifier: Apache-2.0
// A batch of requests over a paged KV cache, as hostile as it may be: pages in no order, NaN in every slot and page that
// no request uses, nonsense in the table's spare entries and in the last page of an empty request.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "tests/check/check.h"

namespace check {

enum class cache_layout { nhd, hnd, combined, unaligned };

struct paged_batch {
  tensor k, v;  // [P, S, H, D]
  tensor indptr, indices, last_page_len;
};

inline std::vector<int64_t> cache_strides(cache_layout layout, int64_t s, int64_t h, int64_t d) {
  switch (layout) {
    case cache_layout::nhd:
      return {s * h * d, h * d, d, 1};
    case cache_layout::hnd:
      return {s * h * d, d, s * d, 1};
    case cache_layout::combined:
      return {2 * s * h * d, h * d, d, 1};  // one half of [P, 2, S, H, D]
    case cache_layout::unaligned:
      return {(s * h + 1) * (d + 1) + 1, h * (d + 1), d + 1, 1};
  }
  return {};
}

inline paged_batch make_paged(dtype type, const std::vector<int64_t>& lengths, int64_t page_size, int64_t heads,
                              int64_t d, cache_layout layout = cache_layout::nhd, const fill& keys = fills::normal(),
                              const fill& values = fills::normal()) {
  std::vector<double> indptr{0}, last;
  for (const int64_t n : lengths) {
    indptr.push_back(indptr.back() + static_cast<double>((n + page_size - 1) / page_size));
    last.push_back(n == 0 ? 77.0 : static_cast<double>((n - 1) % page_size + 1));
  }
  const int64_t used = static_cast<int64_t>(indptr.back()), pages = used + 3;
  std::vector<int64_t> order(pages);
  std::iota(order.begin(), order.end(), 0);
  generator g(seed() + static_cast<uint64_t>(pages));
  std::shuffle(order.begin(), order.end(), g);
  // The last page is in use, so that a page stride past 2^31 is followed to its end.
  if (used > 0) std::swap(order[used / 2], *std::find(order.begin(), order.end(), pages - 1));
  std::vector<double> indices(order.begin(), order.begin() + used);
  indices.insert(indices.end(), {-1.0, 2147483647.0});

  std::vector<bool> in_use(pages * page_size);
  for (size_t b = 0; b < lengths.size(); ++b) {
    for (int64_t j = 0; j < lengths[b]; ++j) {
      in_use[order[static_cast<int64_t>(indptr[b]) + j / page_size] * page_size + j % page_size] = true;
    }
  }
  paged_batch out;
  const int64_t table = static_cast<int64_t>(indices.size()), requests = static_cast<int64_t>(lengths.size());
  out.indptr = input(dtype::i32, {requests + 1}, fills::values(indptr));
  out.indices = input(dtype::i32, {table}, fills::values(indices));
  out.last_page_len = input(dtype::i32, {requests}, last.empty() ? fills::constant(0) : fills::values(last));
  for (tensor* t : {&out.k, &out.v}) {
    *t = input(type, {pages, page_size, heads, d}, t == &out.k ? keys : values);
    for (size_t i = 0; i < t->contents.size(); ++i) {
      if (!in_use[i / (heads * d)]) t->contents[i] = NAN;
    }
    t->strided(cache_strides(layout, page_size, heads, d));
    if (layout == cache_layout::unaligned) t->starting_at(1);
  }
  return out;
}

// The same without pages: keys side by side, NaN before the first request's, where kv_indptr begins, and after the last one's.
inline paged_batch make_side_by_side(dtype type, const std::vector<int64_t>& lengths, int64_t heads, int64_t d,
                                     cache_layout layout, const fill& keys, const fill& values) {
  std::vector<double> indptr{1};
  for (const int64_t n : lengths) indptr.push_back(indptr.back() + static_cast<double>(n));
  const auto used = static_cast<int64_t>(indptr.back()), all = used + 2;
  paged_batch out;
  out.indptr = input(dtype::i32, {static_cast<int64_t>(indptr.size())}, fills::values(indptr));
  for (tensor* t : {&out.k, &out.v}) {
    *t = input(type, {all, heads, d}, t == &out.k ? keys : values);
    std::fill_n(t->contents.begin(), heads * d, NAN);
    std::fill(t->contents.begin() + used * heads * d, t->contents.end(), NAN);
    if (layout == cache_layout::hnd) t->strided({d, all * d, 1});
    if (layout == cache_layout::unaligned) t->strided({heads * (d + 1) + 3, d + 1, 1}).starting_at(1);
  }
  return out;
}

// Kernels of matrix instructions round the weights of 16-bit values to their dtype, by up to 2^-11 or 2^-8 of themselves, which is an error
// of values that may cancel. In units of 2^-24.
inline std::function<double(const std::string&)> rounded_weights(dtype d) {
  return [d](const std::string& kernel) {
    for (const char* matrix : {"mfma_", "wmma_", "wgmma_", "mma_sync_"}) {
      if (kernel.rfind(matrix, 0) == 0) return d == dtype::f16 ? 0x1p13 : d == dtype::bf16 ? 0x1p16 : 0.0;
    }
    return 0.0;
  };
}

// What attention's options make of scores. Few units are added to what fp32 may be wrong by: a cap's tanh is within 9 of its own size,
// and a bias is rounded with the score it is added to.
struct score_options {
  float cap = 0;
  int32_t window = 0;
  bool sinks = false, slopes = false;
  std::optional<dtype> cache = {};     // fp8; else the query's
  int64_t k_scales = 0, v_scales = 0;  // none, one number, or more: one for each key/value head

  tensor k_scale_of(int64_t kv_heads) const { return scale(k_scales, kv_heads, {1.25, 0.5, 0.75}); }
  tensor v_scale_of(int64_t kv_heads) const { return scale(v_scales, kv_heads, {0.75, -1, 0.5}); }
  tensor sinks_of(int64_t heads) const { return sinks ? input(dtype::f32, {heads}, fills::normal(2)) : none(); }
  tensor slopes_of(int64_t heads) const {
    return slopes ? input(dtype::f32, {heads}, [](int64_t h, generator&) { return 0.25 / (1 << h % 8); }) : none();
  }
  double units(int64_t most_keys) const {
    return 12 * static_cast<double>(cap) + (slopes ? 0.5 * static_cast<double>(most_keys) : 0);
  }

 private:
  static tensor scale(int64_t scales, int64_t kv_heads, const std::vector<double>& of) {
    if (scales == 0) return none();
    return input(dtype::f32, {scales == 1 ? 1 : kv_heads}, fills::values(of));
  }
};

// Every position of every request, to be appended to pages that are dealt out in a shuffled order; page 0 and the last one
// belong to nobody.
struct appended_tokens {
  tensor batch_indices, positions, indices, indptr, last_page_len;
  int64_t pages, tokens;
};
inline appended_tokens make_appended(const std::vector<int64_t>& lengths, int64_t page_size, dtype index) {
  std::vector<double> table, begin{0}, last, batch, position;
  for (size_t b = 0; b < lengths.size(); ++b) {
    const int64_t pages = (lengths[b] + page_size - 1) / page_size;
    for (int64_t k = 0; k < pages; ++k) table.push_back(static_cast<double>(table.size() + 1));
    begin.push_back(static_cast<double>(table.size()));
    last.push_back(static_cast<double>(pages == 0 ? 0 : lengths[b] - (pages - 1) * page_size));
    for (int64_t k = 0; k < lengths[b]; ++k) {
      batch.push_back(static_cast<double>(b));
      position.push_back(static_cast<double>(k));
    }
  }
  generator g(5);
  std::shuffle(table.begin(), table.end(), g);
  const auto list = [&](const std::vector<double>& values) {
    return input(index, {static_cast<int64_t>(values.size())}, fills::values(values));
  };
  return {list(batch),
          list(position),
          list(table),
          list(begin),
          list(last),
          static_cast<int64_t>(table.size()) + 2,
          static_cast<int64_t>(batch.size())};
}

}  // namespace check
