// SPDX-License-Identifier: Apache-2.0
// Decode by matrix instructions of NVIDIA, for up to 8 query heads a block, without LDS: a wave takes 16 keys at a time, and its lanes read
// keys and values from memory 16 bytes at a time in the places that the instructions want them in.
//
//   S' = K Q'       16 keys by 8 heads: k is the column, and which column which k is does not matter, if queries have the same
//   O' += V' P'     columns by heads: k is the key; a lane has the same columns of the keys 2t, 2t+1, 2t+8 and 2t+9 (t = lane % 4),
//                   whose pairs it puts together
//
// P' has to change lanes in between, which one instruction does. The waves of a block share out the keys of a chunk.
#include "ops/attention/decode_state.h"
#include "ops/attention/decode_tile.hip"

namespace hipinfer {

template <int Columns, int Waves, class T, class Kv>
class decode_direct_wave {
 public:
  static constexpr bool fp8 = !tile::detail::is_same<T, Kv>;
  static constexpr int keys = 16, heads = 8;
  using state = decode_state<Waves, heads, Columns + 8>;  // rows begin on other banks

 private:
  using params = paged_attention_decode_params;
  static constexpr int bytes = fp8 ? 1 : 2, elements = 16 / bytes;       // of a piece
  static constexpr int key_pieces = Columns * bytes / 64;                // of a key, a lane has them 64 bytes apart
  static constexpr int value_words = Columns * bytes / 32;               // of a value, likewise 128 bytes apart
  static constexpr int value_piece = value_words < 4 ? value_words : 4;  // words side by side
  static constexpr int word_elements = 4 / bytes;
  static constexpr int steps = Columns / 16;  // of a score's products; and sums of 16 columns

 public:
  HIPINFER_DEVICE decode_direct_wave(const params& p, const decode_work& w)
      : p_(p), w_(w), group_(lane_id() / 4), in_group_(lane_id() % 4), raw_(1 / p.scale_log2) {}

  // Keys begin to end - 1.
  HIPINFER_DEVICE void attend(int begin, int end) {
    end_ = end;
    if (begin >= end) return;
    load_queries();
    k_scale_ = fp8 ? k_scale_of(p_, w_.kv_head) : 1.0f;
    const char* key_base = static_cast<const char*>(p_.k_cache) +
                           (first_offset(w_.request, w_.kv_head, p_.k_stride) + in_group_ * elements) * bytes;
    const char* value_base = static_cast<const char*>(p_.v_cache) +
                             (first_offset(w_.request, w_.kv_head, p_.v_stride) + value_column(0)) * bytes;
    step_ = place_of(keys, p_.page_size);
    last_ = place_of(end - 1, p_.page_size);
    place_ = place_of(begin + lane_id() % keys, p_.page_size);
    next_page_ = look_up(begin);
    turn(begin);
    load_keys(key_base);
    load_values(value_base, begin);
    next_page_ = look_up(begin + keys);
#pragma unroll 1
    for (int first = begin; first < end; first += keys) {
      float score[4] = {};
      multiply_keys(score);
      const bool more = first + keys<end, masked = first + keys> end || first < w_.from;
      if (more) {
        turn(first + keys);
        load_keys(key_base);
      }
      if constexpr (fp8) {
#pragma unroll
        for (int i = 0; i < 4; ++i) score[i] *= k_scale_;
      }
      if (p_.shaped) shape(score, first);
      if (masked) mask(score, first);
      uint32_t weights[2];
      weigh(score, weights);
      multiply_values(weights);
      if (more) {
        load_values(value_base, first + keys);
        next_page_ = look_up(first + 2 * keys);
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
      for (int e = 0; e < 4; ++e)
        to.value[wave][2 * in_group_ + e % 2][value_column(2 * m / word_elements) + 2 * m % word_elements + e / 2] =
            out_[m][e];
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
    return (w / value_piece * 8 + group_) * (value_piece * word_elements) + w % value_piece * word_elements;
  }

  HIPINFER_DEVICE void load_queries() {
    const int g = group_ < w_.heads ? group_ : w_.heads - 1;  // what heads past the last one give is not stored
    const T* row = static_cast<const T*>(p_.query) + w_.b * p_.query_stride[0] + (w_.head + g) * p_.query_stride[1];
#pragma unroll
    for (int s = 0; s < steps; s += 2) {
      const int at = s * 4, column = (at / elements * 4 + in_group_) * elements + at % elements;
      vec<uint32_t, 4> x{};
      if (column < p_.head_dim) x = load<4>(reinterpret_cast<const uint32_t*>(row + column));
#pragma unroll
      for (int i = 0; i < 4; ++i) query_[s + i / 2][i % 2] = x.at[i];
    }
  }

  // The page, as it is in the table, of this lane's key of the tile that begins at key `first`; key past the end: of the last one.
  HIPINFER_DEVICE int look_up(int first) const {
    return w_.request.pages[first + lane_id() % keys < end_ ? place_.page : last_.page];
  }
  // On to the tile that has been looked up.
  HIPINFER_DEVICE void turn(int first) {
    page_ = w_.request.clamped(next_page_);
    slot_ = first + lane_id() % keys < end_ ? place_.slot : last_.slot;
    place_ = advance(place_, step_, p_.page_size);
  }
  // Where key `k` of the tile is, by strides of a page and of a slot.
  HIPINFER_DEVICE int64_t offset_of(int k, const int64_t* stride) const {
    const int page = static_cast<int>(lane_read_bits(static_cast<uint32_t>(page_), k));
    const int slot = static_cast<int>(lane_read_bits(static_cast<uint32_t>(slot_), k));
    return (static_cast<int64_t>(page) * static_cast<int>(stride[0] / 8) +
            static_cast<int64_t>(slot) * static_cast<int>(stride[1] / 8)) *
           (8 * bytes);
  }
  HIPINFER_DEVICE void load_keys(const char* base) {
#pragma unroll
    for (int k = 0; k < 2; ++k) {
      const char* row = base + offset_of(group_ + 8 * k, p_.k_stride);
#pragma unroll
      for (int i = 0; i < key_pieces; ++i) {
        key_[k][i] = {};
        if ((i * 4 + in_group_) * elements < p_.head_dim)
          key_[k][i] = load<4>(reinterpret_cast<const uint32_t*>(row + i * 64));
      }
    }
  }
  HIPINFER_DEVICE void load_values(const char* base, int first) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const int key = 2 * in_group_ + k % 2 + k / 2 * 8;
      const char* row = base + offset_of(key, p_.v_stride);
      // The weight of a key that is not seen is 0, but 0 times the infinity that a value may be is not.
      const bool seen = first + key < end_ && first + key >= w_.from;
#pragma unroll
      for (int w = 0; w < value_words; w += value_piece) {
        vec<uint32_t, value_piece> x{};
        if (seen && value_column(w) < p_.head_dim)
          x = load<value_piece>(reinterpret_cast<const uint32_t*>(row + w / value_piece * 128));
#pragma unroll
        for (int i = 0; i < value_piece; ++i) value_[k][w + i] = x.at[i];
      }
    }
  }

  HIPINFER_DEVICE void multiply_keys(float (&score)[4]) const {
    with_type([&](auto widen) {
#pragma unroll
      for (int i = 0; i < key_pieces; ++i) {
#pragma unroll
        for (int w = 0; w < 4; w += bytes) {
          uint32_t a[4];
          widen(key_[0][i].at + w, a[0], a[2]);
          widen(key_[1][i].at + w, a[1], a[3]);
          tile::detail::multiply_half<T>(score, a, query_[(i * elements + w * word_elements) / 4]);
        }
      }
    });
  }
  HIPINFER_DEVICE void multiply_values(const uint32_t (&weights)[2]) {
    with_type([&](auto widen) {
#pragma unroll
      for (int w = 0; w < value_words; ++w) {
        // Pairs of keys, element by element.
        uint32_t pair[2][2];
#pragma unroll
        for (int k = 0; k < 2; ++k) {
          const uint32_t even = value_[2 * k][w], odd = value_[2 * k + 1][w];
          pair[k][0] = __byte_perm(even, odd, fp8 ? 0x5140 : 0x5410);
          pair[k][1] = __byte_perm(even, odd, fp8 ? 0x7362 : 0x7632);
        }
        if constexpr (fp8) {
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            uint32_t a[4];
            widen(&pair[0][half], a[0], a[1]);
            widen(&pair[1][half], a[2], a[3]);
            tile::detail::multiply_half<T>(out_[2 * w + half], a, weights);
          }
        } else {
          const uint32_t a[4] = {pair[0][0], pair[0][1], pair[1][0], pair[1][1]};
          tile::detail::multiply_half<T>(out_[w], a, weights);
        }
      }
    });
  }
  // f(widen), where widen(words, low, high) gives the two words of T that 4 elements of the cache are.
  template <class F>
  HIPINFER_DEVICE void with_type(F f) const {
    if constexpr (!fp8) {
      f([](const uint32_t* from, uint32_t& low, uint32_t& high) { low = from[0], high = from[1]; });
    } else {
      const auto of = [&]<class Q>(Q) {
        f([](const uint32_t* from, uint32_t& low, uint32_t& high) {
          const vec<uint32_t, 2> x = widened<T, Q>(*from);
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
  }

  // A lane has the scores of keys group_ and group_ + 8 (i / 2), of heads 2 in_group_ + i % 2.
  HIPINFER_DEVICE void shape(float (&score)[4], int first) const {
    const params& p = read_here(p_);
    scale_scores(p, [&](auto scale) {
#pragma unroll
      for (int i = 0; i < 4; ++i) scale(score[i]);
    });
    if (p.alibi_slopes == nullptr) return;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int g = 2 * in_group_ + i % 2, distance = first + group_ + i / 2 * 8 - (w_.request.length - 1);
      score[i] = fma(slope_of(p, w_.head + (g < w_.heads ? g : 0)), static_cast<float>(distance), score[i]);
    }
  }
  HIPINFER_DEVICE void mask(float (&score)[4], int first) const {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int key = first + group_ + i / 2 * 8;
      if (key < w_.from || key >= end_) score[i] = -infinity;
    }
  }

  // As tile_softmax has it: weights are relative to an anchor that mostly stays where it is.
  HIPINFER_DEVICE void weigh(float (&score)[4], uint32_t (&weights)[2]) {
    bool lifts = false;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      lifts |= score[i] > bound(i % 2);
    }
    if (ballot(lifts) != 0) lift(score);
    float weight[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float anchor = anchor_[i % 2] == -infinity ? 0.0f : anchor_[i % 2];
      weight[i] = exp2_fast(fma(score[i], p_.scale_log2, -anchor));
      sum_[i % 2] += weight[i];
    }
#pragma unroll
    for (int k = 0; k < 2; ++k)
      weights[k] = tile::detail::transposed_halves(tile::detail::pack_weights<T>(weight[2 * k], weight[2 * k + 1]));
  }
  // The raw score from which on the anchor moves: at first, any above -inf.
  HIPINFER_DEVICE float bound(int i) const { return fma(anchor_[i], raw_, most * raw_); }
  HIPINFER_DEVICE void lift(const float (&score)[4]) {
    float factor[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      float highest = max(score[i], score[i + 2]);
      highest = max(highest, lane_xor<4>(highest));
      highest = max(highest, lane_xor<8>(highest));
      highest = max(highest, lane_xor<16>(highest));
      const float before = anchor_[i];
      if (highest > bound(i)) {
        const float score_log2 = highest * p_.scale_log2;
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
  float k_scale_ = 1;
  paged_place step_, last_, place_;  // place_: of this lane's key of the tile after the one that is looked up
  int next_page_, page_, slot_;      // of this lane's key: 16 keys, two lanes each
  uint32_t query_[steps][2];
  vec<uint32_t, 4> key_[2][key_pieces];
  uint32_t value_[4][value_words];
  float out_[steps][4] = {};
  float anchor_[2] = {-infinity, -infinity}, sum_[2] = {};  // of heads 2 in_group_ and the next; anchors in log2
};

template <int Columns, int Waves, class T, class Kv = T>
HIPINFER_DEVICE void decode_direct(const paged_attention_decode_params& p) {
  using wave_type = decode_direct_wave<Columns, Waves, T, Kv>;
  __shared__ typename wave_type::state state;
  decode_work w;
  if (!find_work(p, w, wave_type::heads)) return;

  // Whole tiles for each wave, of which the last may have fewer keys, or none.
  const int begin =
      w.from / wave_type::keys * wave_type::keys > w.begin ? w.from / wave_type::keys * wave_type::keys : w.begin;
  const int keys = w.end > begin && !w.empty ? w.end - begin : 0, wave = thread_id() / wave_size;
  const int each = (keys + wave_type::keys * Waves - 1) / (wave_type::keys * Waves) * wave_type::keys;
  const int own = begin + wave * each, end = begin + keys;
  wave_type of_wave(p, w);
  of_wave.attend(own, own + each < end ? own + each : end);
  of_wave.leave(state, wave);
  block_barrier();  // every wave's state is there
  combine_waves<Waves * wave_size, T, wave_type::fp8>(read_here(p), w, state, p.head_dim);
}

}  // namespace hipinfer
