// SPDX-License-Identifier: Apache-2.0
// What the host side of elementwise operations shares: fewer dimensions, and a grid.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/op.h"

namespace hipinfer {

constexpr int elementwise_threads = 256;

// A grid that fills the device and strides over what is left. The numbers come from a row's tune, which is
// all zeros for the CPU's.
inline grid elementwise_grid(const call& c, int64_t elements, int64_t elements_per_thread, int64_t blocks_per_unit) {
  const int64_t needed = (elements - 1) / (elementwise_threads * std::max<int64_t>(elements_per_thread, 1)) + 1;
  return grid{std::min(needed, c.compute_units() * blocks_per_unit)};
}

// An exact grid for device/walk.h's for_neighbours: `most` vectors a thread where that leaves work for the whole device,
// else one. Fills p.each.
template <class Params>
grid neighbour_grid(const call& c, Params& p, int64_t vectors, int64_t most) {
  const bool many = vectors >= c.compute_units() * int64_t{elementwise_threads} * 8 * most;
  p.each = static_cast<int32_t>(many ? most : 1);
  return grid{ceil_div<int64_t>(vectors, int64_t{elementwise_threads} * p.each)};
}

// The grid of an operation whose first row is `flat`, on map_flat, and the others on map_elements.
template <class Tune, class Params>
void run_elementwise(call& c, Params& p, const view& output, const view& input) {
  const int64_t width = 16 / std::max(dtype_bytes(output.type), dtype_bytes(input.type));
  c.run<Tune>(p, [&](const Tune& t) {
    return t.each > 0 ? neighbour_grid(c, p, ceil_div<int64_t>(p.n, width), t.each)
                      : elementwise_grid(c, p.n, t.elements_per_thread, t.blocks_per_unit);
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
