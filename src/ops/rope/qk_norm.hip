// SPDX-License-Identifier: Apache-2.0
// A group of lanes serves several heads of one token. In all kernels but the last a lane holds the first and the second
// elements of a few pairs, wherever these are, or as many of the elements that are not rotated. It multiplies weights and
// angles into factors once for all of the group's heads.
// General: there may be elements that are not rotated, and more lanes than a wave has.
#include "device/math.h"
#include "device/reduce.h"
#include "ops/rope/params.h"
#include "ops/rope/units.h"

namespace hipinfer {

// A group's token and heads. A group beyond the last token has no heads, but takes part in sums.
template <class T>
struct group {
  rope_chunk<T> own;
  int64_t token;
  int lane, lanes;
};
template <class T, int Threads>
HIPINFER_DEVICE group<T> group_of(const qk_norm_rope_params& p) {
  const token_share share = share_of<Threads>(p);
  const int lanes = 1 << p.lanes_log2;
  const int64_t token = share.there ? share.token : 0;
  group<T> g{chunk_of<T>(p, token, static_cast<int>(share.slot >> p.lanes_log2)), token,
             static_cast<int>(share.slot) & (lanes - 1), lanes};
  if (!share.there) g.own.count.left = 0;
  return g;
}

HIPINFER_DEVICE const float* angles_of(const qk_norm_rope_params& p, int64_t token) {
  return angles_at(p, index_at(p.positions, p.wide, token));
}

// Sums over the lanes of each group; each gets the result. The order follows from the lanes alone.
template <bool InWave, int N, int Waves>
HIPINFER_DEVICE void sum_lanes(const qk_norm_rope_params& p, float (&words)[N][Waves], float (&x)[N]) {
  const int lanes = 1 << p.lanes_log2;
#define STEP(least, mask)                                     \
  if (lanes >= least) {                                       \
    for (int k = 0; k < N; ++k) x[k] += lane_xor<mask>(x[k]); \
  }
  // Lanes of a quad agree after two steps, so that mirrors (7 and 15) do what xor 4 and xor 8 would.
  STEP(2, 1) STEP(4, 2) STEP(8, 7) STEP(16, 15) STEP(32, 16) if constexpr (wave_size >= 64) {
    STEP(64, 32)
  }
#undef STEP
  if constexpr (!InWave) {
    if (lanes <= wave_size) return;
    block_barrier();  // the words of the turn before have been read
    if (lane_id() == 0) {
      for (int k = 0; k < N; ++k) words[k][thread_id() / wave_size] = x[k];
    }
    block_barrier();  // every wave's words are there
    const int many = lanes / wave_size, first = (thread_id() >> p.lanes_log2) * many;
    for (int k = 0; k < N; ++k) {
      x[k] = 0;
      for (int w = 0; w < many; ++w) x[k] += words[k][first + w];
    }
  }
}

// For 16-bit elements the hardware's estimate, within two units in fp32's last place, is exact enough.
template <class T>
HIPINFER_DEVICE float factor_of(const qk_norm_rope_params& p, float squares) {
  const float mean = fma(squares, p.inverse_n, p.eps);
  return sizeof(T) == 2 ? rsqrt_fast(mean) : rsqrt(mean);
}

template <int N, class T>
HIPINFER_DEVICE void load_weights(const qk_norm_rope_params& p, bool key, int64_t i, float (&v)[N]) {
  const void* weight = key ? p.k_weight : p.q_weight;
  if (p.weights_are_f32)
    load_floats<N>(static_cast<const float*>(weight) + i, v);
  else
    load_floats<N>(static_cast<const T*>(weight) + i, v);
}

// What a lane's elements x become: a' = x_a a_own - x_b b_other, b' = x_b b_own + x_a a_other.
template <int Pairs>
struct factors {
  float a_own[Pairs], b_own[Pairs], a_other[Pairs], b_other[Pairs];
};

template <class T, bool Interleaved, bool General, int Waves>
class lane_of_heads {
 public:
  static constexpr int pairs = vector_width<T> / 2, parts = Interleaved ? 1 : 2, width = vector_width<T> / parts;
  static constexpr int batch = General ? 1 : 2;  // heads

  HIPINFER_DEVICE lane_of_heads(const qk_norm_rope_params& p, const group<T>& g)
      : own_(g.own), rotary_(!General || g.lane * pairs < p.half) {
    const int first = g.lane * pairs;
    const bool there = 2 * first < p.head_dim, halves = !Interleaved && rotary_;
    if (!there) own_.count.left = 0;
    const int at = halves ? first : 2 * first;
    second_ = halves ? p.half : pairs;
    own_.from.x += at;
    own_.to.x += at;
    read();
    if (there) set_factors(p, angles_of(p, g.token), first, at);
  }

  HIPINFER_DEVICE void run(const qk_norm_rope_params& p, float (&words)[batch][Waves]) {
#pragma unroll 1
    for (int turns = p.turns; turns > 0; turns -= batch) {
      float v[batch][2 * pairs], sum[batch];
      for (int k = 0; k < batch; ++k) {
        sum[k] = 0;  // nobody sees that of a head that is not there; lanes beyond a head's end have zeros
        for (int part = 0; part < parts; ++part) {
          float x[width];
          to_floats(x_[k][part].get(), x);
          for (int i = 0; i < width; ++i) v[k][part * width + i] = x[i];
        }
        for (int i = 0; i < 2 * pairs; ++i) sum[k] = fma(v[k][i], v[k][i], sum[k]);
      }
      // The next heads are on their way while these are summed.
      own_.count.left -= batch * own_.count.apart;
      read();
      sum_lanes<!General>(p, words, sum);
      for (int k = 0; k < batch; ++k) {
        if (own_.count.has(k - batch)) put(own_.to.x, v[k], factor_of<T>(p, sum[k]));
        own_.to.x += own_.to.step;
      }
    }
  }

 private:
  HIPINFER_DEVICE void read() {
    for (int k = 0; k < batch; ++k) {
      if (own_.count.has(k)) {
        for (int part = 0; part < parts; ++part) x_[k][part].load_from(own_.from.x + part * second_);
      }
      own_.from.x += own_.from.step;
    }
  }

  // The k-th element of a pair, of 2 * pairs in the order in which they are read.
  HIPINFER_DEVICE static constexpr int element(int pair, int k) {
    return Interleaved ? 2 * pair + k : pair + k * pairs;
  }

  HIPINFER_DEVICE void set_factors(const qk_norm_rope_params& p, const float* row, int first, int at) {
    float cosine[pairs], sine[pairs], low[pairs], high[pairs];
    if (row != nullptr && rotary_) {
      load_floats<pairs>(row + first, cosine);
      load_floats<pairs>(row + p.half + first, sine);
    } else {
      for (int i = 0; i < pairs; ++i) cosine[i] = sine[i] = row == nullptr ? not_a_number : 1.0f;
    }
    load_weights<pairs, T>(p, own_.key, at, low);
    load_weights<pairs, T>(p, own_.key, at + second_, high);
    for (int i = 0; i < pairs; ++i) {
      const int a = element(i, 0), b = element(i, 1);
      const float of_a = a < pairs ? low[a] : high[a - pairs], of_b = b < pairs ? low[b] : high[b - pairs];
      by_.a_own[i] = of_a * cosine[i];
      by_.b_own[i] = of_b * cosine[i];
      by_.a_other[i] = of_a * sine[i];
      by_.b_other[i] = of_b * sine[i];
    }
  }

  HIPINFER_DEVICE void put(T* y, float (&v)[2 * pairs], float factor) const {
    for (int i = 0; i < pairs; ++i) {
      const float a = v[element(i, 0)] * factor, b = v[element(i, 1)] * factor;
      // Not with factors of 0 for what is not rotated: an infinite element would spoil its neighbour.
      const bool rotary = !General || rotary_;
      v[element(i, 0)] = rotary ? fma(a, by_.a_own[i], -(b * by_.b_other[i])) : a * by_.a_own[i];
      v[element(i, 1)] = rotary ? fma(b, by_.b_own[i], a * by_.a_other[i]) : b * by_.b_own[i];
    }
    for (int part = 0; part < parts; ++part) {
      float x[width];
      for (int i = 0; i < width; ++i) x[i] = v[part * width + i];
      store_floats<width>(y + part * second_, x);
    }
  }

  rope_chunk<T> own_;
  bool rotary_;
  int second_;  // elements from a lane's first part to its second
  factors<pairs> by_;
  loaded<T, width> x_[batch][parts] = {};
};

// The two layouts have kernels of their own where it pays: in one, registers would spill.
template <class T, bool Interleaved, bool General, int Threads>
HIPINFER_DEVICE void qk_norm_vectors(const qk_norm_rope_params& p) {
  constexpr int waves = Threads / wave_size;
  using lane = lane_of_heads<T, Interleaved, General, waves>;
  __shared__ float words[lane::batch][waves];
  lane(p, group_of<T, Threads>(p)).run(p, words);
}
template <class T, int Threads>
HIPINFER_DEVICE void qk_norm_general(const qk_norm_rope_params& p) {
  if (p.interleaved)
    qk_norm_vectors<T, true, true, Threads>(p);
  else
    qk_norm_vectors<T, false, true, Threads>(p);
}

// Element by element, in two passes. The second one may write in place: no thread has the sum before all have read their
// elements, and then each thread reads and writes its own.
template <class T, int Threads>
HIPINFER_DEVICE void qk_norm_elements(const qk_norm_rope_params& p) {
  constexpr int waves = Threads / wave_size;
  __shared__ float words[1][waves];
  group<T> g = group_of<T, Threads>(p);
  const float* angles = g.own.count.left > 0 ? angles_of(p, g.token) : nullptr;
  for (int turns = p.turns; turns > 0; --turns) {
    const T* x = g.own.from.x;
    T* y = g.own.to.x;
    const int n = g.own.count.left > 0 ? p.head_dim : 0, half = angles != nullptr && n > 0 ? p.half : 0;
    float sum[1] = {0};
#pragma unroll 1
    for (int i = g.lane; i < n; i += g.lanes) sum[0] = fma(to_float(x[i]), to_float(x[i]), sum[0]);
    sum_lanes<false>(p, words, sum);
    const float factor = angles != nullptr ? factor_of<T>(p, sum[0]) : not_a_number;
    const auto scaled = [&](int64_t i) {
      float weight[1];
      load_weights<1, T>(p, g.own.key, i, weight);
      return to_float(x[i]) * factor * weight[0];
    };
#pragma unroll 1
    for (int i = g.lane; i < half; i += g.lanes) {
      const int64_t at = p.interleaved ? 2 * int64_t{i} : i, other = at + (p.interleaved ? 1 : half);
      const float a = scaled(at), b = scaled(other), cosine = angles[i], sine = angles[half + i];
      y[at] = from_float<T>(fma(a, cosine, -(b * sine)));
      y[other] = from_float<T>(fma(b, cosine, a * sine));
    }
#pragma unroll 1
    for (int i = 2 * half + g.lane; i < n; i += g.lanes) y[i] = from_float<T>(scaled(i));
    g.own.count.left -= g.own.count.apart;
    g.own.from.x += g.own.from.step;
    g.own.to.x += g.own.to.step;
  }
}

}  // namespace hipinfer
