// SPDX-License-Identifier: Apache-2.0
// Rows are shared out as in device/rows.h. Where a row fits into registers it is read once, and stays there as exponents.
#include "device/index.h"
#include "device/math.h"
#include "device/rows.h"
#include "ops/masked_softmax/params.h"

namespace hipinfer {
namespace {

using params = masked_softmax_params;

struct row_place {
  int64_t b, h, q;
  template <class T, int N>
  HIPINFER_DEVICE T* in(T* base, const int64_t (&stride)[N]) const {
    return base + b * stride[0] + h * stride[1] + q * stride[2];
  }
};

// Adds a row's mask to scores from column i on.
template <class M, int N>
HIPINFER_DEVICE void add_mask(const params& p, row_place r, int64_t i, float (&v)[N]) {
  const M* mask = r.in(static_cast<const M*>(p.mask), p.mask_stride) + i * p.mask_stride[3];
  if (p.mask_vector) {
    float m[N];
    load_floats<N>(mask, m);
    for (int k = 0; k < N; ++k) v[k] += m[k];
  } else {
    for (int k = 0; k < N; ++k) v[k] += to_float(mask[k * p.mask_stride[3]]);
  }
}
template <int N>
HIPINFER_DEVICE void keep_where(const params& p, row_place r, int64_t i, float (&v)[N]) {
  const uint8_t* mask = r.in(static_cast<const uint8_t*>(p.mask), p.mask_stride) + i * p.mask_stride[3];
  if (p.mask_vector) {
    const vec<uint8_t, N> m = load<N>(mask);
    for (int k = 0; k < N; ++k) v[k] = m.at[k] != 0 ? v[k] : -infinity;
  } else {
    for (int k = 0; k < N; ++k) v[k] = mask[k * p.mask_stride[3]] != 0 ? v[k] : -infinity;
  }
}

// The scores of a row as the softmax takes them: scaled and masked. What causality hides is not read.
template <class T, class Group>
class scores {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE scores(const Group& g, const params& p, row_place r)
      : p_(p), r_(r), x_(r.in(static_cast<const T*>(p.input), p.input_stride)) {
    visible_ = p.causal ? r.q + (p.n - p.inner) + 1 : p.n;
    if constexpr (Group::held > 0) {
      g.each([&](place at) {
        if (at.i < visible_) held_[at.k] = load<width>(x_ + at.i);
      });
    }
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    const int64_t left = visible_ - at.i;
    if (left <= 0) {
      for (int k = 0; k < width; ++k) v[k] = -infinity;
      return;
    }
    if constexpr (Group::held > 0)
      to_floats(held_[at.k], v);
    else
      load_floats<width>(x_ + at.i, v);
    for (int k = 0; k < width; ++k) v[k] *= p_.scale;
    if (p_.mask_bytes == 1)
      keep_where(p_, r_, at.i, v);
    else if (p_.mask_bytes == sizeof(T))
      add_mask<T>(p_, r_, at.i, v);
    else if (p_.mask_bytes != 0)
      add_mask<f32>(p_, r_, at.i, v);
    for (int k = 0; k < width; ++k) v[k] = k < left ? v[k] : -infinity;
  }

 private:
  const params& p_;
  row_place r_;
  const T* x_;
  int64_t visible_;
  vec<T, width> held_[Group::held > 0 ? Group::held : 1];
};

// What becomes of the scores between two passes: kept where a row is in registers, computed again where it is not.
template <class T, class Group>
class exponents {
 public:
  static constexpr int width = Group::width;
  static constexpr bool kept = Group::held > 0;

  HIPINFER_DEVICE exponents(Group& g, const scores<T, Group>& s) : s_(s) {
    float top = -infinity;
    g.each([&](place at) {
      float v[width];
      s_.get(at, v);
      for (int k = 0; k < width; ++k) {
        top = max(top, v[k]);
        if constexpr (kept) kept_[at.k][k] = v[k];
      }
    });
    top = g.largest(top);
    base_ = top == -infinity ? 0.0f : top;  // -inf - -inf is NaN
    float sum = 0;
    g.each([&](place at) {
      float v[width];
      exponent(at, v);
      for (int k = 0; k < width; ++k) {
        sum += v[k];
        if constexpr (kept) kept_[at.k][k] = v[k];
      }
    });
    sum = g.sum(sum);
    factor_ = sum == 0.0f ? 0.0f : 1.0f / sum;
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (kept) {
      for (int k = 0; k < width; ++k) v[k] = kept_[at.k][k] * factor_;
    } else {
      exponent(at, v);
      for (int k = 0; k < width; ++k) v[k] *= factor_;
    }
  }

 private:
  HIPINFER_DEVICE void exponent(place at, float (&v)[width]) const {
    if constexpr (kept) {
      for (int k = 0; k < width; ++k) v[k] = kept_[at.k][k];
    } else {
      s_.get(at, v);
    }
    for (int k = 0; k < width; ++k) v[k] = exp_accurate(v[k] - base_);
  }

  const scores<T, Group>& s_;
  float base_, factor_;
  float kept_[kept ? Group::held : 1][width];
};

template <class T, int Threads, int Held>
HIPINFER_DEVICE void masked_softmax(const params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const division head = divide(r.outer, p.heads);
    const row_place row{head.quotient, head.rest, r.inner};
    const scores<T, Group> s(g, p, row);
    store_row<T>(g, exponents<T, Group>(g, s), row.in(static_cast<T*>(p.output), p.output_stride));
  });
}

}  // namespace

#define ROWS(name, threads, held, T)                                                \
  HIPINFER_KERNEL(threads) masked_softmax_##name##_##T(HIPINFER_PARAMS(params) p) { \
    masked_softmax<T, threads, held>(p);                                            \
  }
#define INSTANTIATE(T) ROWS(short_rows, 256, 16, T) ROWS(long_rows, 512, 32, T) ROWS(rows, 256, 0, T)
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
