// SPDX-License-Identifier: Apache-2.0
// What a block finds out about a row without sorting it. A radix search finds the key at which a running count (top-k) or
// a running weight (top-p), from the largest element down, reaches what is needed; a walk of two levels finds the index at
// which a running weight passes a point. All sums are of integers, so their order does not matter.
//
// A pass over the row costs what its memory does, and a search several passes. So where few elements can matter, one pass
// gathers these candidates into LDS, and the searches go over them.
#pragma once

#include "ops/sampling/row.h"

namespace hipinfer {

// 32 KiB of LDS in all, so that two blocks fit wherever kernels run.
constexpr int candidates = most_sorted;

// Sums of the values of a digit, each in several copies, which lie side by side over the LDS banks: keys crowd into few
// values, and lanes with the same one would queue at one address.
template <int Bits, int Copies>
struct digit_sums {
  static constexpr int bits = Bits, copies = Copies, size = (1 << Bits) * Copies;
  uint64_t* at;
};
using row_digits = digit_sums<11, 2>;
using candidate_digits = digit_sums<8, 4>;

template <int Threads>
struct selection_lds {
  union {
    uint64_t row_sums[row_digits::size];
    struct {
      uint64_t candidate_sums[candidate_digits::size];
      uint32_t keys[candidates];
      int32_t indices[candidates];
    };
  };
  uint64_t wave_total[Threads / wave_size];
  block_scratch<Threads> floats;
  uint64_t above, equal;
  int32_t found;
  uint32_t digit, count;
};

struct smaller {
  HIPINFER_DEVICE uint32_t operator()(uint32_t a, uint32_t b) const { return a < b ? a : b; }
};

// From each thread's value: the sum up to and including it, and over all. Ends without a barrier: the caller has one before
// wave_total is written again.
struct block_sums {
  uint64_t through, total;
};
template <int Threads>
HIPINFER_DEVICE block_sums scan_block(uint64_t x, selection_lds<Threads>& lds) {
  constexpr int waves = Threads / wave_size;
  const int wave = thread_id() / wave_size;
  const uint64_t through_lane = wave_scan(x);
  if (lane_id() == wave_size - 1) lds.wave_total[wave] = through_lane;
  block_barrier();  // every wave's total is there
  const uint64_t own = lane_id() < waves ? lds.wave_total[lane_id()] : 0;
  const uint64_t through = wave_scan(own);
  return {lane_read(through - own, wave) + through_lane, lane_read(through, waves - 1)};
}

// Where the sums of digits, from the largest down, reach need(their total): into lds.digit, what the digits above it weigh into
// lds.above, and it itself into lds.equal. False where all of them do not.
template <int Threads, class Digits, class Need>
HIPINFER_DEVICE bool pick_digit(Digits sums, selection_lds<Threads>& lds, Need need) {
  constexpr int top = (1 << Digits::bits) - 1, per_thread = top / Threads + 1;
  block_barrier();  // the sums are there
  // Threads own digits from the largest down, so that a running sum over threads is one over keys.
  uint64_t own[per_thread], total = 0;
  const int mine = top - thread_id() * per_thread;
#pragma unroll
  for (int d = 0; d < per_thread; ++d) {
    own[d] = 0;
    if (mine - d < 0) continue;
    // Neighbours start at different copies, that is in different banks.
#pragma unroll
    for (int c = 0; c < Digits::copies; ++c) {
      own[d] += sums.at[(mine - d) * Digits::copies + (c + thread_id()) % Digits::copies];
    }
    total += own[d];
  }
  const block_sums all = scan_block(total, lds);
  const uint64_t rest = need(all.total);
  uint64_t before = all.through - total;
  if (before < rest && rest <= all.through) {  // one thread, or none
#pragma unroll
    for (int d = 0; d < per_thread; ++d) {
      if (before < rest && rest <= before + own[d]) {
        lds.digit = mine - d;
        lds.above = before;
        lds.equal = own[d];
      }
      before += own[d];
    }
  }
  block_barrier();  // the digit is there, wave_total has been read
  return rest <= all.total;
}
template <int Threads, class Digits>
HIPINFER_DEVICE void clear(Digits sums) {
  for (int i = thread_id(); i < Digits::size; i += Threads) sums.at[i] = 0;
  block_barrier();  // the sums are clear
}

struct search_result {
  bool found;
  uint32_t key;
  uint64_t above;  // weight of the keys above `key`, or of all if not found
  uint64_t equal;  // weight of the keys equal to it
  uint64_t need;
};

// The largest key such that the keys from it upwards weigh at least need(weight of all), which is at least 1; not found if
// all weigh less. each(low, high, visit) calls visit(key, weight) for every element from key `low` to `high`, and may call it for
// others; weight() is what an element weighs.
template <int Threads, class Digits, class Each, class Need>
HIPINFER_DEVICE search_result search(Digits sums, int key_bits, selection_lds<Threads>& lds, Each each, Need need) {
  search_result r{true, 0, 0, 0, 0};
  int low = key_bits;
#pragma unroll 1
  do {
    const int width = low < Digits::bits ? low : Digits::bits;
    const bool first = low == key_bits;
    low -= width;
    clear<Threads>(sums);
    const uint32_t prefix = r.key;
    each(prefix, prefix | ((2u << (low + width - 1)) - 1), [&](uint32_t key, auto weight) {
      // Above the current digit the key agrees with what has been found; at the first digit every key does.
      if ((key ^ prefix) >> low >> width) return;
      const uint64_t w = weight();
      const uint32_t digit = key >> low & ((1u << width) - 1);
      if (w != 0) lds_add(&sums.at[digit * Digits::copies + lane_id() % Digits::copies], w);
    });
    uint64_t all = 0;
    const bool found = pick_digit(sums, lds, [&](uint64_t total) {
      all = total;
      if (first) r.need = need(total);
      return r.need - r.above;
    });
    if (!found) return {false, 0, all, 0, r.need};
    r.key |= lds.digit << low;
    r.above += lds.above;
    r.equal = lds.equal;
  } while (low > 0);
  return r;
}

// The largest of each of so many shares of a row that a thread has; NaN where a share has no number.
struct thread_tops {
  static constexpr int count = 8;
  float at[count];
  HIPINFER_DEVICE float top() const {
    float x = at[0];
    for (int s = 1; s < count; ++s) x = max(x, at[s]);
    return x;
  }
};
template <int Threads, class Row>
HIPINFER_DEVICE thread_tops tops_of(const Row& row) {
  thread_tops own;
  for (int s = 0; s < thread_tops::count; ++s) own.at[s] = not_a_number;
  walk_slots<thread_tops::count>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v, int slot) {
    float f[Row::width];
    row.floats(v, f);
#pragma unroll
    for (int k = 0; k < Row::width; ++k) own.at[slot] = max(own.at[slot], f[k]);
  });
  return own;
}

// Over the block.
template <int Threads>
HIPINFER_DEVICE uint32_t block_least(uint32_t x, selection_lds<Threads>& lds) {
  constexpr int waves = Threads / wave_size;
  x = wave_reduce<wave_size>(x, smaller{});
  if (lane_id() == 0) lds.wave_total[thread_id() / wave_size] = x;
  block_barrier();  // every wave's least is there
  x = wave_reduce<waves>(static_cast<uint32_t>(lds.wave_total[lane_id() % waves]), smaller{});
  block_barrier();  // wave_total has been read
  return x;
}

// The lowest index of a value that is there.
template <int Threads, class T, bool Window>
HIPINFER_DEVICE int32_t first_of(const row_view<T, Window>& row, float value, selection_lds<Threads>& lds) {
  constexpr int width = row_view<T>::width;
  uint32_t first = ~0u;
  walk<8>(row, thread_id(), row.groups(), Threads, [&](int32_t group, auto v) {
    float f[width];
    row.floats(v, f);
    const uint32_t i = static_cast<uint32_t>(group * width);
#pragma unroll
    for (int k = 0; k < width; ++k) first = f[k] == value ? smaller{}(first, i + k) : first;
  });
  return static_cast<int32_t>(block_least<Threads>(first, lds));
}

// What the kept elements weigh.
template <int Threads, class Weight, class Row, class Kept>
HIPINFER_DEVICE uint64_t weight_of_all(const Row& row, const Weight& weight, Kept keeps, selection_lds<Threads>& lds) {
  uint64_t own = 0;
  walk<8>(row, thread_id(), row.groups(), Threads,
          [&](int32_t group, auto v) { own += group_weight(weight, row, group, v, keeps); });
  const uint64_t total = scan_block(own, lds).total;
  block_barrier();  // wave_total has been read
  return total;
}

// The elements for which keeps(value, words, k, index), into LDS, in any order; only groups that are worth(values) are looked at.
// Returns how many there are, which may be more than fit.
template <int Threads, class T, bool Window, class Worth, class Keeps>
HIPINFER_DEVICE uint32_t gather_if(const row_view<T, Window>& row, selection_lds<Threads>& lds, Worth worth,
                                   Keeps keeps) {
  constexpr int width = row_view<T>::width;
  if (thread_id() == 0) lds.count = 0;
  block_barrier();  // the count is clear
  walk<4>(row, thread_id(), row.groups(), Threads, [&](int32_t group, auto v) {
    float f[width];
    row.floats(v, f);
    if (!worth(f)) return;
    uint32_t own = 0;
#pragma unroll
    for (int k = 0; k < width; ++k) own += keeps(f[k], v, k, group * width + k);
    uint32_t place = lds_take(&lds.count, own);
#pragma unroll
    for (int k = 0; k < width; ++k) {
      if (!keeps(f[k], v, k, group * width + k)) continue;
      if (place < candidates) {
        lds.keys[place] = row.key(v, k);
        lds.indices[place] = group * width + k;
      }
      ++place;
    }
  });
  block_barrier();  // the candidates are there
  const uint32_t count = lds.count;
  block_barrier();  // the count has been read
  return count;
}
// The elements from `floor` upwards, which are few.
template <int Threads, class T, bool Window>
HIPINFER_DEVICE uint32_t gather(const row_view<T, Window>& row, float floor, selection_lds<Threads>& lds) {
  const auto some = [&](const float (&f)[row_view<T>::width]) {
    float top = f[0];
#pragma unroll
    for (int k = 1; k < row_view<T>::width; ++k) top = max(top, f[k]);
    return top >= floor;
  };
  return gather_if(row, lds, some, [&](float x, auto, int, int32_t) { return x >= floor; });
}
// Those for which keeps(key, index), which is false for NaN.
template <int Threads, class T, bool Window, class Keeps>
HIPINFER_DEVICE uint32_t gather_kept(const row_view<T, Window>& row, Keeps keeps, selection_lds<Threads>& lds) {
  return gather_if(
      row, lds, [](const float (&)[row_view<T>::width]) { return true; },
      [&](float, auto v, int k, int32_t i) { return keeps(row.key(v, k), i); });
}

// The first index at which the running sum of what elements measure exceeds target(sum of all), a number below that sum.
// of_group(group, words) measures a group at once, and of_element(value, index) an element; the two may differ by fp32's
// rounding, and where a group's elements measure less the last one that counts(value, index) is it. Each wave has a stretch of the row; the one that holds the point is measured again, by the whole block.
template <int Threads, class Row, class OfGroup, class OfElement, class Counts, class Target>
HIPINFER_DEVICE int32_t locate(const Row& row, selection_lds<Threads>& lds, OfGroup of_group, OfElement of_element,
                               Counts counts, Target target) {
  constexpr int waves = Threads / wave_size, width = Row::width;
  const int wave = thread_id() / wave_size;
  const int32_t groups = row.groups(), stretch = (groups + waves - 1) / waves;
  const auto end_of = [&](int32_t begin) { return begin + stretch < groups ? begin + stretch : groups; };
  uint64_t own = 0;
  walk<8>(row, wave * stretch + lane_id(), end_of(wave * stretch), wave_size,
          [&](int32_t g, auto v) { own += of_group(g, v); });
  const block_sums sums = scan_block(own, lds);
  const uint64_t point = target(sums.total);
  if (sums.through - own <= point && point < sums.through) {  // one thread
    lds.found = wave;
  }
  // The sum before the wave's first lane.
  const uint64_t before = lane_read(sums.through - own, 0);
  block_barrier();  // the wave is there, wave_total has been read
  if (lds.found == wave && lane_id() == 0) lds.above = point - before;
  block_barrier();  // the rest of the point is there
  const int32_t begin = lds.found * stretch;
  uint64_t rest = lds.above;
#pragma unroll 1
  for (int32_t base = begin; base < end_of(begin); base += Threads) {
    const int32_t g = base + thread_id();
    typename Row::words v{};
    uint64_t mine = 0;
    if (g < end_of(begin)) {
      v = row.get(g);
      mine = of_group(g, v);
    }
    const block_sums here = scan_block(mine, lds);
    if (here.through - mine <= rest && rest < here.through) {  // one thread
      uint64_t left = rest - (here.through - mine);
      float f[width];
      row.floats(v, f);
      int at = -1, last = 0;
#pragma unroll
      for (int k = 0; k < width; ++k) {
        const uint64_t w = of_element(f[k], g * width + k);
        if (counts(f[k], g * width + k)) last = k;
        if (at < 0 && left < w) at = k;
        if (at < 0) left -= w;
      }
      lds.found = g * width + (at < 0 ? last : at);
    }
    block_barrier();  // wave_total has been read, and the index may be there
    if (rest < here.total) break;
    rest -= here.total;
  }
  const int32_t index = lds.found;
  block_barrier();  // the index has been read
  return index;
}

// The first index at which the running weight of what is kept exceeds target(weight of all that is kept).
template <int Threads, class Weight, class Row, class Kept, class Target>
HIPINFER_DEVICE int32_t locate_weight(const Row& row, const Weight& weight, Kept keeps, selection_lds<Threads>& lds,
                                      Target target) {
  return locate(
      row, lds, [&](int32_t g, auto v) { return group_weight(weight, row, g, v, keeps); },
      [&](float x, int32_t i) -> uint64_t { return keeps(x, i) ? fixed_point(weight(x), weight.bits) : 0; },
      [&](float x, int32_t i) { return keeps(x, i) && weight(x) > 0; }, target);
}

}  // namespace hipinfer
