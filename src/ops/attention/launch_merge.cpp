// SPDX-License-Identifier: Apache-2.0
#include "core/items.h"
#include "gen/merge_states.h"
#include "ops/attention/params.h"

namespace hipinfer {

void merge_states_launch(call& c, const merge_states_args& a) {
  merge_states_params p{};
  const bool in_place = a.traits.form == merge_states_form::state_in_place;
  const bool several = a.traits.form == merge_states_form::states;
  const view& output = in_place ? a.v : a.output;
  const view& lse = in_place ? a.s : a.lse;
  const view& value = several || in_place ? a.v : a.v_a;
  const view& sum = several || in_place ? a.s : a.s_a;
  p.output = output.data;
  p.lse = static_cast<float*>(lse.data);
  p.mask = static_cast<const uint8_t*>(a.mask.data);
  const int64_t heads = output.shape[1];
  p.rows = output.shape[0] * heads;
  p.n = output.shape[2];
  p.states = several ? value.shape[1] : 2;
  for (int i = 0; i < 2; ++i) {
    p.output_stride[i] = output.stride[i];
    p.lse_stride[i] = lse.stride[i];
    // States lie between tokens and heads.
    const int at = several && i == 1 ? 2 : i;
    p.first_value_stride[i] = value.stride[at];
    p.first_lse_stride[i] = sum.stride[at];
  }
  p.first_value = value.data;
  p.first_lse = static_cast<const float*>(sum.data);
  const int64_t bytes = dtype_bytes(output.type);
  if (several) {
    for (int i = 0; i < 3; ++i) {
      const int at = i == 0 ? 0 : 3 - i;
      p.values_stride[i] = value.stride[at];
      p.lses_stride[i] = sum.stride[at];
    }
    if (p.states > 1) {  // what is empty may be NULL
      if (value.data != nullptr) p.values = static_cast<const char*>(value.data) + p.values_stride[2] * bytes;
      if (p.first_lse != nullptr) p.lses = p.first_lse + p.lses_stride[2];
    }
  } else {
    const view& other = in_place ? a.v_other : a.v_b;
    const view& other_sum = in_place ? a.s_other : a.s_b;
    p.values = other.data;
    p.lses = static_cast<const float*>(other_sum.data);
    for (int i = 0; i < 2; ++i) {
      p.values_stride[i] = other.stride[i];
      p.lses_stride[i] = other_sum.stride[i];
    }
  }
  const int64_t width = 16 / bytes;
  p.vector = p.n % width == 0 && output.aligned(16) && value.aligned(16) &&
             (several || (in_place ? a.v_other : a.v_b).aligned(16));
  if (p.rows == 0) return;
  p.heads_by = make_divisor(heads, p.rows);
  c.run<merge_states_tune>(p, [&](const merge_states_tune& tune) {
    const int64_t pieces = tune.vector ? p.n / width : p.n;
    while (1 << p.lanes_log2 < c.wave_size() && int64_t{1} << p.lanes_log2 < pieces) ++p.lanes_log2;
    return item_grid(saturated_product({p.rows, int64_t{1} << p.lanes_log2}));
  });
}

}  // namespace hipinfer
