// SPDX-License-Identifier: Apache-2.0
// What attention over several sets of keys gave, merged. Threads of a wave share a row, each with pieces of its columns.
#include "device/index.h"
#include "device/vec.h"
#include "ops/attention/online_softmax.h"
#include "ops/attention/params.h"

namespace hipinfer {

// A token's head: its states, whose logarithms are to base 2.
class state_row {
 public:
  HIPINFER_DEVICE state_row(const merge_states_params& p, int64_t row) : p_(p), at_(divide(row, p.heads_by)) {}

  HIPINFER_DEVICE bool wanted() const { return p_.mask == nullptr || p_.mask[at_.quotient] != 0; }
  HIPINFER_DEVICE float lse(int64_t i) const {
    return i == 0 ? p_.first_lse[of(p_.first_lse_stride)] : p_.lses[of(p_.lses_stride) + (i - 1) * p_.lses_stride[2]];
  }
  template <class T>
  HIPINFER_DEVICE const T* value(int64_t i) const {
    if (i == 0) return static_cast<const T*>(p_.first_value) + of(p_.first_value_stride);
    return static_cast<const T*>(p_.values) + of(p_.values_stride) + (i - 1) * p_.values_stride[2];
  }
  template <class T>
  HIPINFER_DEVICE T* output() const {
    return static_cast<T*>(p_.output) + of(p_.output_stride);
  }
  HIPINFER_DEVICE void put(float lse) const { p_.lse[of(p_.lse_stride)] = lse; }

 private:
  // Offset of the row, by strides of a token and of a head.
  HIPINFER_DEVICE int64_t of(const int64_t* stride) const { return at_.quotient * stride[0] + at_.rest * stride[1]; }

  const merge_states_params& p_;
  division at_;
};

template <class T, int Threads, int Width>
HIPINFER_DEVICE void merge_states(const merge_states_params& p) {
  const int64_t item = item_id<Threads>(), row = item >> p.lanes_log2;
  const int64_t lanes = int64_t{1} << p.lanes_log2, lane = item & (lanes - 1);
  const state_row states(p, row < p.rows ? row : p.rows - 1);
  const bool wanted = row < p.rows && states.wanted();
  float most = -infinity, sum = 0;
  for (int64_t i = 0; i < p.states; ++i) most = max(most, states.lse(i));
  const float anchor = anchor_of(most);
  for (int64_t i = 0; i < p.states; ++i) sum += exp2_fast(states.lse(i) - anchor);
  const float share =
      sum == 0.0f ? 0.0f : 1.0f / sum;  // of a weight of 1; a division a column would bound the kernel on CDNA
  if (wanted) {
    for (int64_t column = lane * Width; column < p.n; column += lanes * Width) {
      float x[Width] = {};
      for (int64_t i = 0; i < p.states; ++i) {
        const float weight = exp2_fast(states.lse(i) - anchor);
        if (weight == 0.0f) continue;  // whatever its values are
        float value[Width];
        load_floats<Width>(states.value<T>(i) + column, value);
#pragma unroll
        for (int k = 0; k < Width; ++k) x[k] = fma(weight, value[k], x[k]);
      }
#pragma unroll
      for (int k = 0; k < Width; ++k) x[k] *= share;
      store_floats<Width>(states.output<T>() + column, x);
    }
  }
  wave_barrier();  // the row's logarithms have been read: the merged one may be written in the place of one
  if (wanted && lane == 0 && p.lse != nullptr) states.put(sum == 0.0f ? -infinity : anchor + log2_fast(sum));
}

}  // namespace hipinfer
