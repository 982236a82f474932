// SPDX-License-Identifier: Apache-2.0
// A block a row. Nothing is sorted: a radix search over an integer image of the logits finds the key at which
// a running count (top-k) or a running weight (top-p) reaches what is needed, and a two-level walk finds the
// index at which the weight of the survivors passes a random point. All sums are of integers, so their order
// does not matter.
#include "device/math.h"
#include "device/philox.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

using params = top_k_top_p_sampling_from_logits_params;

constexpr int threads = 512;
constexpr int waves = threads / wave_size;
constexpr int bins = 256;
// Logits crowd into few exponents, that is into few bins. Sixteen copies of each, side by side over all LDS
// banks, keep lanes with the same key from queueing at one address.
constexpr int copies = 16;

struct shared_memory {
  uint64_t weight[bins * copies];
  uint64_t wave_total[waves];
  uint64_t above, equal;
  int64_t found;
  uint32_t digit;
};

// An unsigned integer that orders as the logits do, equal for -0 and +0, and 0 for what is never sampled: NaN
// and -inf. It has as many bits as the element.
HIPINFER_DEVICE uint32_t order(uint32_t bits, uint32_t sign, uint32_t infinite) {
  const uint32_t magnitude = bits & (sign - 1);
  if (magnitude > infinite || bits == (sign | infinite)) return 0;
  if (magnitude == 0) return sign;
  return (bits & sign) ? (sign - 1) & ~magnitude : sign | magnitude;
}
HIPINFER_DEVICE uint32_t key_of(f32 x) {
  return order(bit_cast<uint32_t>(x), 0x80000000u, 0x7f800000u);
}
HIPINFER_DEVICE uint32_t key_of(f16 x) {
  return order(bit_cast<uint16_t>(x), 0x8000u, 0x7c00u);
}
HIPINFER_DEVICE uint32_t key_of(bf16 x) {
  return order(bit_cast<uint16_t>(x), 0x8000u, 0x7f80u);
}

template <class T>
HIPINFER_DEVICE float value_of(uint32_t key) {
  if constexpr (sizeof(T) == 4) {
    return bit_cast<float>((key & 0x80000000u) ? key & 0x7fffffffu : ~key);
  } else {
    return to_float(bit_cast<T>(static_cast<uint16_t>((key & 0x8000u) ? key & 0x7fffu : ~key)));
  }
}

struct larger {
  HIPINFER_DEVICE uint32_t operator()(uint32_t a, uint32_t b) const { return a > b ? a : b; }
};

// The row's weights: exp((x - largest) / temperature) in fixed point.
struct weights {
  float largest, inverse;
  int bits;
  HIPINFER_DEVICE uint64_t operator()(float x) const {
    // The comparison serves +inf, which less itself is NaN: all +inf share the row.
    const float w = x == largest ? 1.0f : exp_accurate((x - largest) * inverse);
    const uint32_t pattern = bit_cast<uint32_t>(w);
    if (pattern < 0x00800000u) return 0;  // subnormals are far below the last fixed-point bit
    const uint64_t mantissa = (pattern & 0x007fffffu) | 0x00800000u;
    const int shift = static_cast<int>(pattern >> 23) - 150 + bits;
    return shift >= 0 ? mantissa << shift : shift > -24 ? mantissa >> -shift : 0;
  }
};

template <class T>
struct row_view {
  const T* x;
  int64_t n;
};

// Calls f(key) for every element of the row, in no order.
template <int Width, class T, class F>
HIPINFER_DEVICE void for_each(const row_view<T>& row, F f) {
  const int64_t body = row.n / Width * Width;
  for (int64_t i = thread_id() * Width; i < body; i += threads * Width) {
    const vec<T, Width> v = load<Width>(row.x + i);
#pragma unroll
    for (int k = 0; k < Width; ++k) f(key_of(v.at[k]));
  }
  for (int64_t i = body + thread_id(); i < row.n; i += threads) f(key_of(row.x[i]));
}

template <int Width, class T>
HIPINFER_DEVICE uint32_t largest_key(const row_view<T>& row, shared_memory& lds) {
  uint32_t key = 0;
  for_each<Width>(row, [&](uint32_t k) { key = larger{}(key, k); });
  key = wave_reduce<wave_size>(key, larger{});
  if (lane_id() == 0) lds.wave_total[thread_id() / wave_size] = key;
  block_barrier();  // every wave's key is there
  key = wave_reduce<wave_size>(static_cast<uint32_t>(lds.wave_total[lane_id() % waves]), larger{});
  block_barrier();  // every wave has read: wave_total may be used again
  return key;
}

// From each wave's total: the sum over the waves before this one, and over all. Ends without a barrier: the
// caller has one before wave_total is written again.
struct wave_sums {
  uint64_t before, own, total;
};
HIPINFER_DEVICE wave_sums sum_waves(uint64_t wave_total, shared_memory& lds) {
  const int wave = thread_id() / wave_size;
  if (lane_id() == 0) lds.wave_total[wave] = wave_total;
  block_barrier();  // every wave's total is there
  const uint64_t own = lane_id() < waves ? lds.wave_total[lane_id()] : 0;
  const uint64_t through = wave_scan(own);
  wave_sums sums;
  sums.own = lane_read(own, wave);
  sums.before = lane_read(through, wave) - sums.own;
  sums.total = lane_read(through, waves - 1);
  return sums;
}

// The set that has survived so far: the keys above `key`, and of those equal to it the `keep` first in index
// order out of `equal`. All eligible elements are above key 0.
struct threshold {
  uint32_t key;
  uint64_t keep, equal;
};

struct search_result {
  bool found;
  uint32_t key;
  uint64_t above;  // weight of the keys above `key`, or of all candidates if not found
  uint64_t equal;  // weight of the keys equal to it
  uint64_t need;
};

// Among the keys above `floor`, the largest key such that the keys from it upwards weigh at least need(total
// weight of the candidates), which is at least 1; not found if the candidates weigh less. One digit of eight
// bits a pass.
template <int Width, class T, class Weight, class Need>
HIPINFER_DEVICE search_result search(const row_view<T>& row, uint32_t floor, shared_memory& lds, Weight weight,
                                     Need need) {
  constexpr int top = (sizeof(T) - 1) * 8;
  search_result r{true, 0, 0, 0, 0};
  for (int shift = top; shift >= 0; shift -= 8) {
    for (int i = thread_id(); i < bins * copies; i += threads) lds.weight[i] = 0;
    block_barrier();  // the bins are clear
    const uint32_t prefix = r.key;
    for_each<Width>(row, [&](uint32_t key) {
      // Above the current digit the key agrees with what has been found; at the first digit every key does.
      if (key <= floor || (key ^ prefix) >> shift >= bins) return;
      const uint64_t w = weight(key);
      if (w != 0) lds_add(&lds.weight[(key >> shift) % bins * copies + lane_id() % copies], w);
    });
    block_barrier();  // the bins are full
    // Thread t owns bin 255 - t, so that a running sum over threads is one from the largest key down.
    // Neighbours start at different copies, that is in different banks.
    uint64_t own = 0;
    const uint32_t bin = bins - 1 - thread_id();
    if (thread_id() < bins) {
      for (int c = 0; c < copies; ++c) own += lds.weight[bin * copies + (c + thread_id()) % copies];
    }
    const uint64_t through_lane = wave_scan(own);
    const wave_sums sums = sum_waves(lane_read(through_lane, wave_size - 1), lds);
    if (shift == top) {
      r.need = need(sums.total);
      if (r.need > sums.total) {
        block_barrier();  // wave_total has been read
        return {false, 0, sums.total, 0, r.need};
      }
    }
    const uint64_t through = sums.before + through_lane, rest = r.need - r.above;
    if (through - own < rest && rest <= through) {  // one thread
      lds.digit = bin;
      lds.above = through - own;
      lds.equal = own;
    }
    block_barrier();  // the digit is there, wave_total has been read; two more barriers precede the next
                      // digit
    r.key |= lds.digit << shift;
    r.above += lds.above;
    r.equal = lds.equal;
  }
  return r;
}

// The first index at which the running sum of weight(key, index) exceeds target(total), a number below the
// total. Each wave owns a stretch of the row and sums it; the one that holds the point walks it again.
template <int Width, class T, class Weight, class Target>
HIPINFER_DEVICE int64_t locate(const row_view<T>& row, shared_memory& lds, Weight weight, Target target) {
  constexpr int64_t step = Width * wave_size;
  const int lane = lane_id();
  const int64_t stretch = (row.n + step * waves - 1) / (step * waves) * step;
  const int64_t begin = thread_id() / wave_size * stretch;
  const int64_t end = begin + stretch < row.n ? begin + stretch : row.n;
  const auto weigh = [&](int64_t i, uint64_t (&w)[Width]) {
    uint64_t sum = 0;
    if (i + Width <= row.n) {
      const vec<T, Width> v = load<Width>(row.x + i);
#pragma unroll
      for (int k = 0; k < Width; ++k) sum += w[k] = weight(key_of(v.at[k]), i + k);
    } else {
#pragma unroll
      for (int k = 0; k < Width; ++k) sum += w[k] = i + k < row.n ? weight(key_of(row.x[i + k]), i + k) : 0;
    }
    return sum;
  };
  uint64_t w[Width];
  uint64_t own = 0;
  for (int64_t i = begin + lane * Width; i < end; i += step) own += weigh(i, w);
  if (thread_id() == 0) lds.found = 0;
  const wave_sums sums = sum_waves(lane_read(wave_scan(own), wave_size - 1), lds);
  const uint64_t point = target(sums.total);
  if (sums.before <= point && point < sums.before + sums.own) {  // one wave, all of its lanes
    uint64_t rest = point - sums.before;
    for (int64_t base = begin; base < end; base += step) {
      const int64_t i = base + lane * Width;
      const uint64_t sum = weigh(i, w);
      const uint64_t through = wave_scan(sum);
      const uint64_t past = ballot(through > rest);
      if (past != 0) {
        if (lane == first_lane(past)) {
          rest -= through - sum;
          int at = 0;
#pragma unroll
          for (int k = 0; k < Width; ++k) {
            const bool before = at == k && rest >= w[k];
            rest -= before ? w[k] : 0;
            at += before;
          }
          lds.found = i + at;
        }
        break;
      }
      rest -= lane_read(through, wave_size - 1);
    }
  }
  block_barrier();  // the index is there, wave_total has been read
  const int64_t index = lds.found;
  block_barrier();  // the index has been read
  return index;
}

struct setting {
  float temperature, top_p;
  int32_t top_k;
};

// Each search and each walk is written as one loop over its two uses: code for every use apart would need more
// registers, and so leave room for fewer waves.
template <int Width, class T>
HIPINFER_DEVICE int64_t sample(const row_view<T>& row, const setting& s, const params& p, uint64_t row_index,
                               shared_memory& lds) {
  const uint32_t largest = largest_key<Width>(row, lds);
  if (largest == 0 || !(s.temperature >= 0.0f) || s.top_p != s.top_p) return -1;
  // Bounded on both sides: a tiny temperature must not make 0 * inf, nor an infinite one inf * 0.
  const weights weight{value_of<T>(largest), max(min(1.0f / s.temperature, 3e38f), 1e-37f), p.weight_bits};
  const bool greedy = s.temperature == 0.0f || s.top_k == 1;
  // One of the largest; "of two" sends it through the walk that finds the first.
  threshold t{greedy ? largest : 0, greedy ? 1u : 0u, greedy ? 2u : 0u};
#pragma unroll 1
  for (int pass = greedy ? 2 : 0; pass < 2; ++pass) {
    const bool by_mass = pass == 1;
    if (by_mass ? s.top_p >= 1.0f : s.top_k <= 0 || s.top_k >= row.n) continue;
    const uint64_t each = by_mass && t.key != 0 ? weight(value_of<T>(t.key)) : 0;
    const search_result r = search<Width>(
        row, t.key, lds, [&](uint32_t key) -> uint64_t { return by_mass ? weight(value_of<T>(key)) : 1; },
        [&](uint64_t above) {
          if (!by_mass) return static_cast<uint64_t>(s.top_k);
          const double wanted = static_cast<double>(s.top_p) * static_cast<double>(above + t.keep * each);
          const uint64_t whole = wanted > 0 ? static_cast<uint64_t>(wanted) : 0;
          const uint64_t up = static_cast<double>(whole) < wanted ? whole + 1 : whole;
          return up > 0 ? up : 1;  // at least one token
        });
    if (!r.found && !by_mass) continue;  // fewer than top_k are eligible
    // Equal keys have equal weights, so a count follows from a sum by division. Not found by mass: the keys
    // above the old threshold do not suffice, and fewer of those equal to it do.
    if (r.found) t.key = r.key;
    const uint64_t one = by_mass ? weight(value_of<T>(t.key)) : 1;
    if (r.found) t.equal = r.equal / one;
    t.keep = (r.need - r.above + one - 1) / one;
  }
  // Where not all of the equal keys stay, the index of the last one that does decides.
  int64_t last = row.n;
#pragma unroll 1
  for (int pass = t.keep < t.equal ? 0 : 1; pass < 2; ++pass) {
    const bool by_mass = pass == 1;
    const int64_t index = locate<Width>(
        row, lds,
        [&](uint32_t key, int64_t i) -> uint64_t {
          if (!by_mass) return key == t.key;
          const bool stays = key > t.key || (key == t.key && key != 0 && i <= last);
          return stays ? weight(value_of<T>(key)) : 0;
        },
        [&](uint64_t total) {
          if (!by_mass) return t.keep - 1;
          const uint64_t seed = static_cast<uint64_t>(p.philox ? p.philox[0] : p.seed);
          const uint64_t offset = static_cast<uint64_t>(p.philox ? p.philox[1] : p.offset);
          return random_below(random_bits(seed, offset, row_index), total);
        });
    if (by_mass || greedy) return index;
    last = index;
  }
  return -1;  // not reached
}

template <int Threads, class T, int Width>
HIPINFER_DEVICE void sample_rows(const params& p) {
  static_assert(Threads == threads);
  __shared__ shared_memory lds;
  for (int64_t r = block_id(); r < p.rows; r += block_count<threads>()) {
    const row_view<T> row{static_cast<const T*>(p.logits) + r * p.logits_stride, p.n};
    // All threads read the same, so that every branch that depends on it is the whole block's.
    const setting s{p.temperatures ? static_cast<const float*>(p.temperatures)[r] : p.temperature,
                    p.top_ps ? static_cast<const float*>(p.top_ps)[r] : p.top_p, p.top_ks ? p.top_ks[r] : p.top_k};
    const int64_t id = sample<Width>(row, s, p, static_cast<uint64_t>(r), lds);
    if (thread_id() == 0) {
      p.output[r] = static_cast<int32_t>(id < 0 ? 0 : id);
      if (p.valid) p.valid[r] = id >= 0;
    }
  }
}

}  // namespace hipinfer
