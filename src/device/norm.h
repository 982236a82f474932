// SPDX-License-Identifier: Apache-2.0
// What the norms compute of a row before they write it. x.get(place, v) gives the row's elements (device/rows.h).
#pragma once

#include "device/math.h"
#include "device/rows.h"

namespace hipinfer {

template <class Group, class X>
HIPINFER_DEVICE float mean_of_row(Group& g, const X& x, int64_t n) {
  float sum = 0;
  g.each([&](place at) {
    float v[Group::width];
    x.get(at, v);
    for (int k = 0; k < Group::width; ++k) sum += v[k];  // past the end it reads 0
  });
  return g.sum(sum) / static_cast<float>(n);
}

// 1 / sqrt(mean((x - mean)^2) + eps).
template <class Group, class X>
HIPINFER_DEVICE float inverse_deviation(Group& g, const X& x, float mean, int64_t n, float eps) {
  float squares = 0;
  g.each([&](place at) {
    float v[Group::width];
    x.get(at, v);
    for (int k = 0; k < Group::width; ++k) {
      const float d = k < at.left ? v[k] - mean : 0.0f;
      squares = fma(d, d, squares);
    }
  });
  return rsqrt(g.sum(squares) / static_cast<float>(n) + eps);
}
template <class Group, class X>
HIPINFER_DEVICE float inverse_root_mean_square(Group& g, const X& x, int64_t n, float eps) {
  float squares = 0;
  g.each([&](place at) {
    float v[Group::width];
    x.get(at, v);
    for (int k = 0; k < Group::width; ++k) squares = fma(v[k], v[k], squares);
  });
  return rsqrt(g.sum(squares) / static_cast<float>(n) + eps);
}

// The sum of two rows, as a residual stream has it: unrounded.
template <class T, class Group>
class row_sum {
 public:
  HIPINFER_DEVICE row_sum(const Group& g, const void* a, const void* b) : a_(g, a), b_(g, b) {}
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float other[Group::width];
    a_.get(at, other);
    b_.get(at, v);
    for (int k = 0; k < Group::width; ++k) v[k] += other[k];
  }

 private:
  row_operand<T, Group> a_, b_;
};

// x * factor * (weight + offset).
template <class X, class Weight>
struct weighted_row {
  const X& x;
  const Weight& weight;
  float factor, offset;
  template <int N>
  HIPINFER_DEVICE void get(place at, float (&v)[N]) const {
    float gain[N];
    x.get(at, v);
    weight.get(at, gain);
    for (int k = 0; k < N; ++k) v[k] = v[k] * factor * (gain[k] + offset);
  }
};

// The kernels of rmsnorm and gemma_rmsnorm, whose weights are offset by 1.
template <class T, class W, int Threads, int Held, class Params>
HIPINFER_DEVICE void rmsnorm_rows(const Params& p, float offset) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const row_operand<W, Group> w(g, p.weight);
    const float factor = inverse_root_mean_square(g, x, p.n, p.eps);
    store_row<T>(g, weighted_row<decltype(x), decltype(w)>{x, w, factor, offset},
                 r.in(static_cast<T*>(p.output), p.output_stride));
  });
}

// The sum is formed again, from the same registers, where it is used: it is never rounded but in the stored residual.
// A thread stores only what it alone has read, so both tensors may be written in place.
template <class T, class W, int Threads, int Held, class Params>
HIPINFER_DEVICE void fused_add_rmsnorm_rows(const Params& p, float offset) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    T* input = r.in(static_cast<T*>(p.input), p.input_stride);
    T* residual = r.in(static_cast<T*>(p.residual), p.residual_stride);
    const row_sum<T, Group> sum(g, input, residual);
    const row_operand<W, Group> w(g, p.weight);
    const float factor = inverse_root_mean_square(g, sum, p.n, p.eps);
    const weighted_row<decltype(sum), decltype(w)> y{sum, w, factor, offset};
    g.each([&](place at) {
      float s[Group::width], v[Group::width];
      sum.get(at, s);
      y.get(at, v);
      put<T>(g, residual, at, s);
      put<T>(g, input, at, v);
    });
  });
}

}  // namespace hipinfer
