// SPDX-License-Identifier: Apache-2.0
// A block a row, or several (team.h). First the largest element, by which all others weigh. Then the tokens that are kept, and among them the
// first, in index order, at which their running weight passes a random point.
#include "device/philox.h"
#include "ops/sampling/threshold.h"

namespace hipinfer {

// What an output asks for. All threads read the same, so that every branch that depends on it is the whole block's.
struct setting {
  int64_t output, row;  // row -1: out of range
  float temperature, top_p, min_p;
  int32_t top_k;
  HIPINFER_DEVICE bool possible() const {
    return row >= 0 && temperature >= 0.0f && top_p == top_p && min_p == min_p;  // false for NaN
  }
};
HIPINFER_DEVICE setting setting_of(const sampling_params& p, int64_t output) {
  const auto own = [&](const void* each, float all) {
    return each != nullptr ? static_cast<const float*>(each)[output] : all;
  };
  int64_t row = output;
  if (p.indices != nullptr) {
    row = p.wide_indices ? static_cast<const int64_t*>(p.indices)[output]
                         : static_cast<const int32_t*>(p.indices)[output];
    if (row < 0 || row >= p.rows) row = -1;
  }
  return {output,
          row,
          own(p.temperatures, p.temperature),
          own(p.top_ps, p.top_p),
          own(p.min_ps, p.min_p),
          p.top_ks != nullptr ? p.top_ks[output] : p.top_k};
}

// A number below `total`, by the output's random bits.
HIPINFER_DEVICE uint64_t random_point(const sampling_params& p, int64_t output, uint64_t total) {
  const int64_t* own = p.philox == nullptr ? nullptr : p.philox + output * p.philox_stride;
  const uint64_t seed = static_cast<uint64_t>(own != nullptr ? own[0] : p.seed);
  const uint64_t offset = static_cast<uint64_t>(own != nullptr ? own[1] : p.offset);
  return random_below(random_bits(seed, offset, static_cast<uint64_t>(output)), total);
}

// The result is the first block's.
template <int Threads, class Weight, class T>
HIPINFER_DEVICE int32_t choose_token(const row_view<T>& row, const setting& s, const sampling_params& p,
                                     selection_lds<Threads>& lds) {
  const thread_tops own = tops_of<Threads>(row);
  const float top = team_max(block_max<Threads>(own.top(), lds.floats), &lds.slot);
  if (!(top >= Weight::least)) return -1;
  const filters f{s.top_k, s.top_p, p.joint != 0};
  if (s.temperature == 0.0f || f.one()) return first_of<Threads>(row, top, lds);
  const Weight weight(top, s.temperature, p.weight_bits);
  const auto target = [&p, output = s.output](uint64_t total) { return random_point(p, output, total); };
  if (!f.by_count(row.n) && !f.by_weight()) return locate_weight(row, weight, all_kept{}, lds, target);
  int32_t id = -1;
  with_threshold(row, weight, own, top, f, lds,
                 [&](const auto& from, const threshold& t) { id = from.template find_in_order<true>(t, target); });
  return id;
}

template <int Threads, class Weight, class T>
HIPINFER_DEVICE int32_t draw_token(const row_view<T>& row, const setting& s, const sampling_params& p,
                                   selection_lds<Threads>& lds) {
  const float top = team_max(block_max<Threads>(tops_of<Threads>(row).top(), lds.floats), &lds.slot);
  if (!(top >= Weight::least)) return -1;
  if (s.temperature == 0.0f) return first_of<Threads>(row, top, lds);
  // Of logits it would be a part of the largest logit, which means nothing.
  const float least = Weight::below == 0 && s.min_p > 0.0f ? min(s.min_p, 1.0f) * top : -infinity;
  return locate_weight(row, Weight(top, s.temperature, p.weight_bits), at_least{least}, lds,
                       [&](uint64_t total) { return random_point(p, s.output, total); });
}

template <int Threads, class Weight, bool Filters>
HIPINFER_DEVICE void sample_rows(const sampling_params& p) {
  using T = typename Weight::element;
  __shared__ selection_lds<Threads> lds;
  const int blocks = cluster_blocks();
  for (int64_t output = block_id() / blocks; output < p.outputs; output += block_count<Threads>() / blocks) {
    const setting s = setting_of(p, output);
    const row_view<T> row{static_cast<const T*>(p.input) + s.row * p.input_stride, static_cast<int32_t>(p.n),
                          p.vector != 0};
    int32_t id = -1;
    if (s.possible()) {
      if constexpr (Filters)
        id = choose_token<Threads, Weight>(row, s, p, lds);
      else
        id = draw_token<Threads, Weight>(row, s, p, lds);
    }
    if (is_first() && thread_id() == 0) {
      p.output[output] = id < 0 ? 0 : id;
      if (p.valid) p.valid[output] = id >= 0;
    }
  }
}

// Samples from all of a row, or from what is at least a part of its largest.
template <int Threads, class Weight>
HIPINFER_DEVICE void draw(const sampling_params& p) {
  sample_rows<Threads, Weight, false>(p);
}

// Samples from the largest of a row, by their number and their weight.
template <int Threads, class Weight>
HIPINFER_DEVICE void choose(const sampling_params& p) {
  sample_rows<Threads, Weight, true>(p);
}

}  // namespace hipinfer
