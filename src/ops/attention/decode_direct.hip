// SPDX-License-Identifier: Apache-2.0
// Decode over a cache of fp8 by matrix instructions of NVIDIA, for up to 8 query heads a block, without LDS: lanes read keys and values
// from memory where the instructions want them, 16 bytes at a time.
//
//   S' = K Q'      keys by heads. k is the column, and which k stands for which column does not matter, if queries have the same: a lane
//                  has 16 columns side by side.
//   O' += V' P'    columns by heads. k is the key; a lane has the same columns of the keys 2t, 2t+1, 2t+8 and 2t+9 (t = lane % 4), and
//                  puts pairs together byte by byte.
//
// P' changes lanes in between, by one instruction. The waves of a block share out the keys of a chunk.
#include "device/fp8_halves.h"
#include "ops/attention/decode_state.h"
#include "ops/attention/decode_tile.hip"

namespace hipinfer {

// Keys: of a tile, 16 or 32.
template <int Columns, int Keys, int Waves, class T>
class decode_direct_wave {
 public:
  static constexpr int keys = Keys, heads = 8;
  using state = decode_state<Waves, heads, Columns + 8>;  // rows begin on other banks

 private:
  using params = paged_attention_decode_params;
  static constexpr int key_pieces = Columns / 64;   // that a lane has of a key, 64 bytes apart
  static constexpr int value_words = Columns / 32;  // of a value, in pieces that are 128 bytes apart
  static constexpr int value_piece = value_words < 4 ? value_words : 4;  // words
  static constexpr int steps = Columns / 16;  // of a score's products; and sums of 16 columns
  static constexpr int parts = Keys / 16;     // of a tile, 16 keys each

 public:
  HIPINFER_DEVICE decode_direct_wave(const params& p, const decode_work& w)
      : p_(p), w_(w), group_(lane_id() / 4), in_group_(lane_id() % 4), raw_(1 / p.scale_log2) {}

  // Keys begin to end - 1. Keys of the next tile are on their way from the moment that those of this one are multiplied, and so are values.
  HIPINFER_DEVICE void attend(int begin, int end) {
    end_ = end;
    if (begin >= end) return;
    load_queries();
    const float k_scale = k_scale_of(p_, w_.kv_head);
    const char* key_base =
        static_cast<const char*>(p_.k_cache) + first_offset(w_.request, w_.kv_head, p_.k_stride) + in_group_ * 16;
    const char* value_base =
        static_cast<const char*>(p_.v_cache) + first_offset(w_.request, w_.kv_head, p_.v_stride) + value_column(0);
    step_ = place_of(Keys, p_.page_size);
    last_ = place_of(end - 1, p_.page_size);
    place_ = place_of(begin + lane_id() % Keys, p_.page_size);
    look_up(begin);
    turn(begin);
    load_keys(key_base);
    load_values(value_base);
    look_up(begin + Keys);
#pragma unroll 1
    for (int first = begin; first < end; first += Keys) {
      float score[parts][4];
      multiply_keys(score);
      const int next = first + Keys;
      const bool more = next<end, masked = next> end || first < w_.from;
      if (more) {
        turn(next);
        load_keys(key_base);
      }
      for_each(score, [&](int, int, float& x) { x *= k_scale; });
      if (p_.shaped) shape(score, first);
      if (masked) mask(score, first);
      uint32_t weights[parts][2];
      weigh(score, weights);
      if (masked) clear_values(first);
      multiply_values(weights);
      if (more) {
        load_values(value_base);
        look_up(next + Keys);
      }
    }
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      sum_[i] += lane_xor<4>(sum_[i]);
      sum_[i] += lane_xor<8>(sum_[i]);
      sum_[i] += lane_xor<16>(sum_[i]);
    }
  }

  HIPINFER_DEVICE void leave(state& to, int wave) const {
#pragma unroll
    for (int m = 0; m < steps; ++m) {
#pragma unroll
      for (int e = 0; e < 4; ++e) {
        const int column = value_column(m / 2) + m % 2 * 2 + e / 2;
        to.value[wave][2 * in_group_ + e % 2][column] = out_[m][e];
      }
    }
    if (group_ != 0) return;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      to.most[wave][2 * in_group_ + i] = anchor_[i] * raw_;
      to.sum[wave][2 * in_group_ + i] = sum_[i];
    }
  }

 private:
  // Of the first element of this lane's word `w` of a value.
  HIPINFER_DEVICE int value_column(int w) const {
    return (w / value_piece * 8 + group_) * (value_piece * 4) + w % value_piece * 4;
  }
  // Of this lane's key, and value, `k` of a tile.
  HIPINFER_DEVICE static constexpr int key_offset(int k) { return k * 8; }                // from group_
  HIPINFER_DEVICE static constexpr int value_offset(int k) { return k % 2 + k / 2 * 8; }  // from 2 in_group_

  HIPINFER_DEVICE void load_queries() {
    const int g = group_ < w_.heads ? group_ : w_.heads - 1;  // what heads past the last one give is not stored
    const T* row = static_cast<const T*>(p_.query) + w_.b * p_.query_stride[0] + (w_.head + g) * p_.query_stride[1];
#pragma unroll
    for (int s = 0; s < steps; s += 2) {
      const int at = s * 4, column = (at / 16 * 4 + in_group_) * 16 + at % 16;
      vec<uint32_t, 4> x{};
      if (column < p_.head_dim) x = load<4>(reinterpret_cast<const uint32_t*>(row + column));
#pragma unroll
      for (int i = 0; i < 4; ++i) query_[s + i / 2][i % 2] = x.at[i];
    }
  }

  // The page, as it is in the table, of this lane's key of the tile that begins at key `first`. A key past the end is the last one.
  HIPINFER_DEVICE void look_up(int first) {
    next_page_ = w_.request.pages[first + lane_id() % Keys < end_ ? place_.page : last_.page];
  }
  // On to the tile that has been looked up.
  HIPINFER_DEVICE void turn(int first) {
    together_ = p_.page_size % Keys == 0 && first + Keys <= end_;
    page_ = w_.request.clamped(next_page_);
    slot_ = first + lane_id() % Keys < end_ ? place_.slot : last_.slot;
    place_ = advance(place_, step_, p_.page_size);
  }
  // f(k, row) for this lane's keys of the tile: the k-th is `own` + offset(k).
  template <int Count, class Offset, class F>
  HIPINFER_DEVICE void for_each_row(const char* base, const int64_t* stride, int own, Offset offset, F f) const {
    const int page_stride = static_cast<int>(stride[0] / 8), slot_stride = static_cast<int>(stride[1] / 8);
    const auto row = [&](int page, int slot) {
      return base + (static_cast<int64_t>(page) * page_stride + static_cast<int64_t>(slot) * slot_stride) * 8;
    };
    if (together_) {
      const char* first = row(page_, slot_ - lane_id() % Keys + own);
#pragma unroll
      for (int k = 0; k < Count; ++k) f(k, first + static_cast<int64_t>(offset(k)) * slot_stride * 8);
    } else {
#pragma unroll
      for (int k = 0; k < Count; ++k) f(k, row(lane_read(page_, own + offset(k)), lane_read(slot_, own + offset(k))));
    }
  }
  HIPINFER_DEVICE void load_keys(const char* base) {
    for_each_row<2 * parts>(base, p_.k_stride, group_, key_offset, [&](int k, const char* row) {
#pragma unroll
      for (int i = 0; i < key_pieces; ++i) {
        key_[k][i] = {};
        if ((i * 4 + in_group_) * 16 < p_.head_dim)
          key_[k][i] = load<4>(reinterpret_cast<const uint32_t*>(row + i * 64));
      }
    });
  }
  HIPINFER_DEVICE void load_values(const char* base) {
    for_each_row<4 * parts>(base, p_.v_stride, 2 * in_group_, value_offset, [&](int k, const char* row) {
#pragma unroll
      for (int w = 0; w < value_words; w += value_piece) {
        // Columns past the last one are not stored: any will do.
        const char* at = row + (value_column(w) < p_.head_dim ? w / value_piece * 128 : -value_column(0));
        const auto x = load<value_piece>(reinterpret_cast<const uint32_t*>(at));
#pragma unroll
        for (int i = 0; i < value_piece; ++i) value_[k][w + i] = x.at[i];
      }
    });
  }
  // The weight of a key that is not seen is 0, but 0 times the infinity that its value may be is not.
  HIPINFER_DEVICE void clear_values(int first) {
#pragma unroll
    for (int k = 0; k < 4 * parts; ++k) {
      const int key = first + 2 * in_group_ + value_offset(k);
#pragma unroll
      for (int w = 0; w < value_words; ++w) value_[k][w] = key < end_ && key >= w_.from ? value_[k][w] : 0;
    }
  }

  HIPINFER_DEVICE void multiply_keys(float (&score)[parts][4]) const {
    float odd[parts][4];  // of every second step: sums that do not wait for each other
    for_each(score, [&](int part, int i, float& x) { x = odd[part][i] = 0; });
    with_type<T>([&](auto widen) {
#pragma unroll
      for (int s = 0; s < steps; ++s) {
#pragma unroll
        for (int part = 0; part < parts; ++part) {
          uint32_t a[4];
          widen(key_[2 * part][s / 4].at[s % 4], a[0], a[2]);
          widen(key_[2 * part + 1][s / 4].at[s % 4], a[1], a[3]);
          tile::detail::multiply_half<T>(s % 2 == 0 ? score[part] : odd[part], a, query_[s]);
        }
      }
    });
    for_each(score, [&](int part, int i, float& x) { x += odd[part][i]; });
  }
  HIPINFER_DEVICE void multiply_values(const uint32_t (&weights)[parts][2]) {
    with_type<f16>([&](auto widen) {
#pragma unroll
      for (int part = 0; part < parts; ++part) {
#pragma unroll
        for (int w = 0; w < value_words; ++w) {
          const auto key = [&](int k) { return value_[4 * part + k][w]; };
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            // Of a pair of keys, bytes side by side: of two columns, which are two rows of the instruction.
            const uint32_t order = half == 0 ? 0x5140 : 0x7362;
            uint32_t a[4];
            widen(__byte_perm(key(0), key(1), order), a[0], a[1]);
            widen(__byte_perm(key(2), key(3), order), a[2], a[3]);
            tile::detail::multiply_half<f16>(out_[2 * w + half], a, weights[part]);
          }
        }
      }
    });
  }
  // f(widen), where widen(word, low, high) gives the two words of To that a word of the cache is.
  template <class To, class F>
  HIPINFER_DEVICE void with_type(F f) const {
    const auto of = [&]<class Q>(Q) {
      f([](uint32_t from, uint32_t& low, uint32_t& high) {
        const vec<uint32_t, 2> x = widened<To, Q>(from);
        low = x.at[0], high = x.at[1];
      });
    };
    switch (p_.cache_type) {
      case dtype::e4m3fn:
        return of(e4m3fn{});
      case dtype::e4m3fnuz:
        return of(e4m3fnuz{});
      case dtype::e5m2:
        return of(e5m2{});
      default:
        return of(e5m2fnuz{});
    }
  }

  // f(part, i, score&): of key group_ + 8 (i / 2) of the part's 16, and head 2 in_group_ + i % 2.
  template <class F>
  HIPINFER_DEVICE static void for_each(float (&score)[parts][4], F f) {
#pragma unroll
    for (int part = 0; part < parts; ++part) {
#pragma unroll
      for (int i = 0; i < 4; ++i) f(part, i, score[part][i]);
    }
  }
  HIPINFER_DEVICE int key_of_score(int part, int i) const { return part * 16 + group_ + i / 2 * 8; }
  HIPINFER_DEVICE void shape(float (&score)[parts][4], int first) const {
    const params& p = read_here(p_);
    scale_scores(p, [&](auto scale) { for_each(score, [&](int, int, float& x) { scale(x); }); });
    if (p.alibi_slopes == nullptr) return;
    for_each(score, [&](int part, int i, float& x) {
      const int g = 2 * in_group_ + i % 2, distance = first + key_of_score(part, i) - (w_.request.length - 1);
      x = fma(slope_of(p, w_.head + (g < w_.heads ? g : 0)), static_cast<float>(distance), x);
    });
  }
  HIPINFER_DEVICE void mask(float (&score)[parts][4], int first) const {
    for_each(score, [&](int part, int i, float& x) {
      const int key = first + key_of_score(part, i);
      if (key < w_.from || key >= end_) x = -infinity;
    });
  }

  // As tile_softmax has it: weights are relative to an anchor that mostly stays where it is.
  HIPINFER_DEVICE void weigh(float (&score)[parts][4], uint32_t (&weights)[parts][2]) {
    float highest[2] = {-infinity, -infinity};
    for_each(score, [&](int, int i, float& x) { highest[i % 2] = max(highest[i % 2], x); });
    if (ballot(highest[0] > bound(0) || highest[1] > bound(1)) != 0) lift(highest);
    float origin[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) origin[i] = anchor_[i] == -infinity ? 0.0f : -anchor_[i];
    for_each(score, [&](int, int i, float& x) {
      x = exp2_fast(fma(x, p_.scale_log2, origin[i % 2]));
      sum_[i % 2] += x;
    });
#pragma unroll
    for (int part = 0; part < parts; ++part) {
#pragma unroll
      for (int k = 0; k < 2; ++k)
        weights[part][k] = tile::detail::transposed_halves(
            tile::detail::pack_weights<f16>(score[part][2 * k], score[part][2 * k + 1]));
    }
  }
  // The raw score from which on the anchor moves: at first, any above -inf.
  HIPINFER_DEVICE float bound(int i) const { return fma(anchor_[i], raw_, most * raw_); }
  HIPINFER_DEVICE void lift(float (&highest)[2]) {
    float factor[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      highest[i] = max(highest[i], lane_xor<4>(highest[i]));
      highest[i] = max(highest[i], lane_xor<8>(highest[i]));
      highest[i] = max(highest[i], lane_xor<16>(highest[i]));
      const float before = anchor_[i];
      if (highest[i] > bound(i)) {
        const float score_log2 = highest[i] * p_.scale_log2;
        anchor_[i] = score_log2 == infinity ? not_a_number : score_log2 - rest;
      }
      factor[i] = before == -infinity ? 1.0f : exp2_fast(before - anchor_[i]);  // 1: of sums that are 0
      sum_[i] *= factor[i];
    }
#pragma unroll
    for (int m = 0; m < steps; ++m) {
#pragma unroll
      for (int e = 0; e < 4; ++e) out_[m][e] *= factor[e % 2];
    }
  }

  static constexpr float rest = 7, most = 15;  // log2 of the weight that the largest score gets, and may get later

  const params& p_;
  const decode_work& w_;
  const int group_, in_group_;
  const float raw_;
  int end_ = 0;
  paged_place step_, last_, place_;  // place_: of this lane's key of the tile after the one that is looked up
  int next_page_, page_, slot_;      // of this lane's key; 16 keys have two lanes each
  bool together_;                    // the tile's keys are in one page, and inside
  uint32_t query_[steps][2];
  vec<uint32_t, 4> key_[2 * parts][key_pieces];
  uint32_t value_[4 * parts][value_words];
  float out_[steps][4] = {};
  float anchor_[2] = {-infinity, -infinity}, sum_[2] = {};  // of heads 2 in_group_ and the next; anchors in log2
};

template <int Columns, int Keys, int Waves, class T>
HIPINFER_DEVICE void decode_direct(const paged_attention_decode_params& p) {
  using wave_type = decode_direct_wave<Columns, Keys, Waves, T>;
  __shared__ typename wave_type::state state;
  with_work(p, wave_type::heads, [&](const decode_work& w) {
    const int wave = thread_id() / wave_size;
    const key_range own = keys_of_wave<Keys, Waves>(w, wave);
    wave_type of_wave(p, w);
    of_wave.attend(own.begin, own.end);
    of_wave.leave(state, wave);
    block_barrier();  // every wave's state is there
    combine_waves<Waves * wave_size, T, true>(read_here(p), w, state, p.head_dim);
  });
}

}  // namespace hipinfer
