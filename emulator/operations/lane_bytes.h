// SPDX-License-Identifier: Apache-2.0
// Moving data between registers and the bytes that lanes point to, with what is defined of it. The same for device
// memory, scratch and LDS: whoever makes a `lane_bytes` has checked that the lanes may go there.
#pragma once

#include <cstring>

#include "machine/wave.h"

namespace hipemu {

enum class access_kind : uint8_t { load, store, atomic };

struct lane_bytes {
  uint8_t* bytes = nullptr;
  uint8_t* defined = nullptr;  // a byte each: 1 if written; null: everything is defined
  bool carries = false;        // stores keep what is undefined so; else whatever is stored has been found to be defined
  uint32_t word_stride = 4;    // from a lane's one word to its next
  bool crosses = false;        // some lane begins within a word and ends in the next, which is not the one behind it
  uint64_t active = 0;
  // Where each lane's bytes begin, counted from `bytes`; of the active lanes, the first byte and the end of the last.
  alignas(64) uint64_t at[lanes_max];
  uint64_t lowest = 0, end = 0;
  bool consecutive = false;  // all lanes are active, each begins where the one before ends
};

// What one lane reads or writes: that many bytes, and where less than a word stands in a register.
enum class register_part : uint8_t { word, low, high };
struct access_shape {
  int bytes;
  bool sign = false;
  register_part part = register_part::word;
  constexpr int words() const { return (bytes + 3) / 4; }
};

// Calls f(lane) for each bit.
template <class F>
inline void each_bit(uint64_t mask, F&& f) {
  for (; mask; mask &= mask - 1) f(__builtin_ctzll(mask));
}

inline uint64_t with_lanes(uint64_t old, uint64_t value, uint64_t active) {
  return (old & ~active) | (value & active);
}

// Wide ranges are looked at lane by lane: what lies between the lanes is nobody's business.
inline bool all_defined(const lane_bytes& m) {
  return !m.defined || (m.end - m.lowest <= 8192 && !std::memchr(m.defined + m.lowest, 0, m.end - m.lowest));
}

// The bytes of lanes that cross words, side by side.
struct realigned {
  const lane_bytes& original;
  const int count;
  alignas(64) uint8_t bytes[16 * lanes_max], defined[16 * lanes_max];
  lane_bytes lanes;

  realigned(const lane_bytes& of, int bytes_of_lane) : original(of), count(bytes_of_lane) {
    lanes.bytes = bytes;
    lanes.defined = of.defined ? defined : nullptr;
    lanes.carries = of.carries;
    lanes.active = of.active;
    for (uint64_t l = 0; l < lanes_max; ++l) lanes.at[l] = 16 * l;
    lanes.end = sizeof(bytes);
    std::memset(defined, 1, sizeof(defined));
    each([&](uint64_t here, uint64_t there) {
      bytes[here] = of.bytes[there];
      if (of.defined) defined[here] = of.defined[there];
    });
  }
  void write_back() const {
    each([&](uint64_t here, uint64_t there) {
      original.bytes[there] = bytes[here];
      if (original.defined) original.defined[there] = defined[here];
    });
  }

 private:
  template <class F>
  void each(F&& f) const {
    each_bit(original.active, [&](int l) {
      const uint64_t within = original.at[l] & 3, word = original.at[l] - within;
      for (uint64_t k = 0; k < static_cast<uint64_t>(count); ++k)
        f(lanes.at[l] + k, word + (within + k) / 4 * original.word_stride + (within + k) % 4);
    });
  }
};

// One lane's words, from memory to a column of registers and back. What is aligned to 8 bytes goes as 8: workgroups run
// on several threads, and no other may see half of an atomic store of 64 bits.
inline bool in_pairs(const uint8_t* p, uint32_t word_stride) {
  return word_stride == 4 && reinterpret_cast<uintptr_t>(p) % 8 == 0;
}
template <int Words>
void read_lane(uint32_t* row, const uint8_t* p, uint32_t word_stride) {
  if constexpr (Words % 2 == 0) {
    if (in_pairs(p, word_stride)) {
      for (int n = 0; n < Words; n += 2) {
        const uint64_t x = __atomic_load_n(reinterpret_cast<const uint64_t*>(p) + n / 2, __ATOMIC_RELAXED);
        row[n * lanes_max] = static_cast<uint32_t>(x);
        row[(n + 1) * lanes_max] = static_cast<uint32_t>(x >> 32);
      }
      return;
    }
  }
  for (int n = 0; n < Words; ++n) std::memcpy(row + n * lanes_max, p + n * word_stride, 4);
}
template <int Words>
void write_lane(uint8_t* p, const uint32_t* row, uint32_t word_stride) {
  if constexpr (Words % 2 == 0) {
    if (in_pairs(p, word_stride)) {
      for (int n = 0; n < Words; n += 2) {
        const uint64_t x = row[n * lanes_max] | static_cast<uint64_t>(row[(n + 1) * lanes_max]) << 32;
        __atomic_store_n(reinterpret_cast<uint64_t*>(p) + n / 2, x, __ATOMIC_RELAXED);
      }
      return;
    }
  }
  for (int n = 0; n < Words; ++n) std::memcpy(p + n * word_stride, row + n * lanes_max, 4);
}

// Reads into consecutive rows of registers, beginning with `row`; the lanes that are not active keep what they have.
template <access_shape S>
void gather(const wave& w, uint32_t* row, defined_lanes* defined, const lane_bytes& from) {
  if (from.crosses) [[unlikely]]
    return gather<S>(w, row, defined, realigned(from, S.bytes).lanes);
  const uint64_t active = from.active;
  const bool whole = all_defined(from);
  if constexpr (S.bytes >= 4) {
    constexpr int words = S.bytes / 4;
    if (from.consecutive) {
      const uint8_t* p = from.bytes + from.at[0];
      for (int l = 0; l < w.lanes; ++l) read_lane<words>(row + l, p + l * S.bytes, 4);
    } else {
      each_bit(active, [&](int l) { read_lane<words>(row + l, from.bytes + from.at[l], from.word_stride); });
    }
    for (int n = 0; n < words; ++n) {
      defined_lanes d{active, active};
      if (!whole) {
        d = {};
        each_bit(active, [&](int l) {
          const uint8_t* p = from.defined + from.at[l] + n * from.word_stride;
          d.low |= static_cast<uint64_t>(p[0] & p[1]) << l;
          d.high |= static_cast<uint64_t>(p[2] & p[3]) << l;
        });
      }
      defined[n] = {with_lanes(defined[n].low, d.low, active), with_lanes(defined[n].high, d.high, active)};
    }
  } else {
    // With SRAM ECC, which CDNA's cards have on, a register cannot be written in part: the other half is lost.
    const bool keeps = w.target.rdna();
    uint64_t d = 0;
    each_bit(active, [&](int l) {
      const uint8_t* p = from.bytes + from.at[l];
      uint32_t x = 0;
      std::memcpy(&x, p, S.bytes);
      bool is = whole || from.defined[from.at[l]];
      if constexpr (S.bytes == 2) is = is && (whole || from.defined[from.at[l] + 1]);
      if constexpr (S.sign)
        x = static_cast<uint32_t>(static_cast<int32_t>(x << (32 - 8 * S.bytes)) >> (32 - 8 * S.bytes));
      d |= static_cast<uint64_t>(is) << l;
      const uint32_t old = keeps ? row[l] : 0;
      if constexpr (S.part == register_part::word) row[l] = x;
      if constexpr (S.part == register_part::low) row[l] = (old & 0xffff0000) | (x & 0xffff);
      if constexpr (S.part == register_part::high) row[l] = (old & 0xffff) | x << 16;
    });
    const uint64_t kept_low = keeps ? defined->low : 0, kept_high = keeps ? defined->high : 0;
    const defined_lanes all = S.part == register_part::low    ? defined_lanes{d, kept_high}
                              : S.part == register_part::high ? defined_lanes{kept_low, d}
                                                              : defined_lanes{d, S.sign ? d : active};
    *defined = {with_lanes(defined->low, all.low, active), with_lanes(defined->high, all.high, active)};
  }
}

// Writes from consecutive rows of registers.
template <access_shape S>
void scatter(const wave& w, const uint32_t* row, const defined_lanes* defined, const lane_bytes& to) {
  if (to.crosses) [[unlikely]] {
    const realigned side_by_side(to, S.bytes);
    scatter<S>(w, row, defined, side_by_side.lanes);
    return side_by_side.write_back();
  }
  const uint64_t active = to.active;
  if constexpr (S.bytes >= 4) {
    constexpr int words = S.bytes / 4;
    uint64_t is = active;
    if (to.carries)
      for (int n = 0; n < words; ++n) is &= defined[n].low & defined[n].high;
    const bool whole = is == active;
    if (to.consecutive) {
      uint8_t* p = to.bytes + to.at[0];
      for (int l = 0; l < w.lanes; ++l) write_lane<words>(p + l * S.bytes, row + l, 4);
      if (whole && to.defined) std::memset(to.defined + to.lowest, 1, to.end - to.lowest);
      if (whole) return;
    } else {
      each_bit(active, [&](int l) { write_lane<words>(to.bytes + to.at[l], row + l, to.word_stride); });
    }
    if (!to.defined) return;
    each_bit(active, [&](int l) {
      for (int n = 0; n < words; ++n) {
        const bool low = whole || defined[n].low >> l & 1, high = whole || defined[n].high >> l & 1;
        const uint32_t flags = (low ? 0x00000101u : 0) | (high ? 0x01010000u : 0);
        std::memcpy(to.defined + to.at[l] + n * to.word_stride, &flags, 4);
      }
    });
  } else {
    constexpr bool high = S.part == register_part::high;
    const uint64_t is = to.carries ? (high ? defined->high : defined->low) : ~uint64_t{0};
    each_bit(active, [&](int l) {
      const uint32_t x = high ? row[l] >> 16 : row[l];
      std::memcpy(to.bytes + to.at[l], &x, S.bytes);
      if (to.defined) std::memset(to.defined + to.at[l], static_cast<int>(is >> l & 1), S.bytes);
    });
  }
}

}  // namespace hipemu
