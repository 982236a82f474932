// SPDX-License-Identifier: Apache-2.0
// A block a row, or several (team.h): which elements are kept, what they weigh, and then the row with nothing else in it.
#include "ops/sampling/threshold.h"

namespace hipinfer {

// One row written: of probabilities their parts of what is kept and 0, of logits themselves and -inf.
template <bool Logits, class Weight, class T>
HIPINFER_DEVICE void write_kept(const row_view<T>& row, T* y, bool vector, const Weight& weight, const kept& keeps,
                                float norm, int32_t first, int32_t step) {
  constexpr int width = row_view<T>::width;
  const float rest = Logits ? -infinity : norm * 0.0f;
  walk<4>(row, first, row.groups(), step, [&](int32_t group, auto v) {
    float f[width];
    row.floats(v, f);
#pragma unroll
    for (int k = 0; k < width; ++k) {
      const bool stays = keeps(f[k], group * width + k);
      f[k] = !stays ? rest : Logits ? f[k] : weight(f[k]) * norm;
    }
    T* to = y + static_cast<int64_t>(group) * width;
    if (vector && group < row.whole_groups()) return store_floats<width>(to, f);
    for (int k = 0; k < width; ++k) {
      if (group * width + k < row.n) to[k] = from_float<T>(f[k]);
    }
  });
}

template <int Threads, class Weight>
HIPINFER_DEVICE void filter_rows(const filter_params& p) {
  using T = typename Weight::element;
  constexpr bool logits = Weight::below == -infinity;
  __shared__ selection_lds<Threads> lds;
  const int blocks = cluster_blocks();
  for (int64_t r = block_id() / blocks; r < p.rows; r += block_count<Threads>() / blocks) {
    const row_view<T> row{static_cast<const T*>(p.input) + r * p.input_stride, static_cast<int32_t>(p.n),
                          p.vector_input != 0};
    // All threads read the same, so that every branch that depends on it is the whole block's.
    const filters f{p.top_ks ? p.top_ks[r] : p.top_k, p.top_ps ? static_cast<const float*>(p.top_ps)[r] : p.top_p,
                    false};
    const thread_tops own = tops_of<Threads>(row);
    const float top = team_max(block_max<Threads>(own.top(), lds.floats), &lds.slot);
    const Weight weight(top, 1, p.weight_bits);
    kept keeps{top, -1};  // nothing
    uint64_t total = 0;
    if (top >= Weight::least && f.top_p == f.top_p) {
      if (f.one()) {
        keeps.last = first_of<Threads>(row, top, lds);
        total = fixed_point(weight(top), weight.bits);
      } else if (!f.by_count(row.n) && !f.by_weight()) {
        keeps = {Weight::below, -1};
        if constexpr (!logits) total = weight_of_all(row, weight, keeps, lds);
      } else {
        with_threshold(row, weight, own, top, f, lds, [&](const auto& from, const threshold& t) {
          const int32_t last = from.template find_in_order<false>(t, [](uint64_t) { return uint64_t{0}; });
          keeps = {value_of<T>(t.key), last};
          if constexpr (!logits) total = from.weight_of(t.key, last);
        });
        const uint64_t of_it =
            of_first(static_cast<uint64_t>(bit_cast<uint32_t>(keeps.value)) << 32 | static_cast<uint32_t>(keeps.last),
                     &lds.slot);
        keeps = {bit_cast<float>(static_cast<uint32_t>(of_it >> 32)), static_cast<int32_t>(of_it)};
        total = of_first(total, &lds.slot);
      }
    }
    float norm = 0;  // NaN: nothing is kept, and all of the row becomes NaN
    if (f.top_p != f.top_p)
      norm = not_a_number;
    else if (total != 0)
      norm = static_cast<float>(static_cast<double>(uint64_t{1} << weight.bits) / static_cast<double>(total));
    write_kept<logits>(row, static_cast<T*>(p.output) + r * p.output_stride, p.vector_output != 0, weight, keeps, norm,
                       team_thread<Threads>(), team_threads<Threads>());
    team_barrier();  // LDS may be used again
  }
}

}  // namespace hipinfer
