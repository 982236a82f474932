// SPDX-License-Identifier: Apache-2.0
// Packed operations: two values of 16 bits in a register, or two of 32 in a pair (VOP3P); the fused operations of mixed
// widths. op_sel says where the lower result's sources are, op_sel_hi where the upper's, neg_lo and neg_hi negate them.
#include "operations/packed.h"

#include "operations/float_formulas.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

template <class T, class Wide>
uint32_t narrow(Wide value, bool clamp) {
  if (!clamp) return static_cast<uint16_t>(value);
  constexpr Wide low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return static_cast<uint16_t>(value < low ? low : value > high ? high : value);
}

template <class T, class Wide>
void store_pair(vector_operation& v, Wide (&r)[2][lanes_max], const uint64_t (&is_defined)[2]) {
  lane_buffer<uint32_t> low, high;
  if constexpr (std::is_same_v<T, half>) {
    v.finish<half>(r[0]);
    v.finish<half>(r[1]);
    v.to_half(r[0], low.x);
    v.to_half(r[1], high.x);
  } else {
    const bool clamp = v.i.clamp;
    each_lane(v.w.lanes, low.x, [=](Wide x) { return narrow<T>(x, clamp); }, r[0]);
    each_lane(v.w.lanes, high.x, [=](Wide x) { return narrow<T>(x, clamp); }, r[1]);
  }
  each_lane(v.w.lanes, low.x, [](uint32_t l, uint32_t h) { return l | h << 16; }, low.x, high.x);
  v.store(v.i.x(0), low.x, {is_defined[0], is_defined[1]});
}

// F over both halves; the destination is the last source if it accumulates.
template <class T, int Sources, bool Accumulates = false>
struct packed {
  template <auto F>
  static void run(wave& w, const instruction& i) {
    run_with<F>(w, i, std::make_index_sequence<Sources>{});
  }

 private:
  template <auto F, size_t... K>
  static void run_with(wave& w, const instruction& i, std::index_sequence<K...>) {
    vector_operation v(w, i);
    packed_buffer<T> sources[Sources];
    uint64_t is_defined[2] = {~uint64_t{0}, ~uint64_t{0}};
    for (int k = 0; k < Sources; ++k) {
      lane_buffer<uint32_t> room;
      defined_lanes from;
      if (Accumulates && k == Sources - 1) {
        const operand& to = i.x(0);
        if (to.is != operand::vector) bad_operand(i, 0);
        read_pair<T>(v, to, 7, w.v(to.index), w.defined[to.index], sources[k], is_defined);
      } else {
        const uint32_t* words = packed_words<T>(v, k, room, from);
        read_pair<T>(v, v.source(k), k, words, from, sources[k], is_defined);
      }
    }
    using result = decltype(F(sources[K].x[0][0]...));
    alignas(64) result r[2][lanes_max];
    const mode_rounding<half> rounding(w);
    for (int h = 0; h < 2; ++h) each_lane(w.lanes, r[h], F, sources[K].x[h]...);
    store_pair<T>(v, r, is_defined);
  }
};

// Two f32 in a pair of registers: op_sel picks the word of each source.
template <int Sources>
struct packed_f32 {
  template <auto F>
  static void run(wave& w, const instruction& i) {
    run_with<F>(w, i, std::make_index_sequence<Sources>{});
  }

 private:
  template <auto F, size_t... K>
  static void run_with(wave& w, const instruction& i, std::index_sequence<K...>) {
    vector_operation v(w, i);
    const int select[2] = {i.op_sel, i.op_sel_hi_or(0xff)}, negate[2] = {i.neg_lo, i.neg_hi};
    lane_buffer<float> results[2];
    uint64_t is_defined[2];
    const mode_rounding<float> rounding(w);
    for (int h = 0; h < 2; ++h) {
      lane_buffer<uint32_t> rooms[Sources];
      lane_buffer<float> changed[Sources];
      const float* x[Sources];
      v.def = {~uint64_t{0}, ~uint64_t{0}};
      for (int k = 0; k < Sources; ++k) {
        const operand& from = v.source(k);
        // A constant is the lower word; a single register has no upper one.
        const int word = from.is == operand::constant ? 0 : select[h] >> k & 1;
        const uint32_t* bits = v.words(k, rooms[k], word);
        const uint32_t sign = (negate[h] >> k & 1) != from.negate ? 0x80000000 : 0;
        x[k] = reinterpret_cast<const float*>(bits);
        if (sign) {
          each_lane(w.lanes, changed[k].x, [sign](uint32_t b) { return as_float(b ^ sign); }, bits);
          x[k] = changed[k].x;
        }
        if (!v.denormals_kept(true, false)) {
          each_lane(w.lanes, changed[k].x, [](float f) { return flush(f); }, x[k]);
          x[k] = changed[k].x;
        }
      }
      each_lane(w.lanes, results[h].x, F, x[K]...);
      v.finish<float>(results[h].x);
      is_defined[h] = v.def.low & v.def.high;
    }
    for (int h = 0; h < 2; ++h)
      v.store(i.x(0), reinterpret_cast<const uint32_t*>(results[h].x), {is_defined[h], is_defined[h]}, h);
  }
};

// v_pack_b32_f16: bits, but for the signs.
void pack_halves(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<uint16_t> a, b;
  lane_buffer<uint32_t> room;
  const uint16_t* x = v.in<uint16_t>(0, a);
  const uint64_t low = v.def.low & v.def.high;
  v.def = {~uint64_t{0}, ~uint64_t{0}};
  const uint16_t* y = v.in<uint16_t>(1, b);
  each_lane(w.lanes, room.x, [](uint16_t l, uint16_t h) { return l | static_cast<uint32_t>(h) << 16; }, x, y);
  v.store(i.x(0), room.x, {low, v.def.low & v.def.high});
}

// v_fma_mix: a source is f16, in the half that op_sel names, where op_sel_hi says so, and f32 elsewhere.
enum class mix_result { f32, low_half, high_half };
template <mix_result To>
void fused_mix(wave& w, const instruction& i) {
  using D = std::conditional_t<To == mix_result::f32, float, half>;
  vector_operation v(w, i);
  lane_buffer<float> rooms[3], room;
  const float* x[3];
  for (int k = 0; k < 3; ++k)
    x[k] =
        i.op_sel_hi >> k & 1 ? v.in<half>(k, reinterpret_cast<lane_buffer<half>&>(rooms[k])) : v.in<float>(k, rooms[k]);
  if constexpr (To == mix_result::f32) {
    float* d = v.out<float>(room);
    {
      const mode_rounding<D> rounding(w);
      each_lane(w.lanes, d, fused, x[0], x[1], x[2]);
    }
    v.done<float>(d);
  } else {
    lane_buffer<uint32_t> bits;
    {
      const mode_rounding<D> rounding(w);
      each_lane(w.lanes, room.x, fused_for_half, x[0], x[1], x[2]);
      v.finish<half>(room.x);
      v.to_half(room.x, bits.x);
    }
    const uint64_t both = v.def.low & v.def.high;
    v.store_half(i.x(0), bits.x, {both, both}, To == mix_result::high_half, true);
  }
}

template <bool Ieee>
constexpr handler packed_min = packed<half, 2>::run<least<Ieee>>;
template <bool Ieee>
constexpr handler packed_max = packed<half, 2>::run<most<Ieee>>;

constexpr auto add = [](int32_t x, int32_t y) { return x + y; };
constexpr auto subtract = [](int32_t x, int32_t y) { return x - y; };
constexpr auto multiply = [](int32_t x, int32_t y) { return static_cast<int64_t>(x) * y; };
constexpr auto multiply_add = [](int32_t x, int32_t y, int32_t z) { return static_cast<int64_t>(x) * y + z; };
constexpr auto lesser = [](int32_t x, int32_t y) { return x < y ? x : y; };
constexpr auto greater = [](int32_t x, int32_t y) { return x > y ? x : y; };
constexpr auto shift_left = [](int32_t n, int32_t x) {
  return static_cast<int32_t>(static_cast<uint32_t>(x) << (n & 15));
};
constexpr auto shift_right = [](int32_t n, int32_t x) { return x >> (n & 15); };

using enum instruction_class;
using i16 = int16_t;
using u16 = uint16_t;

constexpr operation table[] = {
    {"v_pk_add_f16", packed<half, 2>::run<plus>, valu},
    {"v_pk_mul_f16", packed<half, 2>::run<times>, valu},
    {"v_pk_fma_f16", packed<half, 3>::run<fused_for_half>, valu},
    {"v_pk_fmac_f16", packed<half, 3, true>::run<fused_for_half>, valu},
    {"v_pk_min_f16", by_ieee<packed_min<true>, packed_min<false>>, valu},
    {"v_pk_max_f16", by_ieee<packed_max<true>, packed_max<false>>, valu},
    {"v_pk_minimum_f16", packed<half, 2>::run<[](float x, float y) { return minimum(x, y); }>, valu},
    {"v_pk_maximum_f16", packed<half, 2>::run<[](float x, float y) { return maximum(x, y); }>, valu},
    {"v_pk_minimum3_f16", packed<half, 3>::run<[](float x, float y, float z) { return minimum(minimum(x, y), z); }>,
     valu},
    {"v_pk_maximum3_f16", packed<half, 3>::run<[](float x, float y, float z) { return maximum(maximum(x, y), z); }>,
     valu},

    {"v_pk_add_i16", packed<i16, 2>::run<add>, valu},
    {"v_pk_sub_i16", packed<i16, 2>::run<subtract>, valu},
    {"v_pk_mad_i16", packed<i16, 3>::run<multiply_add>, valu},
    {"v_pk_min_i16", packed<i16, 2>::run<lesser>, valu},
    {"v_pk_max_i16", packed<i16, 2>::run<greater>, valu},
    {"v_pk_ashrrev_i16", packed<i16, 2>::run<shift_right>, valu},
    {"v_pk_add_u16", packed<u16, 2>::run<add>, valu},
    {"v_pk_sub_u16", packed<u16, 2>::run<subtract>, valu},
    {"v_pk_mul_lo_u16", packed<u16, 2>::run<multiply>, valu},
    {"v_pk_mad_u16", packed<u16, 3>::run<multiply_add>, valu},
    {"v_pk_min_u16", packed<u16, 2>::run<lesser>, valu},
    {"v_pk_max_u16", packed<u16, 2>::run<greater>, valu},
    {"v_pk_lshlrev_b16", packed<u16, 2>::run<shift_left>, valu},
    {"v_pk_lshrrev_b16", packed<u16, 2>::run<shift_right>, valu},

    {"v_pk_add_f32", packed_f32<2>::run<plus>, valu},
    {"v_pk_mul_f32", packed_f32<2>::run<times>, valu},
    {"v_pk_fma_f32", packed_f32<3>::run<fused>, valu},
    {"v_pack_b32_f16", pack_halves, valu},

    {"v_fma_mix_f32", fused_mix<mix_result::f32>, valu},
    {"v_fma_mixlo_f16", fused_mix<mix_result::low_half>, valu},
    {"v_fma_mixhi_f16", fused_mix<mix_result::high_half>, valu},
};

}  // namespace

std::span<const operation> packed_operations() {
  return table;
}

}  // namespace hipemu
