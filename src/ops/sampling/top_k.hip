// SPDX-License-Identifier: Apache-2.0
// A block a row: which elements are among the k largest, then these in order. Up to as many as candidates fit into LDS they are
// sorted there; more are written in the order of the row.
#include "ops/sampling/in_order.h"

namespace hipinfer {

// What is written for a row, one after the other.
template <class T, class I>
struct top_k_output {
  const row_view<T>& row;
  T* values;
  I* indices;
  HIPINFER_DEVICE void put(int64_t place, int32_t index) const {
    values[place] = row.x[index];
    indices[place] = static_cast<I>(index);
  }
};

template <int Threads, class T, class I>
HIPINFER_DEVICE void top_k(const top_k_params& p) {
  __shared__ selection_lds<Threads> lds;
  for (int64_t r = block_id(); r < p.rows; r += block_count<Threads>()) {
    const row_view<T> row{static_cast<const T*>(p.input) + r * p.input_stride, static_cast<int32_t>(p.n),
                          p.vector != 0};
    const top_k_output<T, I> output{row, static_cast<T*>(p.values) + r * p.values_stride,
                                    static_cast<I*>(p.indices) + r * p.indices_stride};
    write_largest(row, tops_of<Threads>(row), p.k, p.sorted != 0, output, lds);
  }
}

}  // namespace hipinfer
