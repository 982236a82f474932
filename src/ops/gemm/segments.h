// SPDX-License-Identifier: Apache-2.0
// The rows of gemm_grouped, cut into segments by offsets in memory. The host knows how many rows and segments there are and no more: a block
// finds out which rows its tile has.
#pragma once

#include "device/index.h"
#include "device/reduce.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"

namespace hipinfer {

HIPINFER_DEVICE int64_t segment_begin(const gemm_params& p, int64_t s) {
  const int64_t row = index_at(p.indptr, p.wide_indptr, s);
  return row < 0 ? 0 : row < p.m ? row : p.m;
}

// Segment s has the slots from its first row / Rows + s on, one for each tile of Rows: since ceil((y - x) / n) <= y / n - x / n + 1
// (integer division) the slots of two segments never meet, and these are enough for all.
template <int Rows>
HIPINFER_DEVICE int64_t segment_slots(const gemm_params& p) {
  return p.m / Rows + p.segments;
}
template <int Rows>
HIPINFER_DEVICE int64_t first_slot(const gemm_params& p, int64_t s) {
  return segment_begin(p, s) / Rows + s;
}

// The last segment whose slots begin at this one or before. A wave looks at as many segments at once as it has lanes: one read after the
// other would take longer than the product of a few rows.
template <int Rows>
HIPINFER_DEVICE int64_t segment_of(const gemm_params& p, int64_t slot) {
  int64_t low = 0, count = p.segments;  // it is one of so many from `low` on
  while (count > 1) {
    const int64_t step = count <= wave_size + 1 ? 1 : (count + wave_size) / (wave_size + 1);
    const int64_t s = low + (lane_id() + 1) * step;
    bool begins = false;
    if (s < low + count) begins = first_slot<Rows>(p, s) <= slot;
    const int64_t next = low + count_lanes(ballot(begins)) * step, left = low + count - next;
    low = next;
    count = step < left ? step : left;
  }
  return low;
}

// The product that begins at the first row of a slot's tile; false where no tile needs the slot, or its weight is not there.
template <int Rows>
HIPINFER_DEVICE bool segment_at(const gemm_params& p, int64_t slot, gemm_matrices& matrices) {
  const int64_t s = segment_of<Rows>(p, slot);
  const int64_t begin = segment_begin(p, s), end = segment_begin(p, s + 1);
  const int64_t row = begin + (slot - begin / Rows - s) * Rows;
  if (row < begin || row >= end) return false;
  const int64_t weight = p.weight_indices == nullptr ? s : index_at(p.weight_indices, p.wide_weight_indices, s);
  if (weight < 0 || weight >= p.weights) return false;
  matrices = {end - row,
              row * p.input_stride,
              weight * p.weight_batch_stride,
              row * p.residual_stride,
              row * p.output_stride,
              row * p.input_scale_stride[1],
              weight * p.weight_scale_stride[0]};
  return true;
}

}  // namespace hipinfer
