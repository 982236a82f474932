// SPDX-License-Identifier: Apache-2.0
// A block an entry. A group of 2^lanes_log2 threads moves a head; heads of the key come first, then the
// value's.
#include "device/vec.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {
namespace {

using params = append_paged_kv_cache_params;

constexpr int threads = 256;

// The entry's page and slot, or page -1 where the entry is to be skipped.
struct place {
  int64_t page, slot;
};
HIPINFER_DEVICE place place_of(const params& p, int64_t entry) {
  const place nowhere{-1, 0};
  const int64_t request = p.batch_indices[entry], position = p.positions[entry];
  if (request < 0 || request >= p.requests || position < 0) return nowhere;
  const int64_t begin = p.kv_indptr[request], pages = p.kv_indptr[request + 1] - begin;
  int64_t last = p.kv_last_page_len[request];
  last = last < 0 ? 0 : last > p.page_size ? p.page_size : last;
  if (pages < 1 || position >= (pages - 1) * p.page_size + last) return nowhere;
  // A page larger than any position holds it whole; else both fit in 32 bits, where division is cheap.
  const uint32_t size = p.page_size > INT32_MAX ? INT32_MAX : static_cast<uint32_t>(p.page_size);
  const bool whole = p.page_size > position;
  const int64_t at = begin + (whole ? 0 : static_cast<uint32_t>(position) / size);
  if (at < 0 || at >= p.table_size) return nowhere;
  const int64_t page = p.kv_indices[at];
  if (page >= p.pages) return nowhere;
  return {page, whole ? position : static_cast<uint32_t>(position) % size};
}

template <int Width, class T>
HIPINFER_DEVICE void append(const params& p) {
  const int lanes = 1 << p.lanes_log2, lane = thread_id() & (lanes - 1), groups = threads >> p.lanes_log2;
  for (int64_t entry = block_id(); entry < p.entries; entry += block_count<threads>()) {
    const place to = place_of(p, entry);
    if (to.page < 0) continue;
    const T* key = static_cast<const T*>(p.append_key) + entry * p.key_stride[0];
    const T* value = static_cast<const T*>(p.append_value) + entry * p.value_stride[0];
    T* k = static_cast<T*>(p.k_cache) + to.page * p.k_cache_stride[0] + to.slot * p.k_cache_stride[1];
    T* v = static_cast<T*>(p.v_cache) + to.page * p.v_cache_stride[0] + to.slot * p.v_cache_stride[1];
    for (int64_t head = thread_id() >> p.lanes_log2; head < 2 * p.heads; head += groups) {
      const bool second = head >= p.heads;
      const int64_t h = second ? head - p.heads : head;
      const T* x = second ? value + h * p.value_stride[1] : key + h * p.key_stride[1];
      T* y = second ? v + h * p.v_cache_stride[2] : k + h * p.k_cache_stride[2];
      for (int64_t i = lane * Width; i < p.head_dim; i += lanes * Width) store<Width>(y + i, load<Width>(x + i));
    }
  }
}

}  // namespace

#define INSTANTIATE(T)                                                                                       \
  HIPINFER_KERNEL(threads)                                                                                   \
  append_paged_kv_cache_vector_##T(HIPINFER_PARAMS(append_paged_kv_cache_params) p) {                        \
    append<vector_width<T>, T>(p);                                                                           \
  }                                                                                                          \
  HIPINFER_KERNEL(threads) append_paged_kv_cache_rows_##T(HIPINFER_PARAMS(append_paged_kv_cache_params) p) { \
    append<1, T>(p);                                                                                         \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
