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

// The candidates in LDS, as a search sees them: of the first block alone.
template <int Threads, class Weight>
struct candidate_list {
  using element = typename Weight::element;
  static constexpr bool in_lds = true;
  selection_lds<Threads>& lds;
  const Weight& weight;
  int count;
  uint32_t lowest, highest;  // keys
  int32_t n;                 // of the row

  HIPINFER_DEVICE uint64_t weigh(uint32_t key) const {
    return fixed_point(weight(value_of<element>(key)), weight.bits);
  }
  template <class Need>
  HIPINFER_DEVICE search_result find(uint32_t floor, bool by_weight, Need need) const {
    return search_held(
        floor < lowest ? lowest : floor + 1, highest, lds,
        [&](auto visit) {
          for (int i = thread_id(); i < count; i += Threads) {
            const uint32_t key = lds.keys[i];
            visit(key, [&]() -> uint64_t { return by_weight ? weigh(key) : 1; });
          }
        },
        need);
  }
  // Among indices the search is for the lowest, so its keys count down from the largest.
  template <class Measure, class Need>
  HIPINFER_DEVICE int32_t find_index(Measure measure, Need need) const {
    const uint32_t last = static_cast<uint32_t>(n) - 1;
    const search_result r = search_held(
        0, last, lds,
        [&](auto visit) {
          for (int i = thread_id(); i < count; i += Threads) {
            const uint32_t index = lds.indices[i];
            visit(last - index, [&]() -> uint64_t { return measure(lds.keys[i], static_cast<int32_t>(index)); });
          }
        },
        need);
    return static_cast<int32_t>(last - r.key);
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
      if (lds.keys[i] > key || (lds.keys[i] == key && static_cast<int32_t>(lds.indices[i]) <= last))
        own += weigh(lds.keys[i]);
    }
    const uint64_t total = scan_block(own, lds).total;
    block_barrier();  // wave_total has been read
    return total;
  }
};

// The row itself, as a search sees it: of all blocks at once.
template <int Threads, class Weight, class Row>
struct whole_row {
  using element = typename Weight::element;
  static constexpr bool in_lds = false;
  selection_lds<Threads>& lds;
  const Weight& weight;
  const Row& row;
  bool weigh_all;  // what a search by weight needs is of what the whole row weighs, which is not known

  HIPINFER_DEVICE uint64_t weigh(uint32_t key) const {
    return fixed_point(weight(value_of<element>(key)), weight.bits);
  }
  // The stretches of values in which the threshold must be, by what the elements counted in each may weigh.
  struct bracket {
    int low, high;
    bool enough;  // all that was counted
  };
  template <class Stretches>
  HIPINFER_DEVICE bracket find_bracket(const Stretches& stretch_of, bool by_weight, uint64_t need) const {
    constexpr int each = stretches / Threads;
    static_assert(stretches % Threads == 0);
    team_barrier();  // the counts are there
    bracket b{0, 0, false};
    if (is_first()) {
      // Threads own stretches from the highest down, so that a running sum over threads is one over values.
      const int mine = stretches - 1 - thread_id() * each;
      // What one of a stretch weighs at least, and at most. What rounding does to its ends is within 2^-10 of them, or found out.
      const auto least_of = [&](int at) -> uint64_t {
        if (!by_weight) return 1;
        return at == 0 ? 0 : fixed_point(weight(stretch_of.from(at)) * (1 - 0x1p-10f), weight.bits);
      };
      const auto most_of = [&](int at) -> uint64_t {
        if (!by_weight) return 1;
        return fixed_point(
            at == stretches - 1 ? 2 * weight(weight.top) : weight(stretch_of.from(at + 1)) * (1 + 0x1p-10f),
            weight.bits);
      };
      uint32_t counts[each];
      uint64_t least = 0, most = 0;
#pragma unroll
      for (int d = 0; d < each; ++d) {
        const int at = mine - d;
        counts[d] = 0;
#pragma unroll
        for (int c = 0; c < 2; ++c) {
          const uint64_t* pair = &lds.stretch_counts[2 * at + c];
          uint64_t two = *pair;
          counts[d] += static_cast<uint32_t>(two) + static_cast<uint32_t>(two >> 32);
          for (int r = 1; r < cluster_blocks(); ++r) {
            two = load_from_cluster(pair, r);
            counts[d] += static_cast<uint32_t>(two) + static_cast<uint32_t>(two >> 32);
          }
        }
        least += counts[d] * least_of(at);
        most += counts[d] * most_of(at);
      }
      if (thread_id() == 0) lds.digit = lds.equal = 0;
      const block_sums surely = scan_block(least, lds);
      block_barrier();  // wave_total has been read, and the ends are clear
      const block_sums perhaps = scan_block(most, lds);
      least = surely.through - least;
      most = perhaps.through - most;
#pragma unroll
      for (int d = 0; d < each; ++d) {
        const int at = mine - d;
        const uint64_t next_least = least + counts[d] * least_of(at), next_most = most + counts[d] * most_of(at);
        if (least < need && need <= next_least) lds.digit = at;
        if (most < need && need <= next_most) lds.equal = at;
        least = next_least;
        most = next_most;
      }
      block_barrier();  // the ends are there
      b = {static_cast<int>(lds.digit), static_cast<int>(lds.equal), need <= perhaps.total};
    }
    const uint64_t ends = of_first(static_cast<uint64_t>(b.enough) << 32 | b.low << 16 | b.high, &lds.slot);
    return {static_cast<int>(ends >> 16 & 0xffff), static_cast<int>(ends & 0xffff), ends >> 32 != 0};
  }
  // By way of the bracket, which of most rows has few elements: they fit into LDS. Key 0 if they do not, or rounding has misled.
  // `all` is what the row weighs, if that is to be found.
  template <class Stretches, class Need>
  HIPINFER_DEVICE search_result find_by_stretches(const Stretches& stretch_of, float above, uint32_t floor,
                                                  bool by_weight, Need need, uint64_t& all) const {
    for (int i = thread_id(); i < 2 * stretches; i += Threads) lds.stretch_counts[i] = 0;
    block_barrier();  // the counts are clear
    uint32_t* const counts = reinterpret_cast<uint32_t*>(lds.stretch_counts);
    // Of the lowest stretch, in which all of a row but a little may be, a thread keeps its own count.
    uint32_t lowest = 0;
    uint64_t weighed = 0;
    walk<4>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(), [&](int32_t, auto v) {
      float f[Row::width];
      row.floats(v, f);
      if (weigh_all && by_weight) weighed += weight_of_group(weight, f, 0, all_kept{});
#pragma unroll
      for (int k = 0; k < Row::width; ++k) {
        const bool there = f[k] > above;
        const int at = stretch_of(f[k]);
        if (!weigh_all && by_weight) weighed += fixed_point(there ? weight(f[k]) : 0.0f, weight.bits);
        lowest += there && at == 0;
        if (there && at != 0) lds_take(&counts[4 * at + lane_id() % 4], 1);
      }
    });
    if (lowest != 0) lds_take(&counts[lane_id() % 4], lowest);
    search_result r{true, 0, 0, 0, 0};
    if (by_weight) {
      const uint64_t total = total_of_all(weighed, lds);
      if (weigh_all) all = total;
      r.need = need(total);
      if (!weigh_all && total < r.need) return {false, 0, total, 0, r.need};
    } else {
      r.need = need(0);
    }
    const bracket b = find_bracket(stretch_of, by_weight, r.need);
    if (!b.enough && !by_weight) return {false, 0, 0, 0, r.need};
    uint64_t own = 0;
    const uint32_t count = gather_if(row, lds, [&](const float (&f)[Row::width], typename Row::words, int32_t) {
      uint32_t kept = 0;
#pragma unroll
      for (int k = 0; k < Row::width; ++k) {
        const int at = stretch_of(f[k]);
        const bool there = f[k] > above, higher = there && at > b.high;
        kept |= static_cast<uint32_t>(there && at >= b.low && at <= b.high) << k;
        if (by_weight)
          own += fixed_point(higher ? weight(f[k]) : 0.0f, weight.bits);
        else
          own += higher;
      }
      return kept;
    });
    r.above = total_of_all(own, lds);
    if (count > candidates || r.above >= r.need) return r;
    search_result inside{true, 0, 0, 0, 0};
    if (is_first()) {
      uint32_t least = ~0u, below = ~0u;  // of keys, and of what they are short of the largest there can be
      for (int i = thread_id(); i < static_cast<int>(count); i += Threads) {
        least = smaller{}(least, lds.keys[i]);
        below = smaller{}(below, ~lds.keys[i]);
      }
      least = block_least(least, lds);
      const uint32_t highest = ~block_least(below, lds);
      inside = candidate_list<Threads, Weight>{lds, weight, static_cast<int>(count), least, highest, row.n}.find(
          floor, by_weight, [&](uint64_t) { return r.need - r.above; });
    }
    const uint64_t found = of_first(inside.found ? inside.key : 0, &lds.slot);
    r.key = static_cast<uint32_t>(found);
    r.above += of_first(inside.above, &lds.slot);
    r.equal = of_first(inside.equal, &lds.slot);
    return r;
  }
  template <class Need>
  HIPINFER_DEVICE search_result find(uint32_t floor, bool by_weight, Need need) const {
    uint64_t all = 0;
    if constexpr (Weight::has_stretches) {
      const typename Weight::stretches stretch_of(weight);
      if (stretch_of.possible()) {
        const search_result r = find_by_stretches(stretch_of, value_of<element>(floor), floor, by_weight, need, all);
        if (!r.found || r.key != 0) return r;
      }
    }
    return search<Threads>(
        row_digits{lds.row_sums}, 8 * sizeof(element), lds,
        [&](uint32_t low, uint32_t high, auto visit) {
          // What is outside is passed over by its value, which costs less than a key. A bound that is NaN is none.
          const float least = value_of<element>(low), most = value_of<element>(high);
          walk<4>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(), [&](int32_t, auto v) {
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
        [&](uint64_t total) { return need(all != 0 ? all : total); });
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

// Calls use(from, threshold) with what is to be searched further: the candidates, which only the first block does, or the row,
// which all do. `own` is what tops_of(row) gave, and `top` the largest of it.
template <int Threads, class Weight, class T, bool Window, class Use>
HIPINFER_DEVICE void with_threshold(const row_view<T, Window>& row, const Weight& weight, thread_tops own, float top,
                                    const filters& f, selection_lds<Threads>& lds, Use use) {
  // Of 8 * Threads shares: with more the candidates would be too many.
  constexpr int most_by_tops = thread_tops::count * Threads / 2, by_weight_tops = most_by_tops * 3 / 4;
  const bool by_count = f.by_count(row.n) && f.top_k <= most_by_tops;
  const bool p_of_all = f.by_weight() && (f.joint || !f.by_count(row.n)), fits = row.n <= candidates;
  const bool weigh = p_of_all && !fits;
  // What the whole row weighs: of probabilities it is found on the way.
  uint64_t all = 0;
  if constexpr (!Weight::proportional) {
    if (weigh) all = weight_of_all(row, weight, all_kept{}, lds);
  }
  // The largest elements of the threads' shares are some of the row: where the first top_k of them are no smaller than `floor`, so
  // is all that is kept, and the elements above that are seldom many more. By weight, so many are taken as still fit, if of all
  // shares' largest they weigh top_p.
  const uint32_t highest = key_of(from_float<T>(top));
  float floor = Weight::least;
  bool few = fits;
  if (!fits && (by_count || p_of_all)) {
    own = tops_of_all(own, lds);
    bool likely = by_count;
    search_result r{false, 0, 0, 0, 0};
    if (is_first()) {
      const auto each = [&](auto visit) {
#pragma unroll
        for (int s = 0; s < thread_tops::count; ++s) {
          const uint32_t key = key_of(from_float<T>(own.at[s]));
          if (key > Weight::none()) visit(key, [&]() -> uint64_t { return 1; });
        }
      };
      uint32_t lowest = highest;
      each([&](uint32_t key, auto) { lowest = smaller{}(lowest, key); });
      r = search_held(block_least(lowest, lds), highest, lds, each,
                      [&](uint64_t) { return static_cast<uint64_t>(by_count ? f.top_k : by_weight_tops); });
      if (!by_count) {
        uint64_t weighed = 0, of_tops = 0;
        each([&](uint32_t key, auto) {
          const uint64_t w = fixed_point(weight(value_of<T>(key)), weight.bits);
          weighed += key >= r.key ? w : 0;
          of_tops += w;
        });
        weighed = scan_block(weighed, lds).total;
        block_barrier();  // wave_total has been read
        of_tops = scan_block(of_tops, lds).total;
        block_barrier();  // likewise
        likely = weighed >= part_of(f.top_p, of_tops);
      }
    }
    // Where so many shares have none that is sampled, there may be few in all.
    const uint64_t found =
        of_first(static_cast<uint64_t>(likely) << 33 | static_cast<uint64_t>(r.found) << 32 | r.key, &lds.slot);
    few = found >> 33 != 0;
    if ((found >> 32 & 1) != 0) floor = value_of<T>(static_cast<uint32_t>(found));
  }
  uint32_t count = candidates + 1;
  if (few) {
    uint64_t weighed = 0;
    count = gather(row, floor, lds, [&](const float (&x)[row_view<T>::width]) {
      if constexpr (Weight::proportional) {
        if (weigh) weighed += weight_of_group(weight, x, 0, all_kept{});
      }
    });
    if constexpr (Weight::proportional) {
      if (weigh) all = total_of_all(weighed, lds);
    }
    if (weigh && !by_count && count <= candidates) {
      const candidate_list<Threads, Weight> list{lds, weight, static_cast<int>(count), 0, 0, 0};
      uint64_t enough = 1;
      if (is_first()) enough = list.weight_of(0, 0) >= part_of(f.top_p, all);
      if (of_first(enough, &lds.slot) == 0) count = candidates + 1;
    }
  }
  if (count <= candidates) {
    if (!is_first()) return;
    const candidate_list<Threads, Weight> list{lds,     weight, static_cast<int>(count), key_of(from_float<T>(floor)),
                                               highest, row.n};
    use(list, threshold_of<Weight>(list, f, row.n, all));
  } else {
    const whole_row<Threads, Weight, row_view<T, Window>> whole{lds, weight, row, weigh && all == 0};
    use(whole, threshold_of<Weight>(whole, f, row.n, all));
  }
}

}  // namespace hipinfer
