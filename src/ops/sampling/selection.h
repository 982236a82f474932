// SPDX-License-Identifier: Apache-2.0
// What a block finds out about a row without sorting it. A radix search finds the key at which a running count (top-k) or
// a running weight (top-p), from the largest element down, reaches what is needed; a walk of two levels finds the index at
// which a running weight passes a point. All sums are of integers, so their order does not matter.
//
// A pass over the row costs what its memory does, and a search several passes. So where few elements can matter, one pass
// gathers these candidates into LDS, and the searches go over them.
#pragma once

#include "ops/sampling/row.h"
#include "ops/sampling/team.h"

namespace hipinfer {

// With what is beside them a block has a little more than 32 KiB of LDS.
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

// Elements that are looked at one by one.
constexpr int most_few = 64;
// Of values, in which the elements of a row are counted.
constexpr int stretches = 2048;

template <int Threads>
struct selection_lds {
  union {
    uint64_t row_sums[row_digits::size];
    uint64_t stretch_counts[stretches * 2];  // pairs of 32 bits, so that each has four
    struct {
      union {
        uint64_t candidate_sums[candidate_digits::size];
        struct {
          uint64_t few_weights[most_few];
          uint32_t few_keys[most_few];
        };
      };
      uint32_t keys[candidates];
      uint32_t indices[candidates];
    };
    uint32_t tops[8 * Threads];  // of all blocks
  };
  uint64_t wave_total[Threads / wave_size];
  block_scratch<Threads> floats;
  uint64_t above, equal, digit, total;
  uint64_t slot;
  int32_t found;
  uint32_t count;
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

struct picked {
  bool found;
  uint32_t digit;
  uint64_t above, equal, total;
};
// Where the sums of digits, from the largest down, reach need(their total): the digit, what those above it weigh, and it itself.
// Not found where all of them do not. Shared: the sums are those of all blocks, which get the same; else they are one block's.
template <bool Shared, int Threads, class Digits, class Need>
HIPINFER_DEVICE picked pick_digit(Digits sums, selection_lds<Threads>& lds, Need need) {
  constexpr int top = (1 << Digits::bits) - 1, per_thread = top / Threads + 1;
  const bool spread = Shared && !is_alone();
  if (spread)
    cluster_barrier();  // the sums are there
  else
    block_barrier();
  uint64_t all_digits = 0, rest = 0;
  if (!spread || is_first()) {
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
        const uint64_t* sum = &sums.at[(mine - d) * Digits::copies + (c + thread_id()) % Digits::copies];
        if (spread) {
          for (int r = 1; r < cluster_blocks(); ++r) own[d] += load_from_cluster(sum, r);
        }
        own[d] += *sum;
      }
      total += own[d];
    }
    const block_sums all = scan_block(total, lds);
    all_digits = all.total;
    rest = need(all.total);
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
    if (spread && thread_id() == 0) lds.total = all.total;
  }
  if (!spread) {
    block_barrier();  // the digit is there, wave_total has been read
    return {rest <= all_digits, static_cast<uint32_t>(lds.digit), lds.above, lds.equal, all_digits};
  }
  cluster_barrier();  // the digit is there
  const uint64_t total = load_from_cluster(&lds.total, 0);
  const picked r{need(total) <= total, static_cast<uint32_t>(load_from_cluster(&lds.digit, 0)),
                 load_from_cluster(&lds.above, 0), load_from_cluster(&lds.equal, 0), total};
  cluster_barrier();  // it has been read, as have the sums
  return r;
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
// others; weight() is what an element weighs. It is a search of all blocks over their row.
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
    const picked at = pick_digit<true>(sums, lds, [&](uint64_t total) {
      if (first) r.need = need(total);
      return r.need - r.above;
    });
    if (!at.found) return {false, 0, at.total, 0, r.need};
    r.key |= at.digit << low;
    r.above += at.above;
    r.equal = at.equal;
  } while (low > 0);
  return r;
}

// The same of elements from key `low` to `high` that the block has in LDS or in registers: each(visit) calls visit(key, weight)
// for all of them. Digits are of this range, so that the first one is not the same for most keys; once a digit has few elements,
// each is compared with the others.
template <int Threads, class Each, class Need>
HIPINFER_DEVICE search_result search_held(uint32_t low, uint32_t high, selection_lds<Threads>& lds, Each each,
                                          Need need) {
  const candidate_digits sums{lds.candidate_sums};
  search_result r{true, 0, 0, 0, 0};
#pragma unroll 1
  for (bool first = true;; first = false) {
    int shift = 0;
    while ((high - low) >> shift >> candidate_digits::bits != 0) ++shift;
    clear<Threads>(sums);
    each([&](uint32_t key, auto weight) {
      if (key < low || key > high) return;
      const uint64_t w = weight();
      if (w != 0) lds_add(&sums.at[((key - low) >> shift) * sums.copies + lane_id() % sums.copies], w);
    });
    const picked at = pick_digit<false>(sums, lds, [&](uint64_t total) {
      if (first) r.need = need(total);
      return r.need - r.above;
    });
    if (!at.found) return {false, 0, at.total, 0, r.need};
    r.above += at.above;
    low += at.digit << shift;
    if (shift == 0) {
      r.key = low;
      r.equal = at.equal;
      return r;
    }
    const uint32_t rest = (1u << shift) - 1;
    high = high - low > rest ? low + rest : high;
    if (thread_id() == 0) lds.count = 0;
    block_barrier();  // the count is clear, the digit has been read
    each([&](uint32_t key, auto weight) {
      if (key < low || key > high) return;
      const uint32_t place = lds_take(&lds.count, 1);
      if (place >= most_few) return;
      lds.few_keys[place] = key;
      lds.few_weights[place] = weight();
    });
    block_barrier();  // the few are there
    const int count = static_cast<int>(lds.count);
    if (count <= most_few) {
      if (thread_id() < count) {
        const uint32_t own = lds.few_keys[thread_id()];
        uint64_t above = r.above, equal = 0;
        for (int i = 0; i < count; ++i) {
          const uint32_t key = lds.few_keys[i];
          const uint64_t w = lds.few_weights[i];
          above += key > own ? w : 0;
          equal += key == own ? w : 0;
        }
        if (above < r.need && r.need <= above + equal) {  // those of one key
          lds.digit = own;
          lds.above = above;
          lds.equal = equal;
        }
      }
      block_barrier();  // the key is there
      r.key = static_cast<uint32_t>(lds.digit);
      r.above = lds.above;
      r.equal = lds.equal;
      return r;
    }
    block_barrier();  // the count has been read
  }
}

// The largest of each of so many shares of a row that a thread has; NaN where a share has no number. A share is the groups of one
// remainder modulo 4096, however many blocks walk over the row: so what follows from the tops does not depend on these.
struct thread_tops {
  static constexpr int count = 8;
  float at[count];
  // `slot` may be known at run time alone, and registers have no index.
  HIPINFER_DEVICE void add(int slot, float x) {
#pragma unroll
    for (int s = 0; s < count; ++s) at[s] = s == slot ? max(at[s], x) : at[s];
  }
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
  walk_slots<thread_tops::count>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(),
                                 [&](int32_t, auto v, int slot) {
                                   float f[Row::width];
                                   row.floats(v, f);
                                   float top = f[0];
#pragma unroll
                                   for (int k = 1; k < Row::width; ++k) top = max(top, f[k]);
                                   own.add(slot, top);
                                 });
  return own;
}

// For the first block, the tops of all shares; of up to 8 blocks.
template <int Threads>
HIPINFER_DEVICE thread_tops tops_of_all(thread_tops own, selection_lds<Threads>& lds) {
  constexpr int count = thread_tops::count;
  if (is_alone()) return own;
  const int each = count / cluster_blocks();
#pragma unroll
  for (int half = count / 2; half > 0; half /= 2) {
    if (half < each) break;
#pragma unroll
    for (int s = 0; s < half; ++s) own.at[s] = max(own.at[s], own.at[s + half]);
  }
#pragma unroll
  for (int s = 0; s < count; ++s) {
    if (s < each) {
      store_to_cluster(&lds.tops[(cluster_rank() * each + s) * Threads + thread_id()], 0,
                       bit_cast<uint32_t>(own.at[s]));
    }
  }
  cluster_barrier();  // the tops are there
  if (is_first()) {
#pragma unroll
    for (int s = 0; s < count; ++s) own.at[s] = bit_cast<float>(lds.tops[s * Threads + thread_id()]);
    block_barrier();  // they have been read
  }
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
  walk<8>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(), [&](int32_t group, auto v) {
    float f[width];
    row.floats(v, f);
    const uint32_t i = static_cast<uint32_t>(group * width);
#pragma unroll
    for (int k = 0; k < width; ++k) first = f[k] == value ? smaller{}(first, i + k) : first;
  });
  first = block_least<Threads>(first, lds);
  each_block(first, &lds.slot, [&](int, uint64_t x) { first = smaller{}(first, static_cast<uint32_t>(x)); });
  return static_cast<int32_t>(first);
}

// The sum over all threads of all blocks.
template <int Threads>
HIPINFER_DEVICE uint64_t total_of_all(uint64_t own, selection_lds<Threads>& lds) {
  const uint64_t total = team_sum(scan_block(own, lds).total, &lds.slot);
  if (is_alone()) block_barrier();  // wave_total has been read
  return total;
}
// What the kept elements weigh.
template <int Threads, class Weight, class Row, class Kept>
HIPINFER_DEVICE uint64_t weight_of_all(const Row& row, const Weight& weight, Kept keeps, selection_lds<Threads>& lds) {
  uint64_t own = 0;
  walk<8>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(),
          [&](int32_t group, auto v) { own += group_weight(weight, row, group, v, keeps); });
  return total_of_all(own, lds);
}

// Elements into the first block's LDS, in any order: those whose bits which(values, words, first index) of a group has. Returns
// how many there are, which may be more than fit.
template <int Threads, class T, bool Window, class Which>
HIPINFER_DEVICE uint32_t gather_if(const row_view<T, Window>& row, selection_lds<Threads>& lds, Which which) {
  constexpr int width = row_view<T>::width;
  if (thread_id() == 0) lds.count = 0;
  team_barrier();  // the count is clear
  walk<4>(row, team_thread<Threads>(), row.groups(), team_threads<Threads>(), [&](int32_t group, auto v) {
    float f[width];
    row.floats(v, f);
    const uint32_t kept = which(f, v, group * width);
    if (kept == 0) return;
    const uint32_t own = static_cast<uint32_t>(count_lanes(kept));
    uint32_t place = is_alone() ? lds_take(&lds.count, own) : take_from_cluster(&lds.count, 0, own);
#pragma unroll
    for (int k = 0; k < width; ++k) {
      if ((kept >> k & 1) == 0) continue;
      if (place < candidates) {
        const uint32_t index = static_cast<uint32_t>(group * width + k);
        if (is_alone()) {
          lds.keys[place] = row.key(v, k);
          lds.indices[place] = index;
        } else {
          store_to_cluster(&lds.keys[place], 0, row.key(v, k));
          store_to_cluster(&lds.indices[place], 0, index);
        }
      }
      ++place;
    }
  });
  team_barrier();  // the candidates are there
  const uint32_t count = static_cast<uint32_t>(of_first(lds.count, &lds.slot));
  if (is_alone()) block_barrier();  // the count has been read
  return count;
}
// The elements from `floor` upwards, which are few. Each group's values are shown to see().
template <int Threads, class T, bool Window, class See>
HIPINFER_DEVICE uint32_t gather(const row_view<T, Window>& row, float floor, selection_lds<Threads>& lds, See see) {
  constexpr int width = row_view<T>::width;
  return gather_if(row, lds, [&](const float (&f)[width], typename row_view<T>::words, int32_t) {
    see(f);
    uint32_t kept = 0;
#pragma unroll
    for (int k = 0; k < width; ++k) kept |= static_cast<uint32_t>(f[k] >= floor) << k;
    return kept;
  });
}
// Those for which keeps(key, index), which is false for NaN.
template <int Threads, class T, bool Window, class Keeps>
HIPINFER_DEVICE uint32_t gather_kept(const row_view<T, Window>& row, Keeps keeps, selection_lds<Threads>& lds) {
  constexpr int width = row_view<T>::width;
  return gather_if(row, lds, [&](const float (&)[width], typename row_view<T>::words v, int32_t index) {
    uint32_t kept = 0;
#pragma unroll
    for (int k = 0; k < width; ++k) kept |= static_cast<uint32_t>(keeps(row.key(v, k), index + k)) << k;
    return kept;
  });
}

// The first index at which the running sum of what elements measure exceeds target(sum of all), a number below that sum.
// of_group(group, words) measures a group at once, and of_element(value, index) an element; the two may differ by fp32's
// rounding, and where a group's elements measure less the last one that counts(value, index) is it. Each wave has a stretch of the row; the one that holds the point is measured again, by the whole block.
template <int Threads, class Row, class OfGroup, class OfElement, class Counts, class Target>
HIPINFER_DEVICE int32_t locate(const Row& row, selection_lds<Threads>& lds, OfGroup of_group, OfElement of_element,
                               Counts counts, Target target) {
  constexpr int waves = Threads / wave_size, width = Row::width;
  const int wave = cluster_rank() * waves + thread_id() / wave_size;
  const int32_t groups = row.groups(), stretches = cluster_blocks() * waves,
                stretch = (groups + stretches - 1) / stretches;
  const auto end_of = [&](int32_t begin) { return begin + stretch < groups ? begin + stretch : groups; };
  uint64_t own = 0;
  walk<8>(row, wave * stretch + lane_id(), end_of(wave * stretch), wave_size,
          [&](int32_t g, auto v) { own += of_group(g, v); });
  const block_sums sums = scan_block(own, lds);
  uint64_t ahead = 0, total = 0;  // of the blocks before this one, and of all
  each_block(sums.total, &lds.slot, [&](int rank, uint64_t x) {
    if (rank < cluster_rank()) ahead += x;
    total += x;
  });
  const uint64_t point = target(total), through = ahead + sums.through;
  const bool here = ahead <= point && point < ahead + sums.total;   // all of a block's threads agree
  if (through - own <= point && point < through) lds.found = wave;  // one thread of all blocks
  // The sum before the wave's first lane.
  const uint64_t before = lane_read(through - own, 0);
  block_barrier();  // the wave is there, wave_total has been read
  if (here) {
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
      const block_sums part = scan_block(mine, lds);
      if (part.through - mine <= rest && rest < part.through) {  // one thread
        uint64_t left = rest - (part.through - mine);
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
      if (rest < part.total) break;
      rest -= part.total;
    }
  }
  int32_t index = lds.found;
  each_block(here ? static_cast<uint32_t>(index) : ~uint64_t{0}, &lds.slot, [&](int, uint64_t x) {
    if (x != ~uint64_t{0}) index = static_cast<int32_t>(x);
  });
  if (is_alone()) block_barrier();  // the index has been read
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
