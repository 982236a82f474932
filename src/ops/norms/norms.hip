// SPDX-License-Identifier: Apache-2.0
// The norms. Each is a chain of row objects: x.get(place, v) gives the elements of a row at a place (device/rows.h), and a
// Store writes the last object of the chain.
#include "device/math.h"
#include "device/rows.h"
#include "ops/norms/params.h"

namespace hipinfer {

// The squares of one vector. A thread sums its vectors independently of each other, so that no long chain of additions
// adds up its latency.
template <int N>
HIPINFER_DEVICE float sum_of_squares(const float (&v)[N]) {
  float sum = v[0] * v[0];
  for (int k = 1; k < N; ++k) sum = fma(v[k], v[k], sum);
  return sum;
}

// The row times (weight + Offset), and the sum of the row's squares. The products are formed before the root is known: a
// thread then waits for the sum with its work done, and the largest product is reduced together with the sum.
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
  // Once for each place, in the last pass.
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

// The unrounded sum of two rows. write_back() stores it over the second, the residual. Where registers do not hold the
// row, the last pass reads both rows again, so it is the last pass that writes back. A thread writes only elements that
// no other thread reads.
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

// (x - mean) * (gain + Offset), and the sum of the squares of x - mean. Without `centre` the mean counts as 0.
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
      // sum / n, with a correction of what the product with 1 / n is off by: a row whose values are all equal has
      // exactly that mean, so its differences are exactly 0.
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

// Weights and a number.
template <class Weight, class Group>
struct added {
  const Weight& weight;
  float number;
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    weight.get(at, v);
    for (int k = 0; k < Group::width; ++k) v[k] += number;
  }
};
// A row times (weight + gain), before anything is made of it.
template <class X, class Weight, class Group>
struct gained_row {
  const X& x;
  const Weight& weight;
  float gain;
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float by[Group::width];
    x.get(at, v);
    weight.get(at, by);
    for (int k = 0; k < Group::width; ++k) v[k] *= by[k] + gain;
  }
  HIPINFER_DEVICE void write_back(place, const float (&)[Group::width]) const {}
};
template <class Group>
struct no_weight {
  HIPINFER_DEVICE void get(place, float (&v)[Group::width]) const {
    for (int k = 0; k < Group::width; ++k) v[k] = 1;
  }
};

// alpha * residual + beta * y * root. write_back() stores it as the stream.
template <class T, class Y, class Group>
class blended_row {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE blended_row(const Group& g, const Y& y, float root, row_index r,
                              const gated_residual_rmsnorm_params& p)
      : y_(y),
        root_(root),
        factor_(p.factor),
        residual_(g, of_stream(p, p.residual, p.residual_stride, r), p.stream_type),
        alpha_(g, p.alpha, 1.0f),
        beta_(g, p.beta, 1.0f),
        stream_(of_stream(p, p.stream, p.stream_stride, r)),
        is_wide_(p.stream_type == dtype::f32) {}
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    float by[width], stream[width];
    y_.get(at, v);
    beta_.get(at, by);
    for (int k = 0; k < width; ++k) v[k] *= root_ * by[k];
    residual_.get(at, stream);
    alpha_.get(at, by);
    for (int k = 0; k < width; ++k) v[k] = fma(stream[k], factor_ * by[k], v[k]);
  }
  HIPINFER_DEVICE void write_back(place at, const float (&v)[width]) const {
    if (sizeof(T) < 4 && is_wide_)
      store_floats<width>(static_cast<float*>(stream_) + at.i, v);
    else
      store_floats<width>(static_cast<T*>(stream_) + at.i, v);
  }

 private:
  HIPINFER_DEVICE static void* of_stream(const gated_residual_rmsnorm_params& p, const void* base, int64_t stride,
                                         row_index r) {
    const int64_t bytes = p.stream_type == dtype::f32 ? 4 : sizeof(T);
    return const_cast<char*>(static_cast<const char*>(base)) + r.outer * stride * bytes;
  }

  const Y& y_;
  float root_, factor_;
  either_operand<T, Group> residual_;
  optional_operand<f32, Group, false> alpha_, beta_;
  void* stream_;
  bool is_wide_;
};

// A row times sigmoid or silu of its gate.
template <class X, class Gate, class Group>
struct gated_row {
  const X& x;
  const Gate& gate;
  bool by_silu;
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float by[Group::width];
    x.get(at, v);
    gate.get(at, by);
    for (int k = 0; k < Group::width; ++k) v[k] *= by_silu ? silu(by[k]) : sigmoid(by[k]);
  }
};

// The four ways to store a row y * factor: rounded to T; so after silu; quantised with one scale for all rows; quantised with a
// scale of its own. Where `largest` is set, `most` is the largest magnitude in y.
template <class T, class Params>
struct rounded_rows {
  static constexpr bool largest = false;
  const Params& p;
  template <class Group, class Y>
  HIPINFER_DEVICE void operator()(const Group& g, const Y& y, float factor, float, row_index r) const {
    store_row(g, y, r.in(static_cast<T*>(p.output), p.output_stride), factor);
  }
};
template <class T, class Params>
struct silu_rows {
  static constexpr bool largest = false;
  const Params& p;
  template <class Group, class Y>
  HIPINFER_DEVICE void operator()(const Group& g, const Y& y, float factor, float, row_index r) const {
    T* row = r.in(static_cast<T*>(p.output), p.output_stride);
    g.each([&](place at) {
      float v[Group::width];
      y.get(at, v);
      for (int k = 0; k < Group::width; ++k) v[k] = silu(v[k] * factor);
      as_type<T>{}.store_to(row + at.i, v);
    });
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

// What the kernel of a row in family.toml does. T is the dtype of the data and W that of the weights.
template <int Offset>
struct rmsnorm {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const norm_params& p, const Store& store) {
    for_split_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
      const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
      store_rmsnorm<Offset, T, W>(g, x, r, p, store);
    });
  }
};

struct gated_rmsnorm {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const gated_rmsnorm_params& p, const Store& store) {
    for_split_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
      const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
      const auto weight = optional_weights_of<T, W>(g, p.weight, p.weight_type, 1.0f);
      weighted_row<0, decltype(x), decltype(weight), Group> y(g, x, weight);
      // Loaded here, the gate takes the registers of the weights and arrives while the sum is reduced.
      const row_operand<T, Group, kept_weights<T, Group>> gate(g, r.in(static_cast<const T*>(p.gate), p.gate_stride));
      const float factor = rsqrt_fast(fma(g.sum(y.squares), p.inverse_n, p.eps));
      store(g, gated_row<decltype(y), decltype(gate), Group>{y, gate, p.silu != 0}, factor, 0.0f, r);
    });
  }
};

template <int Offset>
struct fused_add_rmsnorm {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const fused_add_norm_params& p, const Store& store) {
    for_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
      const row_sum<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride),
                                r.in(static_cast<T*>(p.residual), p.residual_stride));
      store_rmsnorm<Offset, T, W>(g, x, r, p, store);
    });
  }
};

struct gated_residual_rmsnorm {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const gated_residual_rmsnorm_params& p, const Store& store) {
    for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
      const row_operand<T, Group> branch(g, r.in(static_cast<const T*>(p.branch), p.branch_stride));
      const auto weight = optional_weights_of<T, W>(g, p.weight, p.weight_type, 1.0f);
      const gained_row<decltype(branch), decltype(weight), Group> u{branch, weight, p.gain};
      const no_weight<Group> ones;
      weighted_row<0, decltype(u), decltype(ones), Group> y(g, u, ones);
      const float root = rsqrt_fast(fma(g.sum(y.squares), p.inverse_n, p.eps));
      const blended_row<T, decltype(y), Group> s(g, y, root, r, p);
      if (p.output == nullptr) {
        g.each([&](place at) {
          float v[Group::width];
          s.get(at, v);
          s.write_back(at, v);
        });
        return;
      }
      const auto next = optional_weights_of<T, W>(g, p.next_weight, p.weight_type, 1.0f);
      const added<decltype(next), Group> gain{next, p.next_gain};
      weighted_row<0, decltype(s), decltype(gain), Group> z(g, s, gain);
      store(g, z, rsqrt_fast(fma(g.sum(z.squares), p.inverse_n, p.next_eps)), 0.0f, r);
    });
  }
};

// The norm of layernorm and adaln. gain_at(r) and shift_at(r) are the addresses of a row's gain and shift, or NULL.
template <int Offset, class T, class W, int Threads, int Held, class Params, class Gain, class Shift, class Store>
HIPINFER_DEVICE void affine_rows(const Params& p, bool centre, Gain gain_at, Shift shift_at, const Store& store) {
  for_split_rows<T, Threads, Held, row_parts<Threads, Held>>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const auto gain = optional_weights_of<T, W>(g, gain_at(r), p.weight_type, 1.0f);
    centred_row<Offset, decltype(x), decltype(gain), Group> d(g, x, gain, p, centre);
    // Loaded here, the shift takes the registers of the gain and arrives while the sum is reduced.
    const auto shift = optional_weights_of<T, W>(g, shift_at(r), p.weight_type, 0.0f);
    const float factor = rsqrt_fast(fma(g.sum(d.squares), p.inverse_n, p.eps));
    store(g, shifted_row<decltype(d), decltype(shift), Group>{d, shift, factor}, 1.0f, 0.0f, r);
  });
}

struct layernorm {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const norm_params& p, const Store& store) {
    const auto gain = [&](row_index) { return p.weight; };
    const auto shift = [&](row_index) { return p.bias; };
    affine_rows<0, T, W, Threads, Held>(p, true, gain, shift, store);
  }
};

// A row takes the gain and the shift of its batch element.
struct adaln {
  template <class T, class W, int Threads, int Held, class Store>
  HIPINFER_DEVICE static void rows(const adaln_params& p, const Store& store) {
    // With Held = 0 the call says the dtype of scale and shift, and W says nothing.
    const int64_t bytes = Held > 0 ? sizeof(W) : p.weight_type == dtype::f32 ? 4 : sizeof(T);
    const auto gain = [&](row_index r) { return static_cast<const char*>(p.scale) + r.outer * p.scale_stride * bytes; };
    const auto shift = [&](row_index r) {
      return static_cast<const char*>(p.shift) + r.outer * p.shift_stride * bytes;
    };
    affine_rows<1, T, W, Threads, Held>(p, !p.rms, gain, shift, store);
  }
};

}  // namespace hipinfer
