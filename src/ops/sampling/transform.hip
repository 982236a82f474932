// SPDX-License-Identifier: Apache-2.0
// A block a row: the k largest of a window, written as slots of a paged cache or as places in a ragged tensor.
#include "device/index.h"
#include "ops/sampling/in_order.h"

namespace hipinfer {

struct transformed_output {
  const top_k_transform_params& p;
  int64_t row;
  int32_t skip;            // what an index is ahead of its place in the window
  const int32_t* table;    // of pages; NULL: a sum with `first`
  int64_t first, entries;  // where the window begins in the table, which has so many
  HIPINFER_DEVICE void put(int64_t place, int32_t index) const {
    const int32_t local = index - skip;
    p.output[row * p.output_stride + place] = transformed(local);
    if (p.raw_indices != nullptr) p.raw_indices[row * p.raw_indices_stride + place] = local;
  }
  HIPINFER_DEVICE void put_none(int64_t place) const {
    p.output[row * p.output_stride + place] = -1;
    if (p.raw_indices != nullptr) p.raw_indices[row * p.raw_indices_stride + place] = -1;
  }

 private:
  HIPINFER_DEVICE int32_t transformed(int32_t local) const {
    if (p.page_table == nullptr) return static_cast<int32_t>(first + local);
    const division at = divide(static_cast<int64_t>(local), p.page_size);
    const int64_t entry = first + at.quotient;
    if (table == nullptr || entry < 0 || entry >= entries) return -1;
    const int32_t page = table[entry];
    const int64_t slot = static_cast<int64_t>(page) * p.page_size.by + at.rest;
    return page < 0 || slot > INT32_MAX ? -1 : static_cast<int32_t>(slot);
  }
};

HIPINFER_DEVICE int64_t clamped(int64_t x, int64_t most) {
  return x < 0 ? 0 : x > most ? most : x;
}

template <int Threads, class T>
HIPINFER_DEVICE void top_k_transform(const top_k_transform_params& p) {
  constexpr int width = row_view<T>::width;
  __shared__ selection_lds<Threads> lds;
  for (int64_t r = block_id(); r < p.rows; r += block_count<Threads>()) {
    const int64_t given_start = p.row_starts != nullptr ? p.row_starts[r] : 0;
    const int64_t start = clamped(given_start, p.n), length = clamped(p.lengths[r], p.n - start);
    const int32_t skip = p.vector ? static_cast<int32_t>(start % width) : 0;
    const int64_t batch = p.row_to_batch != nullptr ? p.row_to_batch[r] : r;
    const bool has_table = batch >= 0 && batch < p.tables;
    const int64_t first = p.page_table == nullptr          ? p.offsets[r]
                          : p.page_table_starts != nullptr ? p.page_table_starts[r]
                                                           : given_start;
    const transformed_output output{
        p,     r,        length > p.k ? skip : 0, has_table ? p.page_table + batch * p.page_table_stride : nullptr,
        first, p.entries};
    if (length > p.k) {
      const row_view<T, true> row{static_cast<const T*>(p.input) + r * p.input_stride + start - skip,
                                  static_cast<int32_t>(length) + skip, p.vector != 0, skip};
      write_largest(row, tops_of<Threads>(row), p.k, false, output, lds);
    } else {
      for (int64_t i = thread_id(); i < length; i += Threads) output.put(i, static_cast<int32_t>(i));
      for (int64_t i = length + thread_id(); i < p.k; i += Threads) output.put_none(i);
    }
  }
}

}  // namespace hipinfer
