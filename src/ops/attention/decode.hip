// SPDX-License-Identifier: Apache-2.0
// A block takes a chunk of one request's keys and the query heads of one key/value head (a part of them if they are
// many). D/8 lanes hold a row, so that a wave reads several keys at once, each lane 8 elements; every such group of lanes
// runs an online softmax over its own keys, without barriers, and the groups are combined at the chunk's end. A request
// that is one chunk is written out at once; the parts of longer ones go to the workspace, and `merge` combines them.
#include "device/fp8_halves.h"
#include "device/reduce.h"
#include "ops/attention/decode_state.h"

namespace hipinfer {

using params = paged_attention_decode_params;
constexpr int most_heads = paged_attention_decode_heads;

// A lane's 8 elements of a row.
template <class T>
struct piece {
  T at[8];
};

// How a row of D elements is spread over lanes: with 16-byte accesses, or element by element for any D up to 256. `cached` is what the cache
// holds, `ready` what a lane's 8 elements of it become before they are floats; `fp8`: they are numbers times k_scale and v_scale.
template <int Threads, class T, int D>
struct fixed_rows {
  using element = T;
  using cached = T;
  using ready = piece<T>;
  static constexpr bool fp8 = false;
  static constexpr int loads = sizeof(T) == 4 ? 2 : 4;  // of keys, and as many of values, in flight for up to 4 heads
  static constexpr int threads = Threads, waves = Threads / wave_size;
  static constexpr int lanes = D / 8;
  static constexpr int most = D;
  HIPINFER_DEVICE static int length(const params&) { return D; }
  HIPINFER_DEVICE static int column(int lane, int i) { return lane * 8 + i; }
  HIPINFER_DEVICE static piece<T> read(const T* row, int lane, int) {
    constexpr int width = vector_width<T>;
    piece<T> x;
    for (int i = 0; i < 8; i += width) {
      const vec<T, width> v = load<width>(row + lane * 8 + i);
      for (int k = 0; k < width; ++k) x.at[i + k] = v.at[k];
    }
    return x;
  }
};
template <int Threads, class T, int D>
struct fp8_rows : fixed_rows<Threads, T, D> {
  using cached = uint8_t;
  using ready = vec<uint32_t, 4>;  // f16
  static constexpr bool fp8 = true;
  using fixed_rows<Threads, T, D>::read;
  HIPINFER_DEVICE static vec<uint32_t, 2> read(const uint8_t* row, int lane, int) {
    return load<2>(reinterpret_cast<const uint32_t*>(row + lane * 8));
  }
};
template <int Threads, class T>
struct any_rows {
  using element = T;
  using cached = T;
  using ready = piece<T>;
  static constexpr bool fp8 = false;
  static constexpr int loads = sizeof(T) == 4 ? 2 : 4;  // of keys, and as many of values, in flight for up to 4 heads
  static constexpr int threads = Threads, waves = Threads / wave_size;
  static constexpr int lanes = 32;
  static constexpr int most = 256;
  HIPINFER_DEVICE static int length(const params& p) { return p.head_dim; }
  HIPINFER_DEVICE static int column(int lane, int i) { return i * lanes + lane; }
  HIPINFER_DEVICE static piece<T> read(const T* row, int lane, int n) {
    piece<T> x;
    for (int i = 0; i < 8; ++i) x.at[i] = column(lane, i) < n ? row[column(lane, i)] : T{};
    return x;
  }
};
template <int Threads, class T>
struct any_fp8_rows : any_rows<Threads, T> {
  using cached = uint8_t;
  using ready = vec<uint32_t, 4>;
  static constexpr bool fp8 = true;
  static constexpr int loads = 4;
  HIPINFER_DEVICE static int column(int lane, int i) { return lane * 8 + i; }
  HIPINFER_DEVICE static piece<T> read(const T* row, int lane, int n) {
    piece<T> x;
    for (int i = 0; i < 8; ++i) x.at[i] = column(lane, i) < n ? row[column(lane, i)] : T{};
    return x;
  }
  HIPINFER_DEVICE static vec<uint32_t, 2> read(const uint8_t* row, int lane, int n) {  // n is a multiple of 8
    if (column(lane, 0) >= n) return {};
    return load_words_unaligned<vec<uint32_t, 2>>(row + column(lane, 0));
  }
};

// From what has been read to what is ready, several at once, and on to floats.
template <class Piece, int N>
HIPINFER_DEVICE void prepare(const params&, const Piece (&from)[N], Piece (&to)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) to[i] = from[i];
}
template <int N>
HIPINFER_DEVICE void prepare(const params& p, const vec<uint32_t, 2> (&from)[N], vec<uint32_t, 4> (&to)[N]) {
  widen_fp8<f16>(p.cache_type, from, to);
}
template <class T>
HIPINFER_DEVICE void widen(const piece<T>& from, float (&to)[8]) {
#pragma unroll
  for (int i = 0; i < 8; ++i) to[i] = to_float(from.at[i]);
}
HIPINFER_DEVICE void widen(const vec<uint32_t, 4>& from, float (&to)[8]) {
  to_floats(bit_cast<vec<f16, 8>>(from), to);
}

// An online softmax over some keys, of raw scores; a lane has 8 columns of the sums of values.
template <int Heads>
struct state {
  float most[Heads], sum[Heads], value[Heads][8];
};

template <class Rows>
using block_state = decode_state<Rows::waves, most_heads, Rows::most>;

// Combines the lanes with those at distance Mask, 2*Mask, ... of the wave.
template <int Mask, int Heads>
HIPINFER_DEVICE void combine_wave(state<Heads>& s, float scale_log2) {
  if constexpr (Mask < wave_size) {
#pragma unroll
    for (int g = 0; g < Heads; ++g) {
      const float other = lane_xor<Mask>(s.most[g]);
      const float most = max(s.most[g], other);
      const float anchor = anchor_of(most);
      const float own_weight = weight_of(s.most[g], anchor, scale_log2);
      const float other_weight = weight_of(other, anchor, scale_log2);
      s.most[g] = most;
      s.sum[g] = s.sum[g] * own_weight + lane_xor<Mask>(s.sum[g]) * other_weight;
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        s.value[g][i] = s.value[g][i] * own_weight + lane_xor<Mask>(s.value[g][i]) * other_weight;
      }
    }
    combine_wave<Mask * 2>(s, scale_log2);
  }
}

// Scores of keys that are `step` apart, the first one at `distance` from the query, as options shape them.
template <int Heads, int Keys>
HIPINFER_DEVICE void shape(const params& p, float (&score)[Heads][Keys], int distance, int step, int64_t head,
                           int heads) {
  scale_scores(p, [&](auto scale) {
#pragma unroll
    for (int g = 0; g < Heads; ++g) {
#pragma unroll
      for (int u = 0; u < Keys; ++u) scale(score[g][u]);
      keep_order();  // many at once would take more registers
    }
  });
  if (p.alibi_slopes == nullptr) return;
#pragma unroll
  for (int g = 0; g < Heads; ++g) {
    const float slope = slope_of(p, head + (g < heads ? g : 0));
#pragma unroll
    for (int u = 0; u < Keys; ++u) score[g][u] = fma(slope, static_cast<float>(distance + u * step), score[g][u]);
    keep_order();
  }
}

// Keys begin to end (at least one) of a request, for `heads` query heads from `query` on.
// (`head` is the first of them.) Shaped: as p.shaped says.
template <class Rows, int Heads, bool Shaped>
HIPINFER_DEVICE state<Heads> attend(const params& p, const paged_request& request, int begin, int end,
                                    const typename Rows::element* query, int64_t head, int heads, int64_t kv_head) {
  using T = typename Rows::element;
  constexpr int at_once = wave_size / Rows::lanes;  // keys that one load of the wave covers
  constexpr int loads = Heads == 8 ? 2 : Rows::loads;
  const int lane = lane_id() % Rows::lanes, n = Rows::length(p);
  using cached = typename Rows::cached;
  const cached* keys = static_cast<const cached*>(p.k_cache) + kv_head * p.k_stride[2];
  const cached* values = static_cast<const cached*>(p.v_cache) + kv_head * p.v_stride[2];
  const float k_scale = Rows::fp8 ? k_scale_of(p, kv_head) : 1.0f;

  float q[Heads][8];
  state<Heads> s;
#pragma unroll
  for (int g = 0; g < Heads; ++g) {
    const piece<T> x = Rows::read(query + (g < heads ? g : 0) * p.query_stride[1], lane, n);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      q[g][i] = to_float(x.at[i]);
      s.value[g][i] = 0;
    }
    s.most[g] = -infinity;
    s.sum[g] = 0;
  }

  constexpr int wave_keys = at_once * loads;
  const int own = thread_id() / wave_size * wave_keys + lane_id() / Rows::lanes;
  const paged_place step = place_of(Rows::waves * wave_keys, p.page_size);
  const paged_place last = place_of(end - 1, p.page_size);
  paged_place place[loads];
#pragma unroll
  for (int u = 0; u < loads; ++u) place[u] = place_of(begin + own + u * at_once, p.page_size);

  // The same number of rounds for all lanes of a wave, which exchange values in each.
  for (int wave_begin = begin + thread_id() / wave_size * wave_keys; wave_begin < end;
       wave_begin += Rows::waves * wave_keys) {
    const int first = wave_begin + lane_id() / Rows::lanes;
    bool inside[loads];
    int64_t page[loads];
    int slot[loads];
    decltype(Rows::read(keys, lane, n)) k[loads], v[loads];
    typename Rows::ready ready[loads];
    // A lane past the end reads the last key in place of its own and drops what it read.
#pragma unroll
    for (int u = 0; u < loads; ++u) {
      inside[u] = first + u * at_once < end;
      page[u] = request.page(inside[u] ? place[u].page : last.page);
      slot[u] = inside[u] ? place[u].slot : last.slot;
      place[u] = advance(place[u], step, p.page_size);
    }
#pragma unroll
    for (int u = 0; u < loads; ++u) {
      k[u] = Rows::read(keys + page[u] * p.k_stride[0] + slot[u] * p.k_stride[1], lane, n);
    }
#pragma unroll
    for (int u = 0; u < loads; ++u) {
      v[u] = Rows::read(values + page[u] * p.v_stride[0] + slot[u] * p.v_stride[1], lane, n);
    }
    prepare(p, k, ready);
    float score[Heads][loads];
#pragma unroll
    for (int u = 0; u < loads; ++u) {
      float x[8];
      widen(ready[u], x);
#pragma unroll
      for (int g = 0; g < Heads; ++g) {
        float dot = 0;
#pragma unroll
        for (int i = 0; i < 8; ++i) dot = fma(q[g][i], x[i], dot);
        score[g][u] = wave_reduce<Rows::lanes>(dot, add{});
        if constexpr (Rows::fp8) score[g][u] *= k_scale;
      }
    }
    if constexpr (Shaped) shape<Heads, loads>(p, score, first - (request.length - 1), at_once, head, heads);
#pragma unroll
    for (int g = 0; g < Heads; ++g) {
      float most = s.most[g];
#pragma unroll
      for (int u = 0; u < loads; ++u) {
        if (!inside[u]) score[g][u] = -infinity;
        most = max(most, score[g][u]);
      }
      const float anchor = anchor_of(most);
      const float rescale = weight_of(s.most[g], anchor, p.scale_log2);
      s.most[g] = most;
      s.sum[g] *= rescale;
#pragma unroll
      for (int i = 0; i < 8; ++i) s.value[g][i] *= rescale;
#pragma unroll
      for (int u = 0; u < loads; ++u) {
        score[g][u] = weight_of(score[g][u], anchor, p.scale_log2);
        s.sum[g] += score[g][u];
      }
    }
    prepare(p, v, ready);
#pragma unroll
    for (int u = 0; u < loads; ++u) {
      float x[8];
      widen(ready[u], x);
      // The weight of a key past the end is 0, but 0 times the infinity that a real value may be is not.
#pragma unroll
      for (int i = 0; i < 8; ++i)
        if (!inside[u]) x[i] = 0.0f;
#pragma unroll
      for (int g = 0; g < Heads; ++g) {
#pragma unroll
        for (int i = 0; i < 8; ++i) s.value[g][i] = fma(score[g][u], x[i], s.value[g][i]);
      }
    }
  }
  combine_wave<Rows::lanes>(s, p.scale_log2);
  return s;
}

template <class Rows, int Heads, bool Shaped, class Shared>
HIPINFER_DEVICE void serve(const params& p, const decode_work& w, Shared& shared) {
  using T = typename Rows::element;
  const int n = Rows::length(p);
  const T* query = static_cast<const T*>(p.query) + w.b * p.query_stride[0] + w.head * p.query_stride[1];
  const int begin = w.begin > w.from ? w.begin : w.from;
  const state<Heads> s = attend<Rows, Heads, Shaped>(p, w.request, begin, w.end, query, w.head, w.heads, w.kv_head);
  const int wave = thread_id() / wave_size, lane = lane_id();
  if (lane < Rows::lanes) {
#pragma unroll
    for (int g = 0; g < Heads; ++g) {
      if (lane == 0) shared.most[wave][g] = s.most[g];
      if (lane == 0) shared.sum[wave][g] = s.sum[g];
#pragma unroll
      for (int i = 0; i < 8; ++i) shared.value[wave][g][Rows::column(lane, i)] = s.value[g][i];
    }
  }
  block_barrier();  // every wave's state is there
  combine_waves<Rows::threads, T, Rows::fp8>(p, w, shared, n);
  block_barrier();  // all have read: the next item may write
}

// Fp8: rows that serve a cache of fp8, if not all calls' is.
template <class Rows, class Fp8 = Rows>
HIPINFER_DEVICE void decode(const params& all) {
  __shared__ block_state<Rows> shared;
  const schedule plan = make_schedule(all);
  const int64_t parts = all.kv_heads * all.group_tiles;
  for (int64_t item = block_id(); item < all.slots * parts; item += block_count<Rows::threads>()) {
    const params& p = read_here(all);  // kept through the items they would take more scalar registers than there are
    decode_work w;
    w.slot = item / parts;
    w.kv_head = item % parts / p.group_tiles;
    const int first = static_cast<int>(item % p.group_tiles) * p.tile_heads;
    w.heads = p.group - first < p.tile_heads ? p.group - first : p.tile_heads;
    w.head = w.kv_head * p.group + first;
    const bool used = find_chunk(p, plan, w);
    if (w.empty) {
      const int n = Rows::length(p);
      for (int i = thread_id(); i < w.heads * n; i += Rows::threads)
        put_column<typename Rows::element, Rows::fp8>(p, w, i / n, i % n, n, -infinity, 0.0f, 0.0f);
    }
    if (!used) continue;
    if constexpr (Rows::fp8 != Fp8::fp8) {
      if (is_fp8(p.cache_type)) {  // more heads than there are cost time, and variants code
        if (p.shaped)
          serve<Fp8, paged_attention_decode_shaped_heads, true>(p, w, shared);
        else
          serve<Fp8, most_heads, false>(p, w, shared);
        continue;
      }
    }
    if (p.shaped && p.tile_heads == 1)
      serve<Rows, 1, true>(p, w, shared);
    else if (p.shaped)
      serve<Rows, paged_attention_decode_shaped_heads, true>(p, w, shared);
    else if (p.tile_heads == 1)
      serve<Rows, 1, false>(p, w, shared);
    else if (p.tile_heads <= 4)
      serve<Rows, 4, false>(p, w, shared);
    else
      serve<Rows, most_heads, false>(p, w, shared);
  }
}

template <int Threads>
struct merge_state {
  static constexpr int waves = Threads / wave_size;
  block_scratch<Threads> scratch;
  float value[waves][256];
};

// A block combines the chunks of one request for one head; each wave takes every waves-th chunk.
template <int Threads, class T>
HIPINFER_DEVICE void merge(const params& p) {
  using state = merge_state<Threads>;
  constexpr int columns = 256 / wave_size;  // that a lane keeps
  __shared__ state shared;
  const schedule plan = make_schedule(p);
  for (int64_t item = block_id(); item < p.batch * p.q_heads; item += block_count<Threads>()) {
    const int64_t b = item / p.q_heads, head = item % p.q_heads;
    const int64_t first = plan.first_slot(b);
    int chunks = plan.chunks_of(read_request(p, b));
    if (chunks <= 1) continue;                                                 // the first stage wrote it
    if (chunks > p.slots - first) chunks = static_cast<int>(p.slots - first);  // a table out of order
    const float* part_most = p.partial_most + first * p.q_heads + head;
    const float* part_sum = p.partial_sum + first * p.q_heads + head;
    float most = -infinity;
    for (int i = thread_id(); i < chunks; i += Threads) most = max(most, part_most[i * p.q_heads]);
    most = block_max<Threads>(most, shared.scratch);
    const float anchor = anchor_of(most);
    float sum = 0;
    for (int i = thread_id(); i < chunks; i += Threads) {
      sum = fma(part_sum[i * p.q_heads], weight_of(part_most[i * p.q_heads], anchor, p.scale_log2), sum);
    }
    const softmax_end end = end_of(read_here(p), head, anchor * p.scale_log2, block_sum<Threads>(sum, shared.scratch));

    float value[columns];
#pragma unroll
    for (int k = 0; k < columns; ++k) value[k] = 0;
    const int wave = thread_id() / wave_size;
    constexpr int ahead = 4;  // chunks whose sums are under way
    for (int i = wave; i < chunks; i += ahead * state::waves) {
      float weight[ahead], x[ahead][columns];
#pragma unroll
      for (int u = 0; u < ahead; ++u) {
        const bool inside = i + u * state::waves < chunks;
        const int64_t part = inside ? i + u * state::waves : i;
        const float* row = p.partial_value + ((first + part) * p.q_heads + head) * p.head_dim;
        weight[u] = inside ? weight_of(part_most[part * p.q_heads], anchor, p.scale_log2) : 0.0f;
#pragma unroll
        for (int k = 0; k < columns; ++k) {
          const int column = k * wave_size + lane_id();
          x[u][k] = inside && column < p.head_dim ? row[column] : 0.0f;
        }
      }
#pragma unroll
      for (int u = 0; u < ahead; ++u) {
#pragma unroll
        for (int k = 0; k < columns; ++k) value[k] = fma(weight[u], x[u][k], value[k]);
      }
    }
#pragma unroll
    for (int k = 0; k < columns; ++k) shared.value[wave][k * wave_size + lane_id()] = value[k];
    block_barrier();  // every wave's sums are there
    T* out = static_cast<T*>(p.output) + b * p.output_stride[0] + head * p.output_stride[1];
    const float v_scale = v_scale_of(read_here(p), head / p.group);
    for (int i = thread_id(); i < p.head_dim; i += Threads) {
      float total = 0;
      for (int k = 0; k < state::waves; ++k) total += shared.value[k][i];
      out[i] = from_float<T>(end.of(total * v_scale));
    }
    if (thread_id() == 0 && p.lse != nullptr) static_cast<float*>(p.lse)[b * p.lse_stride + head] = end.lse;
    block_barrier();  // all have read: the next item may write
  }
}

}  // namespace hipinfer
