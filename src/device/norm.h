// SPDX-License-Identifier: Apache-2.0
// What the norms compute of a row before they write it. x.get(place, v) gives the row's elements (device/rows.h).
#pragma once

#include "device/math.h"
#include "device/rows.h"

// KERNEL(name, threads, blocks resident, held elements a thread, data, weight) for each kernel of a norm. The slow one has
// its weights' dtype from the call. HIPINFER_WIDE_NORM_KERNELS are of norms with one operand more.
#define HIPINFER_NORM_KERNELS(KERNEL) HIPINFER_NORM_KERNELS_OF(KERNEL, 5)
#define HIPINFER_WIDE_NORM_KERNELS(KERNEL) HIPINFER_NORM_KERNELS_OF(KERNEL, 4)
#define HIPINFER_NORM_KERNELS_OF(KERNEL, blocks)            \
  KERNEL(short_rows_f32_f32, 256, 3, 24, f32, f32)          \
  KERNEL(short_rows_f16_f16, 256, blocks, 24, f16, f16)     \
  KERNEL(short_rows_f16_f32, 256, blocks, 24, f16, f32)     \
  KERNEL(short_rows_bf16_bf16, 256, blocks, 24, bf16, bf16) \
  KERNEL(short_rows_bf16_f32, 256, blocks, 24, bf16, f32)   \
  KERNEL(long_rows_f32_f32, 512, 1, 32, f32, f32)           \
  KERNEL(long_rows_f16_f16, 512, 2, 32, f16, f16)           \
  KERNEL(long_rows_f16_f32, 512, 2, 32, f16, f32)           \
  KERNEL(long_rows_bf16_bf16, 512, 2, 32, bf16, bf16)       \
  KERNEL(long_rows_bf16_f32, 512, 2, 32, bf16, f32)         \
  KERNEL(rows_f32, 256, 4, 0, f32, f32)                     \
  KERNEL(rows_f16, 256, 4, 0, f16, f16)                     \
  KERNEL(rows_bf16, 256, 4, 0, bf16, bf16)

// And of norms that have them, for many rows.
#define HIPINFER_MANY_NORM_KERNELS(KERNEL)            \
  KERNEL(many_rows_f16_f16, 256, 4, 32, f16, f16)     \
  KERNEL(many_rows_f16_f32, 256, 4, 32, f16, f32)     \
  KERNEL(many_rows_bf16_bf16, 256, 4, 32, bf16, bf16) \
  KERNEL(many_rows_bf16_f32, 256, 4, 32, bf16, f32)

namespace hipinfer {

// Of one vector: vectors are summed side by side, for a sum's latency is that of the chain.
template <int N>
HIPINFER_DEVICE float sum_of_squares(const float (&v)[N]) {
  float sum = v[0] * v[0];
  for (int k = 1; k < N; ++k) sum = fma(v[k], v[k], sum);
  return sum;
}

// The row times its weights, and the sum of its squares. `Offset` is added to the weights. The product is taken before
// the root is known, so that a thread waits with finished numbers, and the largest one is found with the sum.
template <int Offset, class X, class Weight, class Group>
class weighted_row {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE weighted_row(const Group& g, const X& x, const Weight& weight) : x_(x), weight_(weight) {
    g.each([&](place at) {
      float v[width];
      x.get(at, v);
      if constexpr (kept_row<Group>::there) x.write_back(at, v);
      squares[Group::part_of(at)] += sum_of_squares(v);
      weigh(at, v);
      most = largest_magnitude(v, most);
      if constexpr (kept_row<Group>::there) products_.put(at, v);
    });
  }
  // In the last pass.
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (kept_row<Group>::there) {
      products_.get(at, v);
    } else {
      x_.get(at, v);
      x_.write_back(at, v);
      weigh(at, v);
    }
  }

  float squares[Group::parts] = {}, most = 0;  // of this thread's elements

 private:
  HIPINFER_DEVICE void weigh(place at, float (&v)[width]) const {
    float weight[width];
    weight_.get(at, weight);
    for (int k = 0; k < width; ++k) v[k] = Offset == 0 ? v[k] * weight[k] : fma(v[k], weight[k], v[k] * Offset);
  }

  const X& x_;
  const Weight& weight_;
  kept_row<Group> products_;
};

// The sum of two rows, unrounded, which takes the place of the second as the residual. Where it is not kept, it is read
// again from what is overwritten: so it is written back in the last pass. A thread writes only what it alone reads.
template <class T, class Group>
class row_sum {
 public:
  HIPINFER_DEVICE row_sum(const Group& g, const T* x, T* residual) : a_(g, x), b_(g, residual), residual_(residual) {}
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float other[Group::width];
    b_.get(at, other);
    a_.get(at, v);
    for (int k = 0; k < Group::width; ++k) v[k] += other[k];
  }
  HIPINFER_DEVICE void write_back(place at, const float (&v)[Group::width]) const {
    store_floats<Group::width>(residual_ + at.i, v);
  }

 private:
  row_operand<T, Group> a_, b_;
  T* residual_;
};

// The row less its mean, and the sum of the squares of that. Kept is it times the gain, which `Offset` is added to.
template <int Offset, class X, class Gain, class Group>
class centred_row {
 public:
  static constexpr int width = Group::width;

  template <class Params>
  HIPINFER_DEVICE centred_row(Group& g, const X& x, const Gain& gain, const Params& p, bool centre)
      : x_(x), gain_(gain) {
    if (centre) {
      float sums[Group::parts] = {};
      g.each([&](place at) {
        float v[width];
        x.get(at, v);
        float part = v[0];
        for (int k = 1; k < width; ++k) part += v[k];
        sums[Group::part_of(at)] += part;
        if constexpr (kept_row<Group>::there) kept_.put(at, v);
      });
      const float sum = g.sum(sums);
      // The quotient by n, with what the product with 1 / n leaves: a row of one value is 0 without its mean.
      mean_ = sum * p.inverse_n;
      mean_ = fma(fma(-mean_, static_cast<float>(p.n), sum), p.inverse_n, mean_);
    } else if constexpr (kept_row<Group>::there) {
      g.each([&](place at) {
        float v[width];
        x.get(at, v);
        kept_.put(at, v);
      });
    }
    g.each([&](place at) {
      float v[width];
      if constexpr (kept_row<Group>::there)
        kept_.get(at, v);
      else
        x.get(at, v);
      for (int k = 0; k < width; ++k) v[k] -= mean_;
      squares[Group::part_of(at)] += sum_of_squares(v);
      weigh(at, v);
      if constexpr (kept_row<Group>::there) kept_.put(at, v);
    });
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (kept_row<Group>::there) {
      kept_.get(at, v);
    } else {
      x_.get(at, v);
      for (int k = 0; k < width; ++k) v[k] -= mean_;
      weigh(at, v);
    }
  }

  float squares[Group::parts] = {};  // of this thread's elements

 private:
  HIPINFER_DEVICE void weigh(place at, float (&v)[width]) const {
    float gain[width];
    gain_.get(at, gain);
    for (int k = 0; k < width; ++k) v[k] = Offset == 0 ? v[k] * gain[k] : fma(v[k], gain[k], v[k] * Offset);
  }

  const X& x_;
  const Gain& gain_;
  float mean_ = 0;
  kept_row<Group> kept_;
};

// x * factor + shift.
template <class X, class Shift, class Group>
struct shifted_row {
  const X& x;
  const Shift& shift;
  float factor;
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float by[Group::width];
    x.get(at, v);
    shift.get(at, by);
    for (int k = 0; k < Group::width; ++k) v[k] = fma(v[k], factor, by[k]);
  }
};

// What becomes of rows: rows of T; quantised, with one scale for all; quantised, each with a scale of its own. The row is
// y * factor, and `most` is y's largest magnitude where that is asked for.
template <class T, class Params>
struct rounded_rows {
  static constexpr bool largest = false;
  const Params& p;
  template <class Group, class Y>
  HIPINFER_DEVICE void operator()(const Group& g, const Y& y, float factor, float, row_index r) const {
    store_row(g, y, r.in(static_cast<T*>(p.output), p.output_stride), factor);
  }
};
template <class Params>
struct scaled_rows {
  static constexpr bool largest = false;
  const Params& p;
  float scale;
  HIPINFER_DEVICE explicit scaled_rows(const Params& all) : p(all), scale(*static_cast<const float*>(all.scale)) {}
  template <class Group, class Y>
  HIPINFER_DEVICE void operator()(const Group& g, const Y& y, float factor, float, row_index r) const {
    store_row_as(p.output_type, g, y, r.in(static_cast<uint8_t*>(p.output), p.output_stride),
                 finite_product(factor, quantising_factor(scale)));
  }
};
template <class Params>
struct self_scaled_rows {
  static constexpr bool largest = true;
  const Params& p;
  template <class Group, class Y>
  HIPINFER_DEVICE void operator()(const Group& g, const Y& y, float factor, float most, row_index r) const {
    store_self_scaled_row(p.output_type, g, y, factor, most, r.in(static_cast<uint8_t*>(p.output), p.output_stride),
                          r.in(static_cast<float*>(p.scales), p.scales_stride));
  }
};

template <int Offset, class T, class W, class Group, class X, class Params, class Store>
HIPINFER_DEVICE void store_rmsnorm(Group& g, const X& x, row_index r, const Params& p, const Store& store) {
  const auto weight = weights_of<T, W>(g, p.weight, p.weight_type);
  weighted_row<Offset, X, decltype(weight), Group> y(g, x, weight);
  sum_and_most all{};
  if constexpr (Store::largest) {
    sum_and_most own[Group::parts];
    for (int i = 0; i < Group::parts; ++i) own[i] = {y.squares[i], y.most};
    all = g.reduce(own, add_and_maximum{});
  } else {
    all.sum = g.sum(y.squares);
  }
  store(g, y, rsqrt_fast(fma(all.sum, p.inverse_n, p.eps)), all.most, r);
}

// The kernels.
template <int Offset, class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void rmsnorm_rows(const Params& p, const Store& store) {
  for_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    store_rmsnorm<Offset, T, W>(g, x, r, p, store);
  });
}

template <int Offset, class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void fused_add_rmsnorm_rows(const Params& p, const Store& store) {
  for_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
    const row_sum<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride),
                              r.in(static_cast<T*>(p.residual), p.residual_stride));
    store_rmsnorm<Offset, T, W>(g, x, r, p, store);
  });
}

// Of adaln and layernorm; gain_at and shift_at of a row index are where its gain and shift are, which may be left out.
// Without a mean to be centred on it is the root-mean-square norm.
template <int Offset, class T, class W, int Threads, int Held, class Params, class Gain, class Shift, class Store>
HIPINFER_DEVICE void affine_rows(const Params& p, bool centre, Gain gain_at, Shift shift_at, const Store& store) {
  for_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const auto gain = optional_weights_of<T, W>(g, gain_at(r), p.weight_type, 1.0f);
    centred_row<Offset, decltype(x), decltype(gain), Group> d(g, x, gain, p, centre);
    // Loaded before the wait for the sum, when the gain's registers are free.
    const auto shift = optional_weights_of<T, W>(g, shift_at(r), p.weight_type, 0.0f);
    const float factor = rsqrt_fast(fma(g.sum(d.squares), p.inverse_n, p.eps));
    store(g, shifted_row<decltype(d), decltype(shift), Group>{d, shift, factor}, 1.0f, 0.0f, r);
  });
}
template <class T, class W, int Threads, int Held, class Params, class Store>
HIPINFER_DEVICE void layernorm_rows(const Params& p, const Store& store) {
  const auto gain = [&](row_index) { return p.weight; };
  const auto shift = [&](row_index) { return p.bias; };
  affine_rows<0, T, W, Threads, Held>(p, true, gain, shift, store);
}

}  // namespace hipinfer
