// SPDX-License-Identifier: Apache-2.0
#include "core/kv_reference.h"
#include "gen/append_paged_kv_cache.h"
#include "gen/append_paged_mla_kv_cache.h"
#include "gen/copy_blocks.h"
#include "gen/get_batch_indices_positions.h"
#include "gen/get_seq_lens.h"

namespace hipinfer {
namespace {

// Entry t's heads to their slot.
template <class T, class Q>
void write(const view& from, const view& cache, const view& scale, int64_t t, written_slot to) {
  const elements<const T> x(from);
  const elements<Q> y(cache);
  const auto by = scale_or_one<T>(scale);
  for (int64_t h = 0; h < from.shape[1]; ++h) {
    for (int64_t i = 0; i < from.shape[2]; ++i) y(to.page, to.slot, h, i) = cached<Q>(x(t, h, i), by);
  }
}

template <class Bytes>
void copy_page(const view& cache, int64_t from, int64_t to) {
  const elements<Bytes> x(cache);
  for (int64_t s = 0; s < cache.shape[1]; ++s) {
    for (int64_t h = 0; h < cache.shape[2]; ++h) {
      for (int64_t i = 0; i < cache.shape[3]; ++i) x(to, s, h, i) = x(from, s, h, i);
    }
  }
}
// Elements of any dtype, bit by bit.
void copy_page_of_any(const view& cache, int64_t from, int64_t to) {
  switch (dtype_bytes(cache.type)) {
    case 1:
      return copy_page<uint8_t>(cache, from, to);
    case 2:
      return copy_page<uint16_t>(cache, from, to);
    case 4:
      return copy_page<uint32_t>(cache, from, to);
    default:
      return copy_page<uint64_t>(cache, from, to);
  }
}

}  // namespace

void append_paged_kv_cache_reference(const append_paged_kv_cache_args& a) {
  const view& key = a.append_key;
  with_cache(key.type, a.k_cache.type, [&]<class T, class Q>() {
    parallel_rows(key.shape[0], 2 * key.shape[1] * key.shape[2], [&](int64_t t) {
      const written_slot to = written_slot_of(a, t);
      if (to.page < 0) return;
      write<T, Q>(a.append_key, a.k_cache, a.k_scale, t, to);
      write<T, Q>(a.append_value, a.v_cache, a.v_scale, t, to);
    });
  });
}

void append_paged_mla_kv_cache_reference(const append_paged_mla_kv_cache_args& a) {
  const int64_t tokens = a.append_ckv.shape[0];
  with_float(a.append_ckv.type, [&]<class T>() {
    parallel_rows(tokens, a.append_ckv.shape[1] + a.append_kpe.shape[1], [&](int64_t t) {
      const written_slot to = written_slot_of(a, a.ckv_cache, t);
      if (to.page < 0) return;
      const auto copy = [&](const view& from, const view& cache) {
        const elements<const T> x(from);
        const elements<T> y(cache);
        for (int64_t i = 0; i < from.shape[1]; ++i) y(to.page, to.slot, i) = x(t, i);
      };
      copy(a.append_ckv, a.ckv_cache);
      copy(a.append_kpe, a.kpe_cache);
    });
  });
}

void copy_blocks_reference(const copy_blocks_args& a) {
  const integers mapping(a.block_mapping);
  const auto is_page = [&](int64_t page) { return page >= 0 && page < a.k_cache.shape[0]; };
  for (int64_t n = 0; n < a.block_mapping.shape[0]; ++n) {
    const int64_t from = mapping(n, 0), to = mapping(n, 1);
    if (!is_page(from) || !is_page(to)) continue;
    copy_page_of_any(a.k_cache, from, to);
    if (a.v_cache.given()) copy_page_of_any(a.v_cache, from, to);
  }
}

void get_batch_indices_positions_reference(const get_batch_indices_positions_args& a) {
  const integers batch_indices(a.batch_indices), positions(a.positions), indptr(a.append_indptr), seq_lens(a.seq_lens);
  for (int64_t t = 0; t < a.positions.shape[0]; ++t) {
    const int64_t b = request_of(a.append_indptr, t);
    batch_indices.put(b, t);
    positions.put(b < 0 ? -1 : wrapping_add(wrapping_subtract(seq_lens(b), indptr(b + 1)), t), t);
  }
}

void get_seq_lens_reference(const get_seq_lens_args& a) {
  const integers seq_lens(a.seq_lens), indptr(a.kv_indptr), last_page_len(a.kv_last_page_len);
  parallel_rows(a.seq_lens.shape[0], 1, [&](int64_t b) {
    const int64_t pages = wrapping_subtract(indptr(b + 1), indptr(b));
    const int64_t last = std::clamp<int64_t>(last_page_len(b), 0, a.page_size);
    seq_lens.put(pages > 0 ? wrapping_add(wrapping_multiply(pages - 1, a.page_size), last) : 0, b);
  });
}

}  // namespace hipinfer
