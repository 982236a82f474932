// SPDX-License-Identifier: Apache-2.0
// How vector operations read and write registers. `lanewise<D, S...>::run<f>` makes a handler of a formula over one
// lane; everything that encodings add to a formula is done here once: scalar and constant sources, |x| and -x, SDWA,
// DPP, op_sel and register halves, clamp and omod, denormals, EXEC, and what is defined.
#pragma once

#if defined(__AVX512F__) || defined(__F16C__)
#include <immintrin.h>
#endif

#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

#include "machine/wave.h"

namespace hipemu {

// Tags for the types of 16 bits whose lanes are computed in another type.
struct half {};   // f16; the lane is a float, rounded to f16 when written
struct bhalf {};  // bf16, likewise

template <class T>
struct lane_of {
  using type = T;
};
template <>
struct lane_of<half> {
  using type = float;
};
template <>
struct lane_of<bhalf> {
  using type = float;
};
template <class T>
using lane_type = typename lane_of<T>::type;

template <class T>
struct lane_buffer {
  alignas(64) lane_type<T> x[lanes_max];
};

// Applies f to each lane. Destination and sources may be the same row: each lane reads before it writes. A formula that
// compilers make no vectors of brings its own.
template <class D, class F, class... S>
inline void each_lane(int lanes, D* d, const F& f, const S*... s) {
  if constexpr (requires { F::all(lanes, d, s...); }) {
    F::all(lanes, d, s...);
  } else {
    for (int c = 0; c < lanes; c += 32) {
#pragma GCC ivdep
      for (int l = 0; l < 32; ++l) d[c + l] = f(s[c + l]...);
    }
  }
}

template <class To, class From>
inline To bit_as(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &x, sizeof(to));
  return to;
}

// By hand, so that loops over lanes vectorise; a signalling NaN stays one.
inline float half_value(uint16_t bits) {
  const uint32_t magnitude = bits & 0x7fff, sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t normal = (magnitude << 13) + ((127 - 15) << 23);
  const uint32_t special = magnitude << 13 | 0x7f800000;
  const uint32_t subnormal = bit_as<uint32_t>(static_cast<float>(static_cast<int32_t>(magnitude)) * 0x1p-24f);
  return bit_as<float>(sign | (magnitude < 0x400 ? subnormal : magnitude < 0x7c00 ? normal : special));
}
// Rounds as the host does at the moment: see mode_rounding.
inline uint16_t half_bits(float x) {
  return bit_as<uint16_t>(static_cast<_Float16>(x));
}
inline void half_bits(int lanes, const float* x, uint32_t* bits) {
#if defined(__AVX512F__)
  for (int l = 0; l < lanes; l += 16) {
    const __m256i h = _mm512_cvtps_ph(_mm512_loadu_ps(x + l), _MM_FROUND_CUR_DIRECTION);
    _mm512_storeu_si512(bits + l, _mm512_cvtepu16_epi32(h));
  }
#elif defined(__F16C__) && defined(__AVX2__)
  for (int l = 0; l < lanes; l += 8) {
    const __m128i h = _mm256_cvtps_ph(_mm256_loadu_ps(x + l), _MM_FROUND_CUR_DIRECTION);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(bits + l), _mm256_cvtepu16_epi32(h));
  }
#else
  for (int l = 0; l < lanes; ++l) bits[l] = half_bits(x[l]);
#endif
}
inline float bhalf_value(uint16_t bits) {
  return bit_as<float>(static_cast<uint32_t>(bits) << 16);
}
inline uint16_t bhalf_bits(float x) {
  const uint32_t bits = bit_as<uint32_t>(x);
  if (x != x) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float flush(float x) {  // a subnormal to zero of its sign
  const uint32_t bits = bit_as<uint32_t>(x);
  return bits & 0x7f800000 ? x : bit_as<float>(bits & 0x80000000);
}
inline double flush(double x) {
  const uint64_t bits = bit_as<uint64_t>(x), sign = uint64_t{1} << 63;
  return bits & uint64_t{0x7ff} << 52 ? x : bit_as<double>(bits & sign);
}

// The bits of a constant operand of type T.
template <class T>
inline auto constant_bits(const operand& x) {
  if constexpr (std::is_same_v<T, half> || std::is_same_v<T, bhalf> || (sizeof(T) == 2 && std::is_integral_v<T>)) {
    if (!x.floating) return static_cast<uint16_t>(x.bits);
    const float value = static_cast<float>(bit_as<double>(x.bits));
    return std::is_same_v<T, bhalf> ? bhalf_bits(value) : half_bits(value);
  } else if constexpr (sizeof(T) == 8) {
    if (x.floating) return x.bits;  // 1/(2 pi) is printed to the digits of a double
    if (!x.literal) return x.bits;
    if (std::is_same_v<T, double> && x.bits <= 0xffffffff) return x.bits << 32;
    return std::is_same_v<T, int64_t> ? static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(x.bits)))
                                      : x.bits;
  } else {
    if (!x.floating) return static_cast<uint32_t>(x.bits);
    return bit_as<uint32_t>(static_cast<float>(bit_as<double>(x.bits)));
  }
}

// A scalar source: SGPRs, specials, constants. `defined` has a bit for each bit.
struct scalar_source {
  uint64_t x = 0, defined = ~uint64_t{0};
};
scalar_source read_scalar(const wave& w, const operand& x);  // registers and specials: as many words as they span
void write_scalar(wave& w, const operand& x, uint64_t value, int words, uint64_t defined = ~uint64_t{0});
[[noreturn]] void bad_operand(const instruction& i, int index);
// Throws an undefined_value fault that names what depends on it, if any of the `needed` bits is not in `defined`.
void need_defined(const wave& w, uint64_t defined, uint64_t needed, const char* what);

inline defined_lanes operator&(defined_lanes a, defined_lanes b) {
  return {a.low & b.low, a.high & b.high};
}

// Sets the host's rounding to MODE's for results of type T, while it lives. Nearest even, the usual one, costs a branch.
void set_host_rounding(uint8_t mode);
template <class T>
class mode_rounding {
 public:
  explicit mode_rounding(const wave& w) {
    if constexpr (std::is_floating_point_v<lane_type<T>>)
      mode_ = std::is_same_v<T, float> ? w.mode.round_32 : w.mode.round_16_64;
    if (mode_) [[unlikely]]
      set_host_rounding(mode_);
  }
  ~mode_rounding() {
    if (mode_) [[unlikely]]
      set_host_rounding(0);
  }
  mode_rounding(const mode_rounding&) = delete;
  mode_rounding& operator=(const mode_rounding&) = delete;

 private:
  uint8_t mode_ = 0;
};

// One execution of a vector instruction.
class vector_operation {
 public:
  vector_operation(wave& wave_, const instruction& instruction_) : w(wave_), i(instruction_), active(wave_.exec()) {}

  wave& w;
  const instruction& i;
  uint64_t active;  // the lanes that write: EXEC, less what DPP masks out
  // The lanes of which every source read so far is defined, by halves; what is read in part counts as its part.
  defined_lanes def{~uint64_t{0}, ~uint64_t{0}};

  const operand& source(int k) const { return i.operands[i.destinations + k]; }
  int sources() const { return i.operand_count - i.destinations; }

  // The lanes of source k as T. A pointer to the register itself where nothing has to be done to it.
  template <class T>
  const lane_type<T>* in(int k, lane_buffer<T>& room) {
    if (k >= sources()) bad_operand(i, i.destinations + k);
    return read<T>(source(k), k, room);
  }
  // What the destination holds, for operations that accumulate into it.
  template <class T>
  const lane_type<T>* accumulator(lane_buffer<T>& room) {
    return read<T>(i.operands[0], no_source, room);
  }

  // Where to put the result, and what puts it into the destination.
  template <class T>
  lane_type<T>* out(lane_buffer<T>& room, int destination = 0);
  template <class T>
  void done(lane_type<T>* result, int destination = 0);
  // The part of it that changes values: omod, clamp, output denormals.
  template <class T>
  void finish(lane_type<T>* result);
  // f16 of lanes that finish() saw.
  void to_half(const float* result, uint32_t* bits);

  // The 32-bit words of source k, before modifiers: word n of those it spans.
  const uint32_t* words(int k, lane_buffer<uint32_t>& room, int n = 0, int bits = 32) {
    return words(source(k), k, room, n, bits);
  }
  // Writes words of the destination, with EXEC; SDWA's selection if `narrow`.
  void store(const operand& to, const uint32_t* words, defined_lanes defined, int n = 0);
  void store_half(const operand& to, const uint32_t* halves, defined_lanes defined);
  void store_half(const operand& to, const uint32_t* halves, defined_lanes defined, bool high, bool keep_other);
  // A comparison's result: one bit a lane, zero for inactive lanes.
  void store_mask(const operand& to, uint64_t mask);

  bool denormals_kept(bool input, bool wide) const {
    const uint8_t kept = wide ? w.mode.denormal_16_64 : w.mode.denormal_32;
    return kept & (input ? 1 : 2);
  }

 private:
  static constexpr int no_source = 8;
  template <class T>
  const lane_type<T>* read(const operand& x, int k, lane_buffer<T>& room);
  const uint32_t* words(const operand& x, int k, lane_buffer<uint32_t>& room, int n, int bits);
  void dpp(const uint32_t* from, uint32_t* to, defined_lanes& defined);
  void sdwa(const operand& x, sdwa_select select, const uint32_t* from, uint32_t* to, defined_lanes& defined,
            bool floating);
};

// Formulas over lanes as handlers.
template <class D, class... S>
struct lanewise {
  template <auto F>
  static void run(wave& w, const instruction& i) {
    run_with<F>(w, i, std::index_sequence_for<S...>{});
  }

 private:
  template <auto F, size_t... K>
  static void run_with(wave& w, const instruction& i, std::index_sequence<K...>) {
    vector_operation v(w, i);
    std::tuple<lane_buffer<S>...> rooms;
    const std::tuple<const lane_type<S>*...> sources{v.in<S>(K, std::get<K>(rooms))...};
    lane_buffer<D> room;
    lane_type<D>* d = v.out<D>(room);
    const mode_rounding<D> rounding(w);
    each_lane(w.lanes, d, F, std::get<K>(sources)...);
    v.done<D>(d);
  }
};

// Predicates over lanes as handlers; with `Exec` the result goes to EXEC as well (v_cmpx), and from gfx10 on only there.
template <class... S>
struct comparison {
  template <auto F, bool Exec = false>
  static void run(wave& w, const instruction& i) {
    run_with<F, Exec>(w, i, std::index_sequence_for<S...>{});
  }

 private:
  template <auto F, bool Exec, size_t... K>
  static void run_with(wave& w, const instruction& i, std::index_sequence<K...>) {
    vector_operation v(w, i);
    std::tuple<lane_buffer<S>...> rooms;
    const std::tuple<const lane_type<S>*...> sources{v.in<S>(K, std::get<K>(rooms))...};
    alignas(64) uint8_t is[lanes_max];
    each_lane(w.lanes, is, [](lane_type<S>... x) { return static_cast<uint8_t>(F(x...)); }, std::get<K>(sources)...);
    uint64_t mask = 0;
    for (int c = 0; c < w.lanes; c += 8) {
      uint64_t bytes;
      std::memcpy(&bytes, is + c, 8);
      mask |= (bytes * 0x0102040810204080) >> 56 << c;  // gathers the low bits of eight bytes
    }
    if constexpr (Exec) {
      mask &= v.active;
      need_defined(w, v.def.low & v.def.high, v.active, "EXEC");
      w.set_exec(mask);
      if (i.destinations) v.store_mask(i.operands[0], mask);
    } else {
      v.store_mask(i.operands[0], mask);
    }
  }
};

template <class T>
const lane_type<T>* vector_operation::read(const operand& x, int k, lane_buffer<T>& room) {
  if constexpr (sizeof(T) == 8) {
    uint64_t* bits = reinterpret_cast<uint64_t*>(room.x);
    if (x.is == operand::constant) {
      const uint64_t value = constant_bits<T>(x);
      for (int l = 0; l < w.lanes; ++l) bits[l] = value;
    } else {
      lane_buffer<uint32_t> low_room, high_room;
      const uint32_t* low = words(x, k, low_room, 0, 64);
      const uint32_t* high = words(x, k, high_room, 1, 64);
      each_lane(w.lanes, bits, [](uint32_t l, uint32_t h) { return l | static_cast<uint64_t>(h) << 32; }, low, high);
    }
    if (x.absolute) each_lane(w.lanes, bits, [](uint64_t b) { return b & ~(uint64_t{1} << 63); }, bits);
    if (x.negate) each_lane(w.lanes, bits, [](uint64_t b) { return b ^ uint64_t{1} << 63; }, bits);
    if constexpr (std::is_same_v<T, double>) {
      if (!denormals_kept(true, true))
        each_lane(
            w.lanes, bits, [](uint64_t b) { return b & uint64_t{0x7ff} << 52 ? b : b & uint64_t{1} << 63; }, bits);
    }
    return room.x;
  } else if constexpr (std::is_same_v<T, half> || std::is_same_v<T, bhalf> || sizeof(lane_type<T>) == 2) {
    // 16 bits: the lower or the upper half of a register.
    lane_buffer<uint32_t> word_room, half_room;
    const uint32_t* from;
    uint32_t* h = half_room.x;
    if (x.is == operand::constant) {
      const uint32_t value = constant_bits<T>(x);
      for (int l = 0; l < w.lanes; ++l) h[l] = value;
    } else {
      // An accumulator is the third source of op_sel.
      const bool high = x.high || (!x.half && i.op_sel >> (k == no_source ? 2 : k) & 1);
      const defined_lanes before = def;
      def = {~uint64_t{0}, ~uint64_t{0}};
      from = words(x, k, word_room, 0, 16);
      const uint64_t kept = high ? def.high : def.low;
      def = before & defined_lanes{kept, kept};
      const int shift = high ? 16 : 0;
      each_lane(w.lanes, h, [shift](uint32_t b) { return b >> shift & 0xffff; }, from);
    }
    if (x.absolute) each_lane(w.lanes, h, [](uint32_t b) { return b & 0x7fff; }, h);
    if (x.negate) each_lane(w.lanes, h, [](uint32_t b) { return b ^ 0x8000; }, h);
    if constexpr (std::is_same_v<T, half>) {
      if (!denormals_kept(true, true)) each_lane(w.lanes, h, [](uint32_t b) { return b & 0x7c00 ? b : b & 0x8000; }, h);
      each_lane(w.lanes, room.x, [](uint32_t b) { return half_value(static_cast<uint16_t>(b)); }, h);
    } else if constexpr (std::is_same_v<T, bhalf>) {
      each_lane(w.lanes, room.x, [](uint32_t b) { return bhalf_value(static_cast<uint16_t>(b)); }, h);
    } else {
      each_lane(w.lanes, room.x, [](uint32_t b) { return static_cast<T>(b); }, h);
    }
    return room.x;
  } else {
    static_assert(sizeof(T) == 4);
    const bool as_it_is = x.is == operand::vector && !x.negate && !x.absolute && !i.sdwa && i.dpp == dpp_kind::none &&
                          (!std::is_same_v<T, float> || denormals_kept(true, false));
    if (as_it_is) {
      def = def & w.defined[x.index];
      return reinterpret_cast<const T*>(w.v(x.index));
    }
    uint32_t* bits = reinterpret_cast<uint32_t*>(room.x);
    const uint32_t* from;
    if (x.is == operand::constant) {
      const uint32_t value = constant_bits<T>(x);
      for (int l = 0; l < w.lanes; ++l) bits[l] = value;
      from = bits;
    } else {
      from = words(x, k, reinterpret_cast<lane_buffer<uint32_t>&>(room), 0, std::is_same_v<T, float> ? 33 : 32);
    }
    if (x.absolute) each_lane(w.lanes, bits, [](uint32_t b) { return b & 0x7fffffff; }, from), from = bits;
    if (x.negate) each_lane(w.lanes, bits, [](uint32_t b) { return b ^ 0x80000000; }, from), from = bits;
    if constexpr (std::is_same_v<T, float>) {
      if (!denormals_kept(true, false)) {
        each_lane(w.lanes, bits, [](uint32_t b) { return b & 0x7f800000 ? b : b & 0x80000000; }, from);
        from = bits;
      }
    }
    return reinterpret_cast<const T*>(from);
  }
}

template <class T>
lane_type<T>* vector_operation::out(lane_buffer<T>& room, int destination) {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, uint32_t> || std::is_same_v<T, int32_t>) {
    const operand& to = i.operands[destination];
    const bool as_it_is = to.is == operand::vector && active == w.all_lanes && !i.clamp && !i.omod && !i.sdwa &&
                          (!std::is_same_v<T, float> || denormals_kept(false, false));
    if (as_it_is) return reinterpret_cast<T*>(w.v(to.index));
  }
  return room.x;
}

template <class T>
inline void vector_operation::finish(lane_type<T>* r) {
  if constexpr (std::is_floating_point_v<lane_type<T>>) {
    const bool as_it_is = !i.omod && !i.clamp && (std::is_empty_v<T> || denormals_kept(false, sizeof(T) == 8));
    if (as_it_is) [[likely]]
      return;
    using F = lane_type<T>;
    // omod scales what has been rounded, makes -0 and subnormals +0, and works only where MODE flushes subnormals.
    if (i.omod && !denormals_kept(false, !std::is_same_v<T, float>)) {
      if constexpr (std::is_same_v<T, half>) {
        lane_buffer<uint32_t> bits;
        to_half(r, bits.x);
        each_lane(w.lanes, r, [](uint32_t b) { return half_value(static_cast<uint16_t>(b)); }, bits.x);
      }
      constexpr F smallest = std::is_same_v<T, half> ? F(0x1p-14) : std::numeric_limits<F>::min();
      const F by = i.omod == 1 ? 2 : i.omod == 2 ? 4 : F(0.5);
      each_lane(
          w.lanes, r,
          [by](F x) {
            const F scaled = flush(x) * by;
            return std::fabs(scaled) < smallest ? 0 : scaled;
          },
          r);
    }
    // To [+0, 1].
    if (i.clamp) {
      const bool keep_nan = !w.mode.dx10_clamp;
      each_lane(w.lanes, r, [keep_nan](F x) { return keep_nan && x != x ? x : x > 0 ? (x > 1 ? F(1) : x) : F(0); }, r);
    }
    if constexpr (std::is_same_v<T, float>) {
      if (!denormals_kept(false, false)) each_lane(w.lanes, r, [](float x) { return flush(x); }, r);
    } else if constexpr (std::is_same_v<T, double>) {
      if (!denormals_kept(false, true)) each_lane(w.lanes, r, [](double x) { return flush(x); }, r);
    }
  }
}

template <class T>
void vector_operation::done(lane_type<T>* r, int destination) {
  const operand& to = i.operands[destination];
  finish<T>(r);
  const uint64_t both = def.low & def.high;
  if constexpr (std::is_same_v<T, half> || std::is_same_v<T, bhalf> || sizeof(lane_type<T>) == 2) {
    lane_buffer<uint32_t> bits;
    if constexpr (std::is_same_v<T, half>)
      to_half(r, bits.x);
    else if constexpr (std::is_same_v<T, bhalf>)
      each_lane(w.lanes, bits.x, [](float x) -> uint32_t { return bhalf_bits(x); }, r);
    else
      each_lane(w.lanes, bits.x, [](T x) -> uint32_t { return static_cast<uint16_t>(x); }, r);
    store_half(to, bits.x, {both, both});
  } else if constexpr (sizeof(lane_type<T>) == 8) {
    lane_buffer<uint32_t> low, high;
    const uint64_t* bits = reinterpret_cast<uint64_t*>(r);
    each_lane(w.lanes, low.x, [](uint64_t b) { return static_cast<uint32_t>(b); }, bits);
    each_lane(w.lanes, high.x, [](uint64_t b) { return static_cast<uint32_t>(b >> 32); }, bits);
    store(to, low.x, {both, both}, 0);
    store(to, high.x, {both, both}, 1);
  } else {
    static_assert(std::is_same_v<T, float> || std::is_integral_v<T>);
    const uint32_t* bits = reinterpret_cast<uint32_t*>(r);
    if (to.is == operand::vector && bits == w.v(to.index))
      w.defined[to.index] = {both, both};
    else
      store(to, bits, {both, both});
  }
}

}  // namespace hipemu
