// SPDX-License-Identifier: Apache-2.0
// The online softmax of scores in accumulators, for the weights to be multiplied on in 16 bits. Scores are scaled to base 2, and weighed
// relative to a row's anchor. It follows the largest score only when that is too far above: a row's own scores alone decide, and
// mostly nothing is rescaled. In units of log2, weights are at most 2^15, which f16 has, and the heaviest about 2^7, so that light ones
// are not lost where f16's subnormal numbers are 0 (gfx90a).
#pragma once

#include "device/tile/accumulator.h"
#include "ops/attention/online_softmax.h"

namespace hipinfer {

template <int Fragments, int Columns>  // Columns: accumulators side by side
class tile_softmax {
 public:
  using scores = tile::accumulator[Fragments][Columns];

  // What raw scores are scaled by, for the exponent of 2.
  HIPINFER_DEVICE explicit tile_softmax(float scale) : scale_(scale), raw_(1 / scale) {
#pragma unroll
    for (int m = 0; m < Fragments; ++m) {
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) {
        anchor_[m].at[i] = -infinity;
        sum_[m][i] = make_pair(0, 0);
      }
    }
  }

  // Puts weights in the place of raw scores. `rescale(m, factors)` is called where what has been summed of fragment m has to be
  // multiplied, row by row.
  template <class Rescale>
  HIPINFER_DEVICE void weigh(scores& s, Rescale rescale) {
    weigh(s, rescale, [](int, tile::row_values&) {});
  }
  // `merge(m, highest)` raises the highest scores to those that other waves have of the rows of fragment m.
  template <class Rescale, class Merge>
  HIPINFER_DEVICE void weigh(scores& s, Rescale rescale, Merge merge) {
    tile::row_values highest[Fragments];
    bool lifts = false;
#pragma unroll
    for (int m = 0; m < Fragments; ++m) {
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) highest[m].at[i] = -infinity;
#pragma unroll
      for (int c = 0; c < Columns; ++c) tile::fold_rows(highest[m], s[m][c], maximum{});
      merge(m, highest[m]);
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) lifts |= highest[m].at[i] > bound(m, i);
    }
    if (ballot(lifts) != 0) {
#pragma unroll
      for (int m = 0; m < Fragments; ++m) lift(m, highest[m], rescale);
    }
#pragma unroll
    for (int m = 0; m < Fragments; ++m) {
      float origin[tile::lane_rows];
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) origin[i] = -base(m, i);
#pragma unroll
      for (int c = 0; c < Columns; ++c) {
        for_each_pair(s[m][c], [&](int i, float& a, float& b) {
          const float_pair x = fma(make_pair(a, b), scale_, origin[i]);
          a = exp2_fast(x.x);
          b = exp2_fast(x.y);
          sum_[m][i] = sum_[m][i] + make_pair(a, b);
        });
      }
    }
  }

  // The sum of a row's weights, once all tiles are done.
  HIPINFER_DEVICE void finish() {
#pragma unroll
    for (int m = 0; m < Fragments; ++m) {
      tile::row_values all;
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) all.at[i] = sum_[m][i].x + sum_[m][i].y;
      tile::finish_rows(all, add{});
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) sum_[m][i] = make_pair(all.at[i], 0);
    }
  }
  HIPINFER_DEVICE float sum(int m, int i) const { return sum_[m][i].x; }
  // What another wave has of the same rows' weights, which are relative to the same.
  HIPINFER_DEVICE void add_sum(int m, int i, float x) { sum_[m][i] = sum_[m][i] + make_pair(x, 0); }
  // Never, but compilers do not know.
  HIPINFER_DEVICE bool is_negative() const { return sum_[0][0].x + sum_[0][1].x < 0; }
  // The raw score that a row's weights are relative to; -inf: there was none above that.
  HIPINFER_DEVICE float raw_anchor(int m, int i) const { return anchor_[m].at[i] * raw_; }
  template <class Params>
  HIPINFER_DEVICE softmax_end end(const Params& p, int64_t head, int m, int i) const {
    return end_of(p, head, base(m, i), sum(m, i));
  }

 private:
  // f(slot, a, b) for elements of a row, which every layout has side by side.
  template <class F>
  HIPINFER_DEVICE static void for_each_pair(tile::accumulator& sum, F f) {
#pragma unroll
    for (int e = 0; e < tile::layout::accumulator_elements; e += 2) {
      static_assert(tile::layout::slot(0) == tile::layout::slot(1) && tile::layout::slot(2) == tile::layout::slot(3));
      f(tile::layout::slot(e), sum.at[e], sum.at[e + 1]);
    }
  }

  // The anchor, but 0 where no score above -inf has been seen, so that such scores have weights of 0.
  HIPINFER_DEVICE float base(int m, int i) const { return anchor_[m].at[i] == -infinity ? 0.0f : anchor_[m].at[i]; }

  // The raw score from which on the anchor moves: at first, any above -inf.
  HIPINFER_DEVICE float bound(int m, int i) const { return fma(anchor_[m].at[i], raw_, most * raw_); }

  template <class Rescale>
  HIPINFER_DEVICE void lift(int m, tile::row_values& highest, Rescale rescale) {
    tile::finish_rows(highest, maximum{});
    tile::row_values factor;
#pragma unroll
    for (int i = 0; i < tile::lane_rows; ++i) {
      const float before = anchor_[m].at[i];
      if (highest.at[i] > bound(m, i)) {
        const float score = highest.at[i] * scale_;
        anchor_[m].at[i] =
            score == infinity ? not_a_number : score - rest;  // past fp32's range it is as an infinite one
      }
      factor.at[i] = before == -infinity ? 1.0f : exp2_fast(before - anchor_[m].at[i]);  // 1: of sums that are 0
      sum_[m][i] = fma(sum_[m][i], factor.at[i], 0);
    }
    rescale(m, factor);
  }

  static constexpr float rest = 7, most = 15;  // log2 of the weight that the largest score gets, and may get later

  float scale_, raw_;
  tile::row_values anchor_[Fragments];          // in log2
  float_pair sum_[Fragments][tile::lane_rows];  // of this lane's weights: of every second one, and of the others
};

}  // namespace hipinfer
