// SPDX-License-Identifier: Apache-2.0
// What the host side of elementwise operations shares: fewer dimensions, and a grid.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/divisor.h"
#include "core/items.h"

namespace hipinfer {

// A grid for device/walk.h's own_vectors: `most` vectors a thread where that leaves work for the whole device, else
// one; `lists` such grids, block by block. Fills p.each.
template <class Params>
grid vector_grid(const call& c, Params& p, int64_t vectors, int64_t most, int64_t lists = 1) {
  const bool many = lists * vectors >= c.compute_units() * int64_t{item_threads} * 8 * most && vectors >> 31 == 0;
  p.each = static_cast<int32_t>(many ? most : 1);
  return block_grid(lists * ceil_div<int64_t>(vectors, int64_t{item_threads} * p.each));
}
// The same for rows of a_row vectors each. Fills p.row_vectors and p.vectors, too.
template <class Params>
grid row_vector_grid(const call& c, Params& p, int64_t rows, int64_t a_row, int64_t most) {
  p.vectors = rows * a_row;
  p.row_vectors = make_divisor(a_row, p.vectors - 1);
  return vector_grid(c, p, p.vectors, most);
}

// The grid of an operation whose rows are `flat`, on map_flat, with `each` vectors a thread at most, and others on
// map_elements, with `width` elements a thread. Fills what device/elementwise.h asks for beside the index space.
template <class Tune, class Params>
void run_elementwise(call& c, Params& p, const view& output, const view& input) {
  p.input_type = input.type;
  p.output_type = output.type;
  c.run<Tune>(p, [&](const Tune& t) {
    if (t.each > 0) {
      const int64_t flat_width = 16 / std::max(dtype_bytes(output.type), dtype_bytes(input.type));
      return vector_grid(c, p, ceil_div<int64_t>(p.n, flat_width), t.each);
    }
    p.items = 1;
    for (int d = 0; d < p.rank; ++d) p.items *= ceil_div<int64_t>(p.shape[d], d == 0 ? t.width : 1);
    for (int d = 0; d < p.rank; ++d) {
      p.steps[d] = make_divisor(ceil_div<int64_t>(p.shape[d], d == 0 ? t.width : 1), p.items - 1);
    }
    return item_grid(p.items);
  });
}

// Fills rank, shape, input_stride, output_stride and vector of a parameter struct with the tensors' common
// index space in as few dimensions as their strides allow. Elements may be visited in any order, so
// dimensions are put in the output's memory order, innermost first: a transposed tensor that has no gaps is
// as good as a compact one.
template <class Params>
void set_index_space(Params& p, const view& output, const view& input) {
  struct dimension {
    int64_t extent, out, in;
  } dims[max_rank];
  int rank = 0;
  for (int d = output.rank; d-- > 0;) {
    if (output.shape[d] != 1) dims[rank++] = {output.shape[d], output.stride[d], input.stride[d]};
  }
  std::stable_sort(dims, dims + rank,
                   [](const dimension& a, const dimension& b) { return std::llabs(a.out) < std::llabs(b.out); });
  int last = 0;
  for (int d = 1; d < rank; ++d) {
    dimension& inner = dims[last];
    if (dims[d].out == inner.out * inner.extent && dims[d].in == inner.in * inner.extent)
      inner.extent *= dims[d].extent;
    else
      dims[++last] = dims[d];
  }
  if (rank == 0) dims[0] = {1, 1, 1};
  p.rank = last + 1;
  for (int d = 0; d < p.rank; ++d) {
    p.shape[d] = dims[d].extent;
    p.output_stride[d] = dims[d].out;
    p.input_stride[d] = dims[d].in;
  }
  const auto rows_aligned = [&](const view& t, const int64_t* stride) {
    bool aligned = stride[0] == 1 && reinterpret_cast<uintptr_t>(t.data) % 16 == 0;
    for (int d = 1; d < p.rank; ++d) aligned = aligned && stride[d] * dtype_bytes(t.type) % 16 == 0;
    return aligned;
  };
  p.vector = rows_aligned(output, p.output_stride) && rows_aligned(input, p.input_stride);
}

}  // namespace hipinfer
