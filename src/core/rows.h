// SPDX-License-Identifier: Apache-2.0
// The host side of device/rows.h: which threads share a row, and the grid.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "core/divisor.h"
#include "core/items.h"

namespace hipinfer {

// Fills rows and n with the extents of [T, N].
template <class Params>
void set_rows(Params& p, const view& x) {
  p.rows = x.shape[0];
  p.n = x.shape[1];
}
// Fills inner, the extent of the second of two indices to a row.
template <class Params>
void set_inner(Params& p, int64_t inner) {
  p.inner = make_divisor(std::max<int64_t>(inner, 1), p.rows);
}
// Fills rows, n and inner with the extents of [T, N] or [T, H, N].
template <class Params>
void set_head_rows(Params& p, const view& x) {
  const int64_t inner = x.rank == 3 ? x.shape[1] : 1;
  p.rows = x.shape[0] * inner;
  p.n = x.extent(1);
  set_inner(p, inner);
}
inline void set_row_strides(int64_t (&stride)[2], const view& x) {
  stride[0] = x.stride[0];
  stride[1] = x.rank == 3 ? x.stride[1] : 0;
}
inline void set_row_strides(int64_t& stride, const view& x) {
  stride = x.stride[0];
}

// [T, H, N] as [T * H, N] where every tensor's strides allow it: that spares the kernel a division a row.
template <class Params, class... Strides>
void merge_row_dimensions(Params& p, Strides&... strides) {
  if (p.inner.by == 1 || !((strides[0] == p.inner.by * strides[1]) && ...)) return;
  ((strides[0] = strides[1], strides[1] = 0), ...);
  set_inner(p, 1);
}

// What a tensor allows: steps of `width` elements from every row's start.
inline bool steps_of(const view& x, int64_t width) {
  return x.aligned(static_cast<int>(std::min<int64_t>(16, width * dtype_bytes(x.type))));
}

// Sets vector: the rows of all given tensors are aligned to accesses of 16 bytes of the first one's elements, and are a
// whole number of them long.
template <class Params>
void set_vector(Params& p, std::initializer_list<const view*> tensors) {
  const int64_t width = 16 / dtype_bytes((*tensors.begin())->type);
  const auto steps = [&](const view* x) { return !x->given() || steps_of(*x, width); };
  p.vector = p.n % width == 0 && std::all_of(tensors.begin(), tensors.end(), steps);
}

// Whether there are rows enough to keep two blocks of 256 threads a compute unit busy when each thread has 32 elements of a
// row, and whether lanes of 32 fill a row better than the 24 of fewer rows' kernels: more loads are in flight then, but the
// code is longer, which few rows would wait for.
template <class Params>
bool many_rows(const call& c, const Params& p) {
  int64_t lanes = 1;
  while (lanes * 32 < p.n) lanes *= 2;
  return p.n > 512 && p.n <= 4096 && p.n > lanes * 24 && p.rows * lanes >= int64_t{512} * c.compute_units();
}

// Tune has lane_elements, what a thread should have of a row, and lanes, the most threads a row gets: the block's.
template <class Tune, class Params>
void run_rows(call& c, Params& p) {
  if (p.rows >> 31 != 0) p.vector = 0;  // kernels that hold a row in registers number rows in 32 bits
  c.run<Tune>(p, [&](const Tune& t) {
    p.lanes_log2 = 0;
    while ((1 << p.lanes_log2) < t.lanes && (int64_t{t.lane_elements} << p.lanes_log2) < p.n) ++p.lanes_log2;
    return block_grid(ceil_div<int64_t>(p.rows, t.lanes >> p.lanes_log2));
  });
}

}  // namespace hipinfer
