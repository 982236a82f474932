// SPDX-License-Identifier: Apache-2.0
// A block a row. First the largest element, by which all others weigh. Then the tokens that are kept, and among them the
// first, in index order, at which their running weight passes a random point.
#include "device/philox.h"
#include "ops/sampling/selection.h"

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

// ceil(part * all), and 1 at least.
HIPINFER_DEVICE uint64_t part_of(float part, uint64_t all) {
  const double wanted = static_cast<double>(part) * static_cast<double>(all);
  const uint64_t whole = wanted > 0 ? static_cast<uint64_t>(wanted) : 0;
  const uint64_t up = static_cast<double>(whole) < wanted ? whole + 1 : whole;
  return up > 0 ? up : 1;
}

template <int Threads, class Weight, class T>
HIPINFER_DEVICE int32_t draw_from(const row_view<T>& row, const Weight& weight, const kept& keeps,
                                  const sampling_params& p, int64_t output, selection_lds<Threads>& lds) {
  return locate(
      row, lds, [&](int32_t g, auto v) { return group_weight(weight, row, g, v, keeps); },
      [&](float x, int32_t i) { return keeps(x, i) ? fixed_point(weight(x), weight.bits) : 0; },
      [&](uint64_t total) { return random_point(p, output, total); });
}

// The set that has survived: the keys above `key`, and of those equal to it the `keep` first in index order out of `equal`.
struct threshold {
  uint32_t key;
  uint64_t keep, equal;
};

// The candidates in LDS, as choose_from sees them.
template <int Threads, class Weight>
struct candidate_list {
  using element = typename Weight::element;
  selection_lds<Threads>& lds;
  const Weight& weight;
  int count, index_bits;

  HIPINFER_DEVICE uint64_t weigh(uint32_t key) const {
    return fixed_point(weight(value_of<element>(key)), weight.bits);
  }
  template <class Need>
  HIPINFER_DEVICE search_result find(uint32_t floor, bool by_weight, Need need) const {
    return search<Threads>(
        candidate_digits{lds.candidate_sums}, 8 * sizeof(element), lds,
        [&](auto visit) {
          for (int i = thread_id(); i < count; i += Threads) {
            const uint32_t key = lds.keys[i];
            if (key > floor) visit(key, [&]() -> uint64_t { return by_weight ? weigh(key) : 1; });
          }
        },
        need);
  }
  // Among indices the search is for the lowest, so its keys count down from the largest.
  template <class Measure, class Need>
  HIPINFER_DEVICE int32_t find_index(Measure measure, Need need) const {
    const uint32_t highest = (1u << index_bits) - 1;
    const search_result r = search<Threads>(
        candidate_digits{lds.candidate_sums}, index_bits, lds,
        [&](auto visit) {
          for (int i = thread_id(); i < count; i += Threads) {
            const int32_t index = lds.indices[i];
            visit(highest - static_cast<uint32_t>(index), [&]() -> uint64_t { return measure(lds.keys[i], index); });
          }
        },
        need);
    return static_cast<int32_t>(highest - r.key);
  }
  template <class Target>
  HIPINFER_DEVICE int32_t finish(const threshold& t, Target target) const {
    int32_t last = INT32_MAX;
    // One loop for both searches: code for each apart would need more registers.
#pragma unroll 1
    for (int pass = t.keep < t.equal ? 0 : 1;; ++pass) {
      const int32_t index = find_index(
          [&](uint32_t key, int32_t i) -> uint64_t {
            if (pass == 0) return key == t.key;
            return key > t.key || (key == t.key && i <= last) ? weigh(key) : 0;
          },
          [&](uint64_t total) { return pass == 0 ? t.keep : target(total) + 1; });
      if (pass == 1) return index;
      last = index;
    }
  }
};

// The row itself, as choose_from sees it.
template <int Threads, class Weight>
struct whole_row {
  using element = typename Weight::element;
  selection_lds<Threads>& lds;
  const Weight& weight;
  const row_view<element>& row;

  HIPINFER_DEVICE uint64_t weigh(uint32_t key) const {
    return fixed_point(weight(value_of<element>(key)), weight.bits);
  }
  template <class Need>
  HIPINFER_DEVICE search_result find(uint32_t floor, bool by_weight, Need need) const {
    return search<Threads>(
        row_digits{lds.row_sums}, 8 * sizeof(element), lds,
        [&](auto visit) {
          walk<4>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v) {
#pragma unroll
            for (int k = 0; k < row_view<element>::width; ++k) {
              const uint32_t key = row.key(v, k);
              if (key > floor) visit(key, [&]() -> uint64_t { return by_weight ? weigh(key) : 1; });
            }
          });
        },
        need);
  }
  template <class Target>
  HIPINFER_DEVICE int32_t finish(const threshold& t, Target target) const {
    kept keeps{t.key == Weight::none() ? Weight::below : value_of<element>(t.key), INT32_MAX};
    const float at = keeps.value;
#pragma unroll 1
    for (int pass = t.keep < t.equal ? 0 : 1;; ++pass) {
      const int32_t index = locate(
          row, lds,
          [&](int32_t g, auto v) -> uint64_t {
            if (pass == 1) return group_weight(weight, row, g, v, keeps);
            float f[row_view<element>::width];
            row.floats(v, f);
            uint64_t equal = 0;
#pragma unroll
            for (int k = 0; k < row_view<element>::width; ++k) equal += f[k] == at;
            return equal;
          },
          [&](float x, int32_t i) -> uint64_t {
            if (pass == 0) return x == at;
            return keeps(x, i) ? fixed_point(weight(x), weight.bits) : 0;
          },
          [&](uint64_t total) { return pass == 0 ? t.keep - 1 : target(total); });
      if (pass == 1) return index;
      keeps.last = index;
    }
  }
};

// `all` is what the whole row weighs, 0: what `from` has does.
template <int Threads, class From>
HIPINFER_DEVICE int32_t choose_from(const From& from, const setting& s, const sampling_params& p, uint32_t none,
                                    uint64_t all) {
  threshold t{none, 0, 0};
#pragma unroll 1
  for (int pass = 0; pass < 2; ++pass) {
    const bool by_weight = pass == 1;
    if (by_weight ? s.top_p >= 1.0f : s.top_k <= 0 || s.top_k >= p.n) continue;
    const uint32_t floor = p.joint ? none : t.key;
    const bool some = floor != none;  // top-k has been there
    const uint64_t each = by_weight && some ? from.weigh(floor) : 0;
    const search_result r = from.find(floor, by_weight, [&](uint64_t above) {
      if (!by_weight) return static_cast<uint64_t>(s.top_k);
      return part_of(s.top_p, all != 0 ? all : above + t.keep * each);
    });
    if (!r.found) {
      // By count: fewer than top_k are there, and all stay. By weight: the keys above the threshold do not suffice, and fewer
      // of those equal to it do.
      if (each != 0) t.keep = (r.need - r.above + each - 1) / each;
      continue;
    }
    // Equal keys have equal weights, so a count follows from a sum by division.
    const uint64_t one = by_weight ? from.weigh(r.key) : 1;
    const threshold here{r.key, (r.need - r.above + one - 1) / one, r.equal / one};
    // Of two filters of the whole row the stricter one counts.
    if (!p.joint || here.key > t.key || (here.key == t.key && here.keep < t.keep)) t = here;
  }
  return from.finish(t, [&](uint64_t total) { return random_point(p, s.output, total); });
}

template <int Threads, class Weight, class T>
HIPINFER_DEVICE int32_t choose_token(const row_view<T>& row, const setting& s, const sampling_params& p,
                                     selection_lds<Threads>& lds) {
  const float own = thread_top<Threads>(row);
  const float top = block_max<Threads>(own, lds.floats);
  if (!(top >= Weight::least)) return -1;
  if (s.temperature == 0.0f || s.top_k == 1 || s.top_p <= 0.0f) return first_of<Threads>(row, top, lds);
  const Weight weight(top, s.temperature, p.weight_bits);
  const bool by_k = s.top_k > 0 && s.top_k < row.n, by_p = s.top_p < 1.0f;
  if (!by_k && !by_p) return draw_from(row, weight, kept{Weight::below, -1}, p, s.output, lds);
  const bool fits = row.n <= candidates, p_of_all = by_p && (p.joint || !by_k);
  const uint64_t all = p_of_all && !fits ? weight_of_all(row, weight, lds) : 0;
  // The largest elements of the threads are some of the row: where the first top_k of them, or the first that weigh enough,
  // are no smaller than `floor`, so is all that is kept. The elements above that are seldom many more.
  float floor = Weight::least;
  bool few = fits;
  const bool by_count = by_k && s.top_k <= Threads;
  if (!fits && (by_count || p_of_all)) {
    const uint32_t key = key_of(from_float<T>(own));
    const search_result r = search<Threads>(
        candidate_digits{lds.candidate_sums}, 8 * sizeof(T), lds,
        [&](auto visit) {
          if (key > Weight::none()) {
            visit(key, [&]() -> uint64_t { return by_count ? 1 : fixed_point(weight(own), weight.bits); });
          }
        },
        [&](uint64_t) { return by_count ? static_cast<uint64_t>(s.top_k) : part_of(s.top_p, all); });
    // Where so many threads have none that is sampled, there may be few in all.
    few = r.found || by_count;
    if (r.found) floor = value_of<T>(r.key);
  }
  const uint32_t count = few ? gather(row, floor, lds) : candidates + 1;
  if (count <= candidates) {
    const candidate_list<Threads, Weight> list{lds, weight, static_cast<int>(count), p.index_bits};
    return choose_from<Threads>(list, s, p, Weight::none(), all);
  }
  return choose_from<Threads>(whole_row<Threads, Weight>{lds, weight, row}, s, p, Weight::none(), all);
}

template <int Threads, class Weight, class T>
HIPINFER_DEVICE int32_t draw_token(const row_view<T>& row, const setting& s, const sampling_params& p,
                                   selection_lds<Threads>& lds) {
  const float top = block_max<Threads>(thread_top<Threads>(row), lds.floats);
  if (!(top >= Weight::least)) return -1;
  if (s.temperature == 0.0f) return first_of<Threads>(row, top, lds);
  kept keeps{Weight::below, -1};
  if (s.min_p > 0.0f) keeps = {min(s.min_p, 1.0f) * top, INT32_MAX};
  return draw_from(row, Weight(top, s.temperature, p.weight_bits), keeps, p, s.output, lds);
}

template <int Threads, class Weight, class Sample>
HIPINFER_DEVICE void sample_rows(const sampling_params& p, Sample sample) {
  using T = typename Weight::element;
  for (int64_t output = block_id(); output < p.outputs; output += block_count<Threads>()) {
    const setting s = setting_of(p, output);
    const T* x = static_cast<const T*>(p.input) + s.row * p.input_stride;
    const int32_t id = s.possible() ? sample(row_view<T>{x, static_cast<int32_t>(p.n), p.vector != 0}, s) : -1;
    if (thread_id() == 0) {
      p.output[output] = id < 0 ? 0 : id;
      if (p.valid) p.valid[output] = id >= 0;
    }
  }
}

// Samples from all of a row, or from what is at least a part of its largest.
template <int Threads, class Weight>
HIPINFER_DEVICE void draw(const sampling_params& p) {
  __shared__ selection_lds<Threads> lds;
  sample_rows<Threads, Weight>(
      p, [&](const auto& row, const setting& s) { return draw_token<Threads, Weight>(row, s, p, lds); });
}

// Samples from the largest of a row, by their number and their weight.
template <int Threads, class Weight>
HIPINFER_DEVICE void choose(const sampling_params& p) {
  __shared__ selection_lds<Threads> lds;
  sample_rows<Threads, Weight>(
      p, [&](const auto& row, const setting& s) { return choose_token<Threads, Weight>(row, s, p, lds); });
}

}  // namespace hipinfer
