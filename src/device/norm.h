// SPDX-License-Identifier: Apache-2.0
// What the norms compute of a row before they write it. x.get(place, v) gives the row's elements (device/rows.h).
#pragma once

#include "device/math.h"
#include "device/rows.h"

// KERNEL(name, threads, held elements a thread, data, weight) for each kernel of a norm. Long rows of f32 would not fit
// the registers: they are read again.
#define HIPINFER_NORM_KERNELS(KERNEL)     \
  KERNEL(short_rows, 256, 16, f32, f32)   \
  KERNEL(short_rows, 256, 16, f16, f16)   \
  KERNEL(short_rows, 256, 16, f16, f32)   \
  KERNEL(short_rows, 256, 16, bf16, bf16) \
  KERNEL(short_rows, 256, 16, bf16, f32)  \
  KERNEL(long_rows, 512, 32, f16, f16)    \
  KERNEL(long_rows, 512, 32, f16, f32)    \
  KERNEL(long_rows, 512, 32, bf16, bf16)  \
  KERNEL(long_rows, 512, 32, bf16, f32)   \
  KERNEL(rows, 256, 0, f32, f32)          \
  KERNEL(rows, 256, 0, f16, f16)          \
  KERNEL(rows, 256, 0, f16, f32)          \
  KERNEL(rows, 256, 0, bf16, bf16)        \
  KERNEL(rows, 256, 0, bf16, f32)

// Of norms that keep nothing but the row itself.
#define HIPINFER_AFFINE_NORM_KERNELS(KERNEL) \
  KERNEL(short_rows, 256, 32, f32, f32)      \
  KERNEL(short_rows, 256, 32, f16, f16)      \
  KERNEL(short_rows, 256, 32, f16, f32)      \
  KERNEL(short_rows, 256, 32, bf16, bf16)    \
  KERNEL(short_rows, 256, 32, bf16, f32)     \
  KERNEL(long_rows, 512, 32, f16, f16)       \
  KERNEL(long_rows, 512, 32, f16, f32)       \
  KERNEL(long_rows, 512, 32, bf16, bf16)     \
  KERNEL(long_rows, 512, 32, bf16, f32)      \
  KERNEL(rows, 256, 0, f32, f32)             \
  KERNEL(rows, 256, 0, f16, f16)             \
  KERNEL(rows, 256, 0, f16, f32)             \
  KERNEL(rows, 256, 0, bf16, bf16)           \
  KERNEL(rows, 256, 0, bf16, f32)

// The same with the dtype that is stored.
#define HIPINFER_FP8_NORM_KERNELS(KERNEL)      \
  HIPINFER_QUANTISED_NORM_TO(KERNEL, e4m3fn)   \
  HIPINFER_QUANTISED_NORM_TO(KERNEL, e4m3fnuz) \
  HIPINFER_QUANTISED_NORM_TO(KERNEL, e5m2)     \
  HIPINFER_QUANTISED_NORM_TO(KERNEL, e5m2fnuz)
#define HIPINFER_QUANTISED_NORM_KERNELS(KERNEL) \
  HIPINFER_FP8_NORM_KERNELS(KERNEL)             \
  HIPINFER_QUANTISED_NORM_TO(KERNEL, i8)
#define HIPINFER_QUANTISED_NORM_TO(KERNEL, Q) \
  KERNEL(short_rows, 256, 16, f32, f32, Q)    \
  KERNEL(short_rows, 256, 16, f16, f16, Q)    \
  KERNEL(short_rows, 256, 16, f16, f32, Q)    \
  KERNEL(short_rows, 256, 16, bf16, bf16, Q)  \
  KERNEL(short_rows, 256, 16, bf16, f32, Q)   \
  KERNEL(long_rows, 512, 32, f16, f16, Q)     \
  KERNEL(long_rows, 512, 32, f16, f32, Q)     \
  KERNEL(long_rows, 512, 32, bf16, bf16, Q)   \
  KERNEL(long_rows, 512, 32, bf16, f32, Q)    \
  KERNEL(rows, 256, 0, f32, f32, Q)           \
  KERNEL(rows, 256, 0, f16, f16, Q)           \
  KERNEL(rows, 256, 0, f16, f32, Q)           \
  KERNEL(rows, 256, 0, bf16, bf16, Q)         \
  KERNEL(rows, 256, 0, bf16, f32, Q)

namespace hipinfer {

template <class Group, class X>
HIPINFER_DEVICE float mean_of_row(Group& g, const X& x, int64_t n) {
  float sum = 0;
  g.each([&](place at) {
    float v[Group::width];
    x.get(at, v);
    for (int k = 0; k < Group::width; ++k) sum += v[k];
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
      const float d = v[k] - mean;
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

// (x - mean) * factor * (gain + offset) + shift.
template <class X, class Gain, class Shift>
struct affine_row {
  const X& x;
  const Gain& gain;
  const Shift& shift;
  float mean, factor, offset;
  template <int N>
  HIPINFER_DEVICE void get(place at, float (&v)[N]) const {
    float a[N], b[N];
    x.get(at, v);
    gain.get(at, a);
    shift.get(at, b);
    for (int k = 0; k < N; ++k) v[k] = fma((v[k] - mean) * factor, a[k] + offset, b[k]);
  }
};

// The kernels. store(group, y, last, row index) says what becomes of a row y; last is y in the pass that stores it.
template <class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void rmsnorm_rows(const Params& p, float offset, Store store) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const row_operand<W, Group> w(g, p.weight);
    const float factor = inverse_root_mean_square(g, x, p.n, p.eps);
    const weighted_row<decltype(x), decltype(w)> y{x, w, factor, offset};
    store(g, y, y, r);
  });
}

template <class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void layernorm_rows(const Params& p, Store store) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const shared_operand<W> weight(p.weight, 1.0f), bias(p.bias, 0.0f);
    const float mean = mean_of_row(g, x, p.n), factor = inverse_deviation(g, x, mean, p.n, p.eps);
    const affine_row<decltype(x), decltype(weight), decltype(bias)> y{x, weight, bias, mean, factor, 0.0f};
    store(g, y, y, r);
  });
}

// weighted_row of a sum that is also to be stored, as the residual: with the pass that stores the rest, because a sum
// that is read again is read from what is overwritten here. A thread stores only what it alone has read.
template <class T, class Sum, class Weight, class Group>
struct residual_row {
  weighted_row<Sum, Weight> y;
  T* residual;
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float s[Group::width];
    y.x.get(at, s);
    y.get(at, v);
    store_floats<Group::width>(residual + at.i, s);
  }
};

template <class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void fused_add_rmsnorm_rows(const Params& p, float offset, Store store) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    T* residual = r.in(static_cast<T*>(p.residual), p.residual_stride);
    const row_sum<T, Group> sum(g, r.in(static_cast<const T*>(p.input), p.input_stride), residual);
    const row_operand<W, Group> w(g, p.weight);
    const float factor = inverse_root_mean_square(g, sum, p.n, p.eps);
    const weighted_row<decltype(sum), decltype(w)> y{sum, w, factor, offset};
    store(g, y, residual_row<T, decltype(sum), decltype(w), Group>{y, residual}, r);
  });
}

// What becomes of them: rows of T; of Q, with one scale for all; of Q, each with a scale of its own.
template <class T, class Params>
struct rounded_rows {
  const Params& p;
  template <class Group, class Y, class Last>
  HIPINFER_DEVICE void operator()(const Group& g, const Y&, const Last& last, row_index r) const {
    store_row(g, last, r.in(static_cast<T*>(p.output), p.output_stride));
  }
};
template <class Q, class Params>
struct scaled_rows {
  const Params& p;
  float factor;
  HIPINFER_DEVICE explicit scaled_rows(const Params& all)
      : p(all), factor(quantising_factor(*static_cast<const float*>(all.scale))) {}
  template <class Group, class Y, class Last>
  HIPINFER_DEVICE void operator()(const Group& g, const Y&, const Last& last, row_index r) const {
    store_scaled_row(g, last, factor, r.in(static_cast<Q*>(p.output), p.output_stride));
  }
};
template <class Q, class Params>
struct self_scaled_rows {
  const Params& p;
  template <class Group, class Y, class Last>
  HIPINFER_DEVICE void operator()(Group& g, const Y& y, const Last& last, row_index r) const {
    store_quantised_row(g, y, last, r.in(static_cast<Q*>(p.output), p.output_stride),
                        r.in(static_cast<float*>(p.scales), p.scales_stride));
  }
};

}  // namespace hipinfer
