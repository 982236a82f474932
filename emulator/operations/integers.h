// SPDX-License-Identifier: Apache-2.0
// Formulas on integers as handlers. `traced` follows what is defined through the formula, half register by half
// register: what masks, shifts or chooses undefined bits away is defined, as compilers expect. `whole` calls a lane
// defined where all of its sources are.
#pragma once

#include "operations/lanes.h"

namespace hipemu {

// What of one 64-bit source or result is defined: one for each of its 32-bit words.
struct defined_words {
  defined_lanes word[2] = {{~uint64_t{0}, ~uint64_t{0}}, {~uint64_t{0}, ~uint64_t{0}}};
};

// The bits of lane l that are defined.
inline uint64_t defined_bits(const defined_words& d, int l) {
  const auto bits = [l](defined_lanes x) { return (x.low >> l & 1) * 0xffff | (x.high >> l & 1) * 0xffff0000; };
  return bits(d.word[0]) | bits(d.word[1]) << 32;
}

template <bool Traced, class D, class... S>
class integers {
 public:
  template <auto F>
  static void run(wave& w, const instruction& i) {
    if (i.clamp) throw fault(fault_kind::unimplemented, i.name + " with clamp");
    apply(w, i, [](S... x) { return F(x...); });  // a lambda even of a function: to be inlined
  }
  // With another formula for `clamp`, which saturates.
  template <auto F, auto Saturated>
  static void clamps(wave& w, const instruction& i) {
    i.clamp ? apply(w, i, [](S... x) { return Saturated(x...); }) : apply(w, i, [](S... x) { return F(x...); });
  }
  template <class F>
  static void apply(wave& w, const instruction& i, const F& f) {
    apply_with(w, i, f, std::index_sequence_for<S...>{});
  }

 private:
  template <class F, size_t... K>
  static void apply_with(wave& w, const instruction& i, const F& f, std::index_sequence<K...>) {
    vector_operation v(w, i);
    std::tuple<lane_buffer<S>...> rooms;
    const std::tuple<const S*...> sources{v.in<S>(K, std::get<K>(rooms))...};
    lane_buffer<D> room;
    if constexpr (Traced && sizeof(D) >= 4) {
      if (((v.def.low & v.def.high) | ~v.active) != ~uint64_t{0}) {
        const defined_words of[] = {defined_of<S>(v, K)...};
        const defined_words d = trace(w.lanes, f, of, std::get<K>(sources)...);
        each_lane(w.lanes, room.x, f, std::get<K>(sources)...);
        return store(v, room.x, d);
      }
    }
    D* d = v.out<D>(room);
    each_lane(w.lanes, d, f, std::get<K>(sources)...);
    v.done<D>(d);
  }

  template <class T>
  static defined_words defined_of(vector_operation& v, int k) {
    constexpr defined_lanes all{~uint64_t{0}, ~uint64_t{0}};
    const defined_lanes before = v.def;
    defined_words of;
    if constexpr (sizeof(T) == 8) {
      lane_buffer<uint32_t> room;
      for (int n = 0; n < 2; ++n) {
        if (v.source(k).is == operand::constant) continue;
        v.def = all;
        v.words(k, room, n, 64);
        of.word[n] = v.def;
      }
    } else {
      lane_buffer<T> room;
      v.def = all;
      v.in<T>(k, room);
      of.word[0] = v.def;
    }
    v.def = before;
    return of;
  }

  // Tries the undefined bits of each source as zeros and as ones; what of the result then differs is undefined.
  template <class F>
  static defined_words trace(int lanes, const F& f, const defined_words* of, const S*... s) {
    defined_words result{{{0, 0}, {0, 0}}};
    for (int l = 0; l < lanes; ++l) {
      uint64_t all_ones = ~uint64_t{0}, any_ones = 0;
      for (unsigned t = 0; t < 1u << sizeof...(S); ++t) {
        int k = 0;
        const auto filled = [&](auto x) {
          const uint64_t known = defined_bits(of[k], l), fill = t >> k & 1 ? ~known : 0;
          ++k;
          return static_cast<decltype(x)>((static_cast<uint64_t>(x) & known) | fill);
        };
        const std::tuple<S...> x{filled(s[l])...};  // in order, which the arguments of a call are not
        const auto r = static_cast<uint64_t>(static_cast<std::make_unsigned_t<D>>(std::apply(f, x)));
        all_ones &= r;
        any_ones |= r;
      }
      const uint64_t differ = any_ones & ~all_ones;
      for (int n = 0; n < 2; ++n) {
        result.word[n].low |= static_cast<uint64_t>(!(differ >> 32 * n & 0xffff)) << l;
        result.word[n].high |= static_cast<uint64_t>(!(differ >> 32 * n & 0xffff0000)) << l;
      }
    }
    return result;
  }

  static void store(vector_operation& v, const D* x, const defined_words& d) {
    lane_buffer<uint32_t> word;
    for (int n = 0; n < static_cast<int>(sizeof(D) / 4); ++n) {
      each_lane(v.w.lanes, word.x, [n](D b) { return static_cast<uint32_t>(static_cast<uint64_t>(b) >> 32 * n); }, x);
      v.store(v.i.operands[0], word.x, d.word[n], n);
    }
  }
};

template <class D, class... S>
using traced = integers<true, D, S...>;
template <class D, class... S>
using whole = integers<false, D, S...>;

// The bits of 64 bytes that are 0 or 1.
inline uint64_t gather_bits(const uint8_t* is, int lanes) {
  uint64_t mask = 0;
  for (int c = 0; c < lanes; c += 8) {
    uint64_t bytes;
    std::memcpy(&bytes, is + c, 8);
    mask |= (bytes * 0x0102040810204080) >> 56 << c;
  }
  return mask;
}

}  // namespace hipemu
