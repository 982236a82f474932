// SPDX-License-Identifier: Apache-2.0
// activation(gate) * up, row by row: the gated units of feed-forward layers. Gate and up are two tensors, or the halves
// of one's rows.
#include "device/math.h"
#include "device/quantize.h"
#include "device/rows.h"
#include "device/walk.h"
#include "ops/gated/params.h"

namespace hipinfer {

// T is what the result is rounded to, or more exact.
struct silu_activation {
  template <class T>
  HIPINFER_DEVICE float of(float x) const {
    return silu(x);
  }
};
struct gelu_activation {
  template <class T>
  HIPINFER_DEVICE float of(float x) const {
    return sizeof(T) == 4 ? gelu(x) : gelu_short(x);
  }
};
struct gelu_tanh_activation {
  template <class T>
  HIPINFER_DEVICE float of(float x) const {
    return gelu_tanh(x);
  }
};

template <class T = f32, int N, class Activation>
HIPINFER_DEVICE void gate_by(Activation activation, const float (&gate)[N], float (&v)[N]) {
  for (int k = 0; k < N; ++k) v[k] = activation.template of<T>(gate[k]) * v[k];
}

// Vector by vector, 1 or Most a thread. store(own, to, v) stores the results of a thread's vectors.
template <class Activation, class T, int Threads, int Width, int Most, class Store>
HIPINFER_DEVICE void gate(const gated_params& p, Store store) {
  with_each<Most>(p.each, [&]<int Each>() {
    const own_vectors<Threads, Each> own(p.vectors);
    if (own.none()) return;
    vec<T, Width> gate[Each], up[Each];
    int64_t to[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      const division at = split(own.at(e), p.row_vectors);
      const int64_t column = at.rest * Width;
      gate[e] = load<Width>(static_cast<const T*>(p.gate) + at.quotient * p.gate_stride + column);
      up[e] = load<Width>(static_cast<const T*>(p.up) + at.quotient * p.up_stride + column);
      to[e] = at.quotient * p.output_stride + column;
    }
    float v[Each][Width];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      float g[Width];
      to_floats(gate[e], g);
      to_floats(up[e], v[e]);
      gate_by<T>(Activation{}, g, v[e]);
    }
    store(own, to, v);
  });
}
// What becomes of the results: rounded to T, or over the one scale of all and stored as p.output_type.
template <class T>
struct rounded_vectors {
  const gated_params& p;
  template <class Own, int Each, int Width>
  HIPINFER_DEVICE void operator()(const Own& own, const int64_t (&to)[Each], float (&v)[Each][Width]) const {
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      if (own.has(e)) store_floats<Width>(static_cast<T*>(p.output) + to[e], v[e]);
    }
  }
};
struct scaled_vectors {
  const gated_params& p;
  float scale;
  HIPINFER_DEVICE explicit scaled_vectors(const gated_params& all)
      : p(all), scale(*static_cast<const float*>(all.scale)) {}
  template <class Own, int Each, int Width>
  HIPINFER_DEVICE void operator()(const Own& own, const int64_t (&to)[Each], float (&v)[Each][Width]) const {
    const float factor = quantising_factor(scale);
    with_quantised(p.output_type, [&]<class Q>(as_type<Q> as) {
#pragma unroll
      for (int e = 0; e < Each; ++e) {
        scale_by(v[e], factor);
        if (own.has(e)) as.store_to(static_cast<Q*>(p.output) + to[e], v[e]);
      }
    });
  }
};

// A row of the result, for what has to know all of it before it stores any.
template <class Activation, class T, class Group>
class gated_row {
 public:
  HIPINFER_DEVICE gated_row(const Group& g, const T* gate, const T* up) : gate_(g, gate), up_(g, up) {}
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float gate[Group::width];
    gate_.get(at, gate);
    up_.get(at, v);
    gate_by<T>(Activation{}, gate, v);
  }

 private:
  row_operand<T, Group> gate_, up_;
};

template <class Activation, class T, int Threads, int Held>
HIPINFER_DEVICE void gate_and_quantise_rows(const gated_rows_params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const gated_row<Activation, T, Group> loaded(g, static_cast<const T*>(p.gate) + r.outer * p.gate_stride,
                                                 static_cast<const T*>(p.up) + r.outer * p.up_stride);
    const computed_row<decltype(loaded), Group> y(g, loaded);
    store_self_scaled_row(p.output_type, g, y, 1.0f, g.largest(y.most),
                          static_cast<uint8_t*>(p.output) + r.outer * p.output_stride,
                          static_cast<float*>(p.scales) + r.outer * p.scales_stride);
  });
}

}  // namespace hipinfer
