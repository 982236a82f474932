// SPDX-License-Identifier: Apache-2.0
// Rows are shared out as in device/rows.h. Where a row fits into registers it is read once, and stays there as
// weights; else one pass finds the maximum and the sum together, and a second one reads the row again.
#include "device/index.h"
#include "device/math.h"
#include "device/rows.h"
#include "ops/attention/params.h"

namespace hipinfer {

using params = masked_softmax_params;

// -inf - -inf is NaN: what has no larger score is measured against 0.
HIPINFER_DEVICE float base_of(float top) {
  return top == -infinity ? 0.0f : top;
}
// The difference is taken first, and its product's error, |d| / 2 units in the last place, is of a weight of e^-|d|.
HIPINFER_DEVICE float weight(float score, float base) {
  return exp2_fast((score - base) * log2_e);
}

// What a sum of weights is relative to, with the sum.
struct add_weights {
  HIPINFER_DEVICE sum_and_most operator()(sum_and_most a, sum_and_most b) const {
    const float most = max(a.most, b.most), base = base_of(most);
    return {fma(a.sum, weight(a.most, base), b.sum * weight(b.most, base)), most};
  }
};

// A vector of the mask, in whole words, and what it makes of scores; `i` is the first one's place in the row.
template <int N>
struct no_mask {
  HIPINFER_DEVICE void load_from(const void*, int64_t) {}
  HIPINFER_DEVICE void apply(float (&v)[N], float scale) const { scale_by(v, scale); }
};
template <class M, int N>
struct added_mask {
  packed<M, N> words;
  HIPINFER_DEVICE void load_from(const void* p, int64_t i) { words.load_from(static_cast<const M*>(p) + i); }
  HIPINFER_DEVICE void apply(float (&v)[N], float scale) const {
    float m[N];
    words.floats(m);
    for (int k = 0; k < N; ++k) v[k] = fma(v[k], scale, m[k]);
  }
};
template <int N>
struct chosen_mask {
  vec<uint8_t, N> flags;
  HIPINFER_DEVICE void load_from(const void* p, int64_t i) { flags = load<N>(static_cast<const uint8_t*>(p) + i); }
  HIPINFER_DEVICE void apply(float (&v)[N], float scale) const {
    for (int k = 0; k < N; ++k) v[k] = flags.at[k] != 0 ? v[k] * scale : -infinity;
  }
};

// A row's place. Where all heads have one mask they are the innermost, so that a row of the mask is in cache when the
// next head reads it: over all queries it would be gone by then.
struct row_place {
  int64_t b, h, q;
};
template <int Held>
HIPINFER_DEVICE row_place place_of(const params& p, int64_t row) {
  int64_t inner, middle, outer;
  if constexpr (Held > 0) {  // such rows are fewer than 2^31
    const small_division i = divide(static_cast<uint32_t>(row), p.inner_by), m = divide(i.quotient, p.middle_by);
    inner = i.rest, middle = m.rest, outer = m.quotient;
  } else {
    const division i = divide(row, p.inner_by), m = divide(i.quotient, p.middle_by);
    inner = i.rest, middle = m.rest, outer = m.quotient;
  }
  return p.heads_inside ? row_place{outer, inner, middle} : row_place{outer, middle, inner};
}

// The scores of a row as the softmax takes them: scaled and masked. What causality hides is not read.
template <class T, class Group>
class scores {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE scores(const params& p, row_place at)
      : p_(p),
        x_(static_cast<const T*>(p.input) + at.b * p.input_stride[0] + at.h * p.input_stride[1] +
           at.q * p.input_stride[2]),
        mask_(static_cast<const uint8_t*>(p.mask) +
              (at.b * p.mask_stride[0] + at.h * p.mask_stride[1] + at.q * p.mask_stride[2]) * p.mask_bytes),
        visible_(p.n) {
    if (p.causal) visible_ = at.q + (p.n - p.queries) + 1;
  }

  // All of a thread's vectors, of scores and mask together, before the first is used.
  HIPINFER_DEVICE void get(const Group& g, float (&v)[Group::held > 0 ? Group::held : 1][width]) const {
    with_mask([&]<class Mask>() {
      packed<T, width> x[Group::held];
      Mask mask[Group::held];
      const int32_t visible = static_cast<int32_t>(visible_);
      g.each([&](place at) {
        if (static_cast<int32_t>(at.i) < visible) {
          x[at.k].load_from(x_ + at.i);
          mask[at.k].load_from(mask_, at.i);
        }
      });
      g.each([&](place at) {
        x[at.k].floats(v[at.k]);
        mask[at.k].apply(v[at.k], p_.scale);
      });
    });
    if (p_.causal) g.each([&](place at) { hide(at, v[at.k]); });
  }

  // f(place, scores) for each vector, one after the other.
  template <class F>
  HIPINFER_DEVICE void each(const Group& g, F f) const {
    with_mask([&]<class Mask>() {
      g.each([&](place at) {
        float v[width];
        packed<T, width> x;
        Mask mask;
        if (at.i < visible_) {
          x.load_from(x_ + at.i);
          mask.load_from(mask_, width > 1 ? at.i : at.i * p_.mask_stride[3]);
        }
        x.floats(v);
        mask.apply(v, p_.scale);
        hide(at, v);
        f(at, v);
      });
    });
  }

 private:
  template <class Body>
  HIPINFER_DEVICE void with_mask(Body body) const {
    if (p_.mask_bytes == 0)
      body.template operator()<no_mask<width>>();
    else if (p_.mask_bytes == 1)
      body.template operator()<chosen_mask<width>>();
    else if (sizeof(T) < 4 && p_.mask_bytes == 4)
      body.template operator()<added_mask<float, width>>();
    else
      body.template operator()<added_mask<T, width>>();
  }
  HIPINFER_DEVICE void hide(place at, float (&v)[width]) const {
    for (int k = 0; k < width; ++k) v[k] = at.i + k < visible_ ? v[k] : -infinity;
  }

  const params& p_;
  const T* x_;
  const uint8_t* mask_;
  int64_t visible_;  // may be none, or fewer
};

// What weights relative to `top` are multiplied by, for the sums of a row's waves; one exchange over the block.
template <class Group>
HIPINFER_DEVICE float factor_of(Group& g, float top, float sum, float& base) {
  const sum_and_most all = g.across(sum_and_most{g.within(sum, add{}), top}, add_weights{});
  base = base_of(all.most);
  return all.sum == 0.0f ? 0.0f : 1.0f / all.sum;
}

template <class T, class Group>
HIPINFER_DEVICE void softmax_row(Group& g, const scores<T, Group>& s, T* y) {
  constexpr int width = Group::width;
  float top = -infinity, sum = 0, base;
  if constexpr (Group::held > 0) {
    float v[Group::held][width];
    s.get(g, v);
    g.each([&](place at) {
      for (int k = 0; k < width; ++k) top = max(top, v[at.k][k]);
    });
    // Weights relative to the wave's largest score: only sums have to wait for the other waves.
    top = g.within(top, maximum{});
    const float own = base_of(top);
    g.each([&](place at) {
      for (int k = 0; k < width; ++k) sum += v[at.k][k] = weight(v[at.k][k], own);
    });
    float factor = factor_of(g, top, sum, base);
    factor *= weight(top, base);
    g.each([&](place at) {
      scale_by(v[at.k], factor);
      store_floats<width>(y + at.i, v[at.k]);
    });
  } else {
    s.each(g, [&](place, const float (&v)[width]) {
      float larger = top;
      for (int k = 0; k < width; ++k) larger = max(larger, v[k]);
      if (larger > top) {
        sum *= weight(top, larger);
        top = larger;
      }
      // max passes a NaN over; here it makes the sum NaN for good.
      const float own = base_of(top);
      for (int k = 0; k < width; ++k) sum += weight(v[k], own);
    });
    const float most = g.within(top, maximum{});
    const float factor = factor_of(g, most, sum * weight(top, base_of(most)), base);
    s.each(g, [&](place at, float (&v)[width]) {
      for (int k = 0; k < width; ++k) v[k] = weight(v[k], base) * factor;
      store_floats<width>(y + at.i, v);
    });
  }
}

template <class T, int Threads, int Held>
HIPINFER_DEVICE void masked_softmax(const params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_place at = place_of<Held>(p, r.outer);
    const int64_t to = found_once(at.b * p.output_stride[0] + at.h * p.output_stride[1] + at.q * p.output_stride[2]);
    softmax_row(g, scores<T, Group>(p, at), static_cast<T*>(p.output) + to);
  });
}

}  // namespace hipinfer
