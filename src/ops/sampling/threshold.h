// SPDX-License-Identifier: Apache-2.0
// Which elements of a row top-k and top-p keep, and where among them a running weight passes a point: by way of the
// candidates in LDS where few elements can matter, and else of the row itself.
#pragma once

#include "ops/sampling/selection.h"

namespace hipinfer {

// ceil(part * all), and 1 at least.
HIPINFER_DEVICE uint64_t part_of(float part, uint64_t all) {
  const double wanted = static_cast<double>(part) * static_cast<double>(all);
  const uint64_t whole = wanted > 0 ? static_cast<uint64_t>(wanted) : 0;
  const uint64_t up = static_cast<double>(whole) < wanted ? whole + 1 : whole;
  return up > 0 ? up : 1;
}

// What is asked for: top_k 0 or less and top_p 1 or more keep all.
struct filters {
  int32_t top_k;
  float top_p;
  bool joint;  // top_p is of all the weight, and not of what top_k keeps
  HIPINFER_DEVICE bool by_count(int32_t n) const { return top_k > 0 && top_k < n; }
  HIPINFER_DEVICE bool by_weight() const { return top_p < 1.0f; }
  // The largest element alone.
  HIPINFER_DEVICE bool one() const { return top_k == 1 || top_p <= 0.0f; }
};

// The set that has survived: the keys above `key`, and of those equal to it the `keep` first in index order out of `equal`.
struct threshold {
  uint32_t key;
  uint64_t keep, equal;
};

// The candidates in LDS, as a search sees them.
template <int Threads, class Weight>
struct candidate_list {
  using element = typename Weight::element;
  static constexpr bool in_lds = true;
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
        [&](uint32_t, uint32_t, auto visit) {
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
        [&](uint32_t, uint32_t, auto visit) {
          for (int i = thread_id(); i < count; i += Threads) {
            const int32_t index = lds.indices[i];
            visit(highest - static_cast<uint32_t>(index), [&]() -> uint64_t { return measure(lds.keys[i], index); });
          }
        },
        need);
    return static_cast<int32_t>(highest - r.key);
  }
  // The last index that is kept of those equal to the threshold; or, if `Sample`, the first at which the running weight of all
  // that is kept exceeds target(weight of all). One loop for both: code for each apart would need more registers.
  template <bool Sample, class Target>
  HIPINFER_DEVICE int32_t find_in_order(const threshold& t, Target target) const {
    int32_t last = INT32_MAX;
#pragma unroll 1
    for (int pass = t.keep < t.equal ? 0 : 1;; ++pass) {
      if (!Sample && pass == 1) return last;
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
  HIPINFER_DEVICE uint64_t weight_of(uint32_t key, int32_t last) const {
    uint64_t own = 0;
    for (int i = thread_id(); i < count; i += Threads) {
      if (lds.keys[i] > key || (lds.keys[i] == key && lds.indices[i] <= last)) own += weigh(lds.keys[i]);
    }
    const uint64_t total = scan_block(own, lds).total;
    block_barrier();  // wave_total has been read
    return total;
  }
};

// The row itself, as a search sees it.
template <int Threads, class Weight, class Row>
struct whole_row {
  using element = typename Weight::element;
  static constexpr bool in_lds = false;
  selection_lds<Threads>& lds;
  const Weight& weight;
  const Row& row;

  HIPINFER_DEVICE uint64_t weigh(uint32_t key) const {
    return fixed_point(weight(value_of<element>(key)), weight.bits);
  }
  // The stretch of values in which the threshold is: of most rows it has few elements, which fit into LDS. Key 0 if it has not.
  template <class Stretches, class Need>
  HIPINFER_DEVICE search_result find_by_stretches(const Stretches& stretch_of, float above, uint32_t floor,
                                                  bool by_weight, Need need) const {
    const row_digits sums{lds.row_sums};
    clear<Threads>(sums);
    // Of the lowest stretch, in which all of a row but a little may be, a thread keeps its own sum.
    uint64_t lowest = 0;
    walk<4>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v) {
      float f[Row::width];
      row.floats(v, f);
#pragma unroll
      for (int k = 0; k < Row::width; ++k) {
        if (!(f[k] > above)) continue;
        const int at = stretch_of(f[k]);
        const uint64_t w = by_weight ? fixed_point(weight(f[k]), weight.bits) : 1;
        if (at == 0) {
          lowest += w;
        } else if (w != 0) {
          lds_add(&sums.at[at * row_digits::copies + lane_id() % row_digits::copies], w);
        }
      }
    });
    lowest = wave_scan(lowest);
    if (lane_id() == wave_size - 1 && lowest != 0) lds_add(&sums.at[0], lowest);
    search_result r{true, 0, 0, 0, 0};
    const bool found = pick_digit(sums, lds, [&](uint64_t total) { return r.above = total, r.need = need(total); });
    if (!found) return {false, 0, r.above, 0, r.need};
    const int at = static_cast<int>(lds.digit);
    r.above = lds.above;
    const uint32_t count = gather_if(
        row, lds, [](const float (&)[Row::width]) { return true; },
        [&](float x, auto, int, int32_t) { return x > above && stretch_of(x) == at; });
    if (count > candidates) return r;
    const search_result inside = candidate_list<Threads, Weight>{lds, weight, static_cast<int>(count), 0}.find(
        floor, by_weight, [&](uint64_t) { return r.need - r.above; });
    return {true, inside.key, r.above + inside.above, inside.equal, r.need};
  }
  template <class Need>
  HIPINFER_DEVICE search_result find(uint32_t floor, bool by_weight, Need need) const {
    if constexpr (Weight::has_stretches) {
      const typename Weight::stretches stretch_of(weight);
      if (stretch_of.possible()) {
        const search_result r = find_by_stretches(stretch_of, value_of<element>(floor), floor, by_weight, need);
        if (!r.found || r.key != 0) return r;
      }
    }
    return search<Threads>(
        row_digits{lds.row_sums}, 8 * sizeof(element), lds,
        [&](uint32_t low, uint32_t high, auto visit) {
          // What is outside is passed over by its value, which costs less than a key. A bound that is NaN is none.
          const float least = value_of<element>(low), most = value_of<element>(high);
          walk<4>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v) {
            float f[Row::width];
            row.floats(v, f);
#pragma unroll
            for (int k = 0; k < Row::width; ++k) {
              if (f[k] < least || f[k] > most) continue;
              const uint32_t key = row.key(v, k);
              if (key <= floor) continue;
              visit(key, [&]() -> uint64_t { return by_weight ? fixed_point(weight(f[k]), weight.bits) : 1; });
            }
          });
        },
        need);
  }
  template <bool Sample, class Target>
  HIPINFER_DEVICE int32_t find_in_order(const threshold& t, Target target) const {
    kept keeps{value_of<element>(t.key), INT32_MAX};
    const float at = keeps.value;
#pragma unroll 1
    for (int pass = t.keep < t.equal ? 0 : 1;; ++pass) {
      if (!Sample && pass == 1) return keeps.last;
      const int32_t index = locate(
          row, lds,
          [&](int32_t g, auto v) -> uint64_t {
            if (pass == 1) return group_weight(weight, row, g, v, keeps);
            float f[Row::width];
            row.floats(v, f);
            uint64_t equal = 0;
#pragma unroll
            for (int k = 0; k < Row::width; ++k) equal += f[k] == at;
            return equal;
          },
          [&](float x, int32_t i) -> uint64_t {
            if (pass == 0) return x == at;
            return keeps(x, i) ? fixed_point(weight(x), weight.bits) : 0;
          },
          [&](float x, int32_t i) { return pass == 0 ? x == at : keeps(x, i) && weight(x) > 0; },
          [&](uint64_t total) { return pass == 0 ? t.keep - 1 : target(total); });
      if (pass == 1) return index;
      keeps.last = index;
    }
  }
  HIPINFER_DEVICE uint64_t weight_of(uint32_t key, int32_t last) const {
    return weight_of_all(row, weight, kept{value_of<element>(key), last}, lds);
  }
};

// `all` is what the whole row weighs, 0: what `from` has does.
template <class Weight, class From>
HIPINFER_DEVICE threshold threshold_of(const From& from, const filters& f, int32_t n, uint64_t all) {
  threshold t{Weight::none(), 0, 0};
#pragma unroll 1
  for (int pass = 0; pass < 2; ++pass) {
    const bool by_weight = pass == 1;
    if (by_weight ? !f.by_weight() : !f.by_count(n)) continue;
    const uint32_t floor = f.joint ? Weight::none() : t.key;
    // Of what top-k has kept at its threshold.
    const uint64_t each = by_weight && floor != Weight::none() ? from.weigh(floor) : 0;
    const search_result r = from.find(floor, by_weight, [&](uint64_t above) {
      if (!by_weight) return static_cast<uint64_t>(f.top_k);
      return part_of(f.top_p, all != 0 ? all : above + t.keep * each);
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
    if (!f.joint || here.key > t.key || (here.key == t.key && here.keep < t.keep)) t = here;
  }
  return t;
}

// Calls use(from, threshold) with what is to be searched further. `own` is what tops_of(row) gave.
template <int Threads, class Weight, class T, bool Window, class Use>
HIPINFER_DEVICE auto with_threshold(const row_view<T, Window>& row, const Weight& weight, const thread_tops& own,
                                    const filters& f, int index_bits, selection_lds<Threads>& lds, Use use) {
  // Of 8 * Threads shares: with more the candidates would be too many.
  constexpr int most_by_tops = thread_tops::count * Threads / 2;
  const bool by_count = f.by_count(row.n) && f.top_k <= most_by_tops;
  const bool p_of_all = f.by_weight() && (f.joint || !f.by_count(row.n)), fits = row.n <= candidates;
  const uint64_t all = p_of_all && !fits ? weight_of_all(row, weight, all_kept{}, lds) : 0;
  // The largest elements of the threads' shares are some of the row: where the first top_k of them, or the first that weigh
  // enough, are no smaller than `floor`, so is all that is kept. The elements above that are seldom many more.
  float floor = Weight::least;
  bool few = fits;
  if (!fits && (by_count || p_of_all)) {
    const search_result r = search<Threads>(
        candidate_digits{lds.candidate_sums}, 8 * sizeof(T), lds,
        [&](uint32_t, uint32_t, auto visit) {
#pragma unroll
          for (int s = 0; s < thread_tops::count; ++s) {
            const uint32_t key = key_of(from_float<T>(own.at[s]));
            if (key <= Weight::none()) continue;
            visit(key, [&]() -> uint64_t { return by_count ? 1 : fixed_point(weight(own.at[s]), weight.bits); });
          }
        },
        [&](uint64_t) { return by_count ? static_cast<uint64_t>(f.top_k) : part_of(f.top_p, all); });
    // Where so many shares have none that is sampled, there may be few in all.
    few = r.found || by_count;
    if (r.found) floor = value_of<T>(r.key);
  }
  const uint32_t count = few ? gather(row, floor, lds) : candidates + 1;
  if (count <= candidates) {
    const candidate_list<Threads, Weight> list{lds, weight, static_cast<int>(count), index_bits};
    return use(list, threshold_of<Weight>(list, f, row.n, all));
  }
  const whole_row<Threads, Weight, row_view<T, Window>> whole{lds, weight, row};
  return use(whole, threshold_of<Weight>(whole, f, row.n, all));
}

}  // namespace hipinfer
