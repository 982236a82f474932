// SPDX-License-Identifier: Apache-2.0
// What has been selected of a row, one after the other: in the order of the row, or sorted where it fits into LDS. An output has
// put(place, index).
#pragma once

#include "ops/sampling/threshold.h"

namespace hipinfer {

// In the order of the row, those for which keeps(key, index), from `place` on. Returns the place after the last.
template <int Threads, class Row, class Output, class Keeps>
HIPINFER_DEVICE int64_t write_in_order(const Row& row, const Output& output, int64_t place, int64_t end,
                                       selection_lds<Threads>& lds, Keeps keeps) {
  constexpr int width = Row::width;
#pragma unroll 1
  for (int32_t base = 0; base < row.groups() && place < end; base += Threads) {
    const int32_t group = base + thread_id();
    uint32_t which = 0;
    uint64_t own = 0;
    if (group < row.groups()) {
      const auto v = row.get(group);
#pragma unroll
      for (int k = 0; k < width; ++k) {
        // What is not of the row is NaN, too.
        const bool stays = row.has(group * width + k) && keeps(row.key(v, k), group * width + k);
        which |= static_cast<uint32_t>(stays) << k;
        own += stays;
      }
    }
    const block_sums sums = scan_block(own, lds);
    int64_t at = place + static_cast<int64_t>(sums.through - own);
    for (int k = 0; k < width; ++k) {
      if ((which >> k & 1) != 0 && at < end) output.put(at++, group * width + k);
    }
    place += static_cast<int64_t>(sums.total);
    block_barrier();  // wave_total has been read
  }
  return place < end ? place : end;
}

// So many words of LDS, the largest first, by bitonic sort: what is behind them is 0.
template <int Threads>
HIPINFER_DEVICE void sort_words(uint64_t* words, int count) {
  int size = 2;
  while (size < count) size *= 2;
  for (int i = count + thread_id(); i < size; i += Threads) words[i] = 0;
  block_barrier();  // the words are there
#pragma unroll 1
  for (int run = 2; run <= size; run *= 2) {
#pragma unroll 1
    for (int step = run / 2; step > 0; step /= 2) {
      for (int pair = thread_id(); pair < size / 2; pair += Threads) {
        const int low = 2 * pair - (pair & (step - 1)), high = low + step;
        const uint64_t a = words[low], b = words[high];
        if ((a < b) == ((low & run) == 0)) {
          words[low] = b;
          words[high] = a;
        }
      }
      block_barrier();  // this step's words are there
    }
  }
}

// The kept candidates into sorted order and out. Their keys and indices leave LDS before the words take their place.
template <int Threads, class Output>
HIPINFER_DEVICE int64_t write_candidates(int count, const threshold& t, int32_t last, bool by_value,
                                         const Output& output, int64_t end, selection_lds<Threads>& lds) {
  constexpr int each = (candidates + Threads - 1) / Threads;
  static_assert(candidates <= row_digits::size);
  uint64_t words[each];
#pragma unroll
  for (int c = 0; c < each; ++c) {
    const int i = c * Threads + thread_id();
    words[c] = 0;
    if (i >= count) continue;
    const uint32_t key = lds.keys[i], index = lds.indices[i];
    if (key > t.key || (key == t.key && static_cast<int32_t>(index) <= last)) {
      words[c] = (by_value ? static_cast<uint64_t>(key) << 32 : 0) | (0x7fffffffu - index) | 0x80000000u;
    }
  }
  if (thread_id() == 0) lds.count = 0;
  block_barrier();  // the candidates have been read, and the count is clear
#pragma unroll
  for (int c = 0; c < each; ++c) {
    if (words[c] != 0) lds.row_sums[lds_take(&lds.count, 1)] = words[c];
  }
  block_barrier();  // the count is there
  const int kept = static_cast<int>(lds.count);
  sort_words<Threads>(lds.row_sums, kept);
  const int64_t written = kept < end ? kept : end;
  for (int64_t i = thread_id(); i < written; i += Threads) {
    output.put(i, static_cast<int32_t>(0x7fffffffu - (static_cast<uint32_t>(lds.row_sums[i]) & 0x7fffffffu)));
  }
  block_barrier();  // LDS may be used again
  return written;
}

// The k largest, k no more than the row's elements; `tops` is what tops_of(row) gave. Numbers in order of value or of the row,
// then, where these are fewer, NaN.
template <int Threads, class Row, class Output>
HIPINFER_DEVICE void write_largest(const Row& row, const thread_tops& tops, int64_t k, bool by_value,
                                   const Output& output, selection_lds<Threads>& lds) {
  const auto write = [&]<class From>(const From& from, const threshold& t) -> int64_t {
    const int32_t last = from.template find_in_order<false>(t, [](uint64_t) { return uint64_t{0}; });
    int count;
    if constexpr (From::in_lds) {
      count = from.count;
    } else {
      const auto keeps = [&](uint32_t key, int32_t i) {
        return key > t.key || (key == t.key && key != 0 && i <= last);
      };
      if (k > candidates) return write_in_order(row, output, 0, k, lds, keeps);
      count = static_cast<int>(gather_kept(row, keeps, lds));
    }
    return write_candidates(count, t, last, by_value, output, k, lds);
  };
  const filters f{static_cast<int32_t>(k), 1, false};
  int64_t written = 0;
  with_threshold(row, numbers_row<typename Row::element>{}, tops, block_max<Threads>(tops.top(), lds.floats), f, lds,
                 [&](const auto& from, const threshold& t) { written = write(from, t); });
  // Where there are fewer numbers than k, NaN are the rest.
  write_in_order(row, output, written, k, lds, [](uint32_t key, int32_t) { return key == 0; });
}

}  // namespace hipinfer
