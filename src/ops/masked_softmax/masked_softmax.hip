// SPDX-License-Identifier: Apache-2.0
// Rows are shared out as in device/rows.h. Where a row fits into registers it is read once, and stays there as
// exponents; else one pass finds the maximum and the sum together, and a second one reads the row again.
#include "device/index.h"
#include "device/math.h"
#include "device/rows.h"
#include "ops/masked_softmax/params.h"

namespace hipinfer {
namespace {

using params = masked_softmax_params;

// -inf - -inf is NaN: what has no larger score is measured against 0.
HIPINFER_DEVICE float base_of(float top) {
  return top == -infinity ? 0.0f : top;
}
// The difference is taken first, and its product's error, |d| / 2 units in the last place, is of a weight of e^-|d|.
HIPINFER_DEVICE float weight(float score, float base) {
  return exp2_fast((score - base) * log2_e);
}

// What a vector of scores is held in: whole words, which take fewer instructions than elements.
template <class T, int N>
using held_vector = typename detail::word<sizeof(T) * N>::type;

HIPINFER_DEVICE int64_t visible_keys(const params& p, int64_t q) {
  const int64_t keys = p.causal ? q + (p.n - p.queries) + 1 : p.n;
  return keys < 0 ? 0 : keys;
}
template <bool Short>
struct row_index_type {
  using type = int64_t;
};
template <>
struct row_index_type<true> {
  using type = int32_t;
};

// The scores of a row as the softmax takes them: scaled and masked. What causality hides is not read.
template <class T, class Group>
class scores {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE scores(const params& p, int64_t b, int64_t h, int64_t q)
      : x_(static_cast<const T*>(p.input) + b * p.input_stride[0] + h * p.input_stride[1] + q * p.input_stride[2]),
        mask_(static_cast<const uint8_t*>(p.mask) +
              (b * p.mask_stride[0] + h * p.mask_stride[1] + q * p.mask_stride[2]) * p.mask_bytes),
        mask_stride_(p.mask_stride[3]),
        visible_(static_cast<index>(visible_keys(p, q))),
        mask_bytes_(p.mask_bytes),
        scale_(p.scale) {}

  // f(place, scores) for each vector.
  template <class F>
  HIPINFER_DEVICE void each(const Group& g, F f) const {
    using words = held_vector<T, width>;
    words x[Group::held > 0 ? Group::held : 1];
    const auto fetch = [&](place at) {
      if (at.i < visible_) x[at.k] = *reinterpret_cast<const words*>(x_ + at.i);
    };
    if constexpr (Group::held > 0) g.each(fetch);
    g.each([&](place at) {
      if constexpr (Group::held == 0) fetch(at);
      float v[width];
      to_floats(bit_cast<vec<T, width>>(x[at.k]), v);
      const index left = visible_ - static_cast<index>(at.i);
      if (left > 0) mask(at.i, v);
      if (left < width) {
        for (int k = 0; k < width; ++k) v[k] = k < left ? v[k] : -infinity;
      }
      f(at, v);
    });
  }

 private:
  // Scales, too.
  HIPINFER_DEVICE void mask(int64_t i, float (&v)[width]) const {
    const int64_t from = width > 1 ? i : i * mask_stride_;
    if (mask_bytes_ == 1) {
      const vec<uint8_t, width> m = load<width>(mask_ + from);
      for (int k = 0; k < width; ++k) v[k] = m.at[k] != 0 ? v[k] * scale_ : -infinity;
      return;
    }
    float m[width];
    if (mask_bytes_ == 0) {
      for (int k = 0; k < width; ++k) m[k] = 0;
    } else if (mask_bytes_ == sizeof(T)) {
      load_floats<width>(reinterpret_cast<const T*>(mask_) + from, m);
    } else {
      load_floats<width>(reinterpret_cast<const float*>(mask_) + from, m);
    }
    for (int k = 0; k < width; ++k) v[k] = fma(v[k], scale_, m[k]);
  }

  // Rows that are held are short.
  using index = typename row_index_type<(Group::held > 0)>::type;
  const T* x_;
  const uint8_t* mask_;
  int64_t mask_stride_;
  index visible_;
  int32_t mask_bytes_;
  float scale_;
};

HIPINFER_DEVICE float factor_of(float sum) {
  return sum == 0.0f ? 0.0f : 1.0f / sum;
}

template <class T, class Group>
HIPINFER_DEVICE void softmax_row(Group& g, const scores<T, Group>& s, T* y) {
  constexpr int width = Group::width;
  float top = -infinity, sum = 0;
  if constexpr (Group::held > 0) {
    float kept[Group::held][width];
    s.each(g, [&](place at, const float (&v)[width]) {
      for (int k = 0; k < width; ++k) {
        top = max(top, v[k]);
        kept[at.k][k] = v[k];
      }
    });
    const float base = base_of(g.largest(top));
    g.each([&](place at) {
      for (int k = 0; k < width; ++k) sum += kept[at.k][k] = weight(kept[at.k][k], base);
    });
    const float factor = factor_of(g.sum(sum));
    g.each([&](place at) {
      scale_by(kept[at.k], factor);
      store_floats<width>(y + at.i, kept[at.k]);
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
      const float base = base_of(top);
      for (int k = 0; k < width; ++k) sum += weight(v[k], base);
    });
    const float base = base_of(g.largest(top));
    const float factor = factor_of(g.sum(sum * weight(top, base)));
    s.each(g, [&](place at, float (&v)[width]) {
      for (int k = 0; k < width; ++k) v[k] = weight(v[k], base) * factor;
      store_floats<width>(y + at.i, v);
    });
  }
}

template <class T, int Threads, int Held>
HIPINFER_DEVICE void masked_softmax(const params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const division q = divide(r.outer, p.queries_by), h = divide(q.quotient, p.heads_by);
    const int64_t b = h.quotient;
    T* y =
        static_cast<T*>(p.output) + b * p.output_stride[0] + h.rest * p.output_stride[1] + q.rest * p.output_stride[2];
    softmax_row(g, scores<T, Group>(p, b, h.rest, q.rest), y);
  });
}

}  // namespace

#define ROWS(name, threads, blocks, held, T)                                                         \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) masked_softmax_##name##_##T(HIPINFER_PARAMS(params) p) { \
    await_previous_kernel();                                                                         \
    masked_softmax<T, threads, held>(p);                                                             \
  }
#define INSTANTIATE(T) ROWS(short_rows, 256, 4, 16, T) ROWS(long_rows, 512, 1, 32, T) ROWS(rows, 256, 4, 0, T)
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
