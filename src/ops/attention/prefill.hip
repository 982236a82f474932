// SPDX-License-Identifier: Apache-2.0
// A block takes 64 query rows that share a key/value head - a row is a query head of a token, heads innermost - and walks
// over the keys they see, 64 at a time. Scores: a thread has 4 rows by 4 keys, from tiles of 32 columns in LDS. Then the
// online softmax, whose weights go through LDS to the same 16 lanes that made them, and the values, 4096 floats at a
// time, of which a thread sums 4 rows by 4 of every 64 columns.
#include "device/fp8_halves.h"
#include "device/reduce.h"
#include "ops/attention/online_softmax.h"
#include "ops/attention/row_tiles.h"

namespace hipinfer {

using params = paged_attention_prefill_params;
constexpr int tile = 64;                   // rows, and keys
constexpr int threads = tile * tile / 16;  // each with 4 rows by 4 keys
constexpr int columns = 32;                // of queries and keys in LDS at a time
constexpr int pitch = columns + 4;         // floats: rows 4 banks apart let 8 lanes read 16 bytes of 8 rows at once
constexpr int weight_pitch = tile + 4;
constexpr int value_floats = 4096;
constexpr int value_pieces = value_floats / 8 / threads;  // that a thread brings in
using quad = vec<float, 4>;

struct alignas(16) block_state {
  float stage[2 * tile * pitch];  // queries, then keys; or values
  float weight[tile * weight_pitch];
  int64_t k_offset[tile], v_offset[tile];  // of each key of the tile, in elements
};
static_assert(2 * tile * pitch >= value_floats);

template <class T>
struct piece {
  T at[8];
};

// Head dimensions known at compile time are read with 16-byte accesses; any other element by element. `shapes`: whether options may make
// something else of scores, and a mask of bits hide some; for both the others have no registers to spare.
template <class T, int D>
struct fixed_rows {
  using element = T;
  using cached = T;         // what the cache holds,
  using stored = piece<T>;  // and 8 of it
  static constexpr bool fp8 = false;
  static constexpr int most = D;
  static constexpr bool shapes = false;
  HIPINFER_DEVICE static int length(const params&) { return D; }
  HIPINFER_DEVICE static piece<T> read(const T* row, int column, int) {
    constexpr int width = vector_width<T>;
    piece<T> x;
#pragma unroll
    for (int i = 0; i < 8; i += width) {
      const vec<T, width> v = load<width>(row + column + i);
#pragma unroll
      for (int k = 0; k < width; ++k) x.at[i + k] = v.at[k];
    }
    return x;
  }
  HIPINFER_DEVICE static void write(T* row, int column, const float (&x)[4]) { store_floats<4>(row + column, x); }
};
template <class T>
struct any_rows {
  using element = T;
  using cached = T;         // what the cache holds,
  using stored = piece<T>;  // and 8 of it
  static constexpr bool fp8 = false;
  static constexpr int most = 256;
  static constexpr bool shapes = true;
  HIPINFER_DEVICE static int length(const params& p) { return p.head_dim; }
  HIPINFER_DEVICE static piece<T> read(const T* row, int column, int n) {
    piece<T> x{};
    if (column < n) {
#pragma unroll
      for (int i = 0; i < 8; ++i) x.at[i] = row[column + i];
    }
    return x;
  }
  HIPINFER_DEVICE static void write(T* row, int column, const float (&x)[4]) {
#pragma unroll
    for (int i = 0; i < 4; ++i) row[column + i] = from_float<T>(x[i]);
  }
};
template <class T>
struct any_fp8_rows : any_rows<T> {
  using cached = uint8_t;
  using stored = vec<uint32_t, 2>;
  static constexpr bool fp8 = true;
  using any_rows<T>::read;
  HIPINFER_DEVICE static stored read(const uint8_t* row, int column, int n) {  // n is a multiple of 8
    if (column >= n) return {};
    return load_words_unaligned<stored>(row + column);
  }
};

template <class T>
HIPINFER_DEVICE void put(const params&, float* to, const piece<T>& x) {
  quad low, high;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    low.at[i] = to_float(x.at[i]);
    high.at[i] = to_float(x.at[4 + i]);
  }
  store<4>(to, low);
  store<4>(to + 4, high);
}

HIPINFER_DEVICE void put(const params& p, float* to, const vec<uint32_t, 2>& x) {
  const vec<uint32_t, 2> from[1] = {x};
  vec<uint32_t, 4> halves[1];
  widen_fp8<f16>(p.cache_type, from, halves);
  float floats[8];
  to_floats(bit_cast<vec<f16, 8>>(halves[0]), floats);
  store_floats<8>(to, floats);
}

// In the place of weights of keys that a row does not see.
constexpr float unseen = -1;

// Adds weights times values of the `count` keys in the stage. A key that a row does not see is left out and not
// multiplied by a weight of 0, for its value may be NaN.
template <class Rows, bool Masked>
HIPINFER_DEVICE void add_values(const block_state& s, int first, int n, float (&sum)[4][Rows::most / 16]) {
  constexpr int count = value_floats / Rows::most;
  const int lane = thread_id() % 16, row = thread_id() / 16;
#pragma unroll 1
  for (int k = 0; k < count; k += 4) {
    quad weight[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) weight[i] = load<4>(&s.weight[(row + 16 * i) * weight_pitch + first + k]);
#pragma unroll
    for (int j = 0; j < 4; ++j) {
#pragma unroll
      for (int c = 0; c < Rows::most / 64; ++c) {
        if (c * 64 >= n) continue;
        const quad v = load<4>(&s.stage[(k + j) * Rows::most + c * 64 + lane * 4]);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          if (Masked && weight[i].at[j] == unseen) continue;
#pragma unroll
          for (int e = 0; e < 4; ++e) sum[i][c * 4 + e] = fma(weight[i].at[j], v.at[e], sum[i][c * 4 + e]);
        }
      }
    }
  }
}

// Scores of keys `first`, first + 16, ... for the rows `row`, row + 16, ..., as options shape them.
HIPINFER_DEVICE void shape(const params& all, const row_tile<tile>& w, int row, int first, float (&score)[4][4]) {
  const params& p = read_here(all);
  scale_scores(p, [&](auto scale) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int j = 0; j < 4; ++j) scale(score[i][j]);
      keep_order();  // many at once would take more registers
    }
  });
  if (p.alibi_slopes == nullptr) return;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const int there = w.has(row + 16 * i) ? row + 16 * i : 0;
    const float slope = slope_of(p, w.head(there)), distance = static_cast<float>(first - w.position(there));
#pragma unroll
    for (int j = 0; j < 4; ++j) score[i][j] = fma(slope, distance + static_cast<float>(16 * j), score[i][j]);
  }
}

template <class Rows>
HIPINFER_DEVICE void attend(const params& p, const row_tile<tile>& w, block_state& s) {
  using T = typename Rows::element;
  constexpr int own_columns = Rows::most / 16;  // of the output, of a row
  constexpr int value_keys = value_floats / Rows::most;
  const int n = Rows::length(p), lane = thread_id() % 16, row = thread_id() / 16;
  using cached = typename Rows::cached;
  const cached* keys = static_cast<const cached*>(p.k_cache) + first_offset(w.request, w.kv_head, p.k_stride);
  const cached* values = static_cast<const cached*>(p.v_cache) + first_offset(w.request, w.kv_head, p.v_stride);

  float value[4][own_columns], most[4], sum[4];
  int begin[4], limit[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    begin[i] = w.begin(p, row + 16 * i);
    limit[i] = w.limit(row + 16 * i);
    most[i] = -infinity;
    sum[i] = 0;
#pragma unroll
    for (int c = 0; c < own_columns; ++c) value[i][c] = 0;
  }
  const int end = w.limit(w.rows - 1);  // the most that a row sees
  const int all_see_from = w.all_see_from(p), all_see = w.all_see(p);
  const int first_tile = w.begin(p, 0) / tile * tile;  // of those that a row sees some of

  // The row of queries and the key that this thread brings to LDS, 8 columns at a time.
  const int staged = thread_id() / 4, staged_column = thread_id() % 4 * 8;
  const T* query = nullptr;
  if (w.has(staged)) {
    query = static_cast<const T*>(p.query) + w.token(staged) * p.query_stride[0] + w.head(staged) * p.query_stride[1];
  }
  const paged_place step = place_of(tile, p.page_size);
  paged_place place = place_of(first_tile + thread_id() % tile, p.page_size);

#pragma unroll 1
  for (int first = first_tile; first < end; first += tile) {
    if (thread_id() < tile) {
      if (first + thread_id() < w.request.length) {
        const int64_t page = w.request.page(place.page);
        s.k_offset[thread_id()] = page * p.k_stride[0] + place.slot * p.k_stride[1];
        s.v_offset[thread_id()] = page * p.v_stride[0] + place.slot * p.v_stride[1];
      }
      place = advance(place, step, p.page_size);
    }
    block_barrier();  // the offsets are there

    float score[4][4] = {};
    const bool in_cache = first + staged < w.request.length;
    piece<T> q{};
    typename Rows::stored k{};
    if (query != nullptr) q = Rows::read(query, staged_column, n);
    if (in_cache) k = Rows::read(keys + s.k_offset[staged], staged_column, n);
#pragma unroll 1
    for (int c = 0; c < n; c += columns) {
      put(p, &s.stage[staged * pitch + staged_column], q);
      put(p, &s.stage[(tile + staged) * pitch + staged_column], k);
      block_barrier();        // 32 columns of queries and keys are there
      if (c + columns < n) {  // the next ones are on their way meanwhile
        if (query != nullptr) q = Rows::read(query, c + columns + staged_column, n);
        if (in_cache) k = Rows::read(keys + s.k_offset[staged], c + columns + staged_column, n);
      }
#pragma unroll 1
      for (int d = 0; d < columns; d += 4) {
        quad a[4], b[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) a[i] = load<4>(&s.stage[(row + 16 * i) * pitch + d]);
#pragma unroll
        for (int j = 0; j < 4; ++j) b[j] = load<4>(&s.stage[(tile + lane + 16 * j) * pitch + d]);
#pragma unroll
        for (int e = 0; e < 4; ++e) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
#pragma unroll
            for (int j = 0; j < 4; ++j) score[i][j] = fma(a[i].at[e], b[j].at[e], score[i][j]);
          }
        }
      }
      block_barrier();  // all have read: the stage may be written
    }

    // Values of `value_keys` keys from `from` on, as this thread brings them in.
    typename Rows::stored v[value_pieces];
    const auto read_values = [&](int from) {
#pragma unroll
      for (int i = 0; i < value_pieces; ++i) {
        const int item = thread_id() + i * threads, key = from + item / (Rows::most / 8);
        v[i] = {};
        if (first + key < w.request.length) v[i] = Rows::read(values + s.v_offset[key], item % (Rows::most / 8) * 8, n);
      }
    };
    read_values(0);

    if constexpr (Rows::fp8) {
      const float k_scale = k_scale_of(read_here(p), w.kv_head);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) score[i][j] *= k_scale;
      }
    }
    if constexpr (Rows::shapes) {
      if (p.shaped) shape(p, w, row, first + lane, score);
    }
    const bool masked = first + tile > all_see || first < all_see_from;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      float largest = -infinity;
      bool seen[4];
      const int row_here = found_here(row + 16 * i);  // where its bits are would take registers through the loop
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const int key = first + lane + 16 * j;
        seen[j] = !masked || (key >= begin[i] && key < limit[i]);
        if constexpr (Rows::shapes) {
          if (p.custom_mask != nullptr) seen[j] = w.sees(read_here(p), row_here, key);
        }
        if (!seen[j]) score[i][j] = -infinity;
        largest = max(largest, score[i][j]);
      }
      largest = max(most[i], wave_reduce<16>(largest, maximum{}));
      const float anchor = anchor_of(largest);
      const float rescale = weight_of(most[i], anchor, p.scale_log2);
      most[i] = largest;
      sum[i] *= rescale;
#pragma unroll
      for (int c = 0; c < own_columns; ++c) value[i][c] *= rescale;
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float weight = weight_of(score[i][j], anchor, p.scale_log2);
        sum[i] += weight;  // this lane's keys; the lanes are summed at the end
        s.weight[(row + 16 * i) * weight_pitch + lane + 16 * j] = seen[j] ? weight : unseen;
      }
    }
    wave_barrier();  // a row's weights are there for the 16 lanes that made them

#pragma unroll 1
    for (int from = 0; from < tile && first + from < end; from += value_keys) {
#pragma unroll
      for (int i = 0; i < value_pieces; ++i) put(p, &s.stage[(thread_id() + i * threads) * 8], v[i]);
      block_barrier();  // the values are there
      if (from + value_keys < tile) read_values(from + value_keys);
      if (masked)
        add_values<Rows, true>(s, from, n, value);
      else
        add_values<Rows, false>(s, from, n, value);
      block_barrier();  // all have read: the stage may be written
    }
  }

  const float v_scale = Rows::fp8 ? v_scale_of(read_here(p), w.kv_head) : 1.0f;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float total = wave_reduce<16>(sum[i], add{});
    if (!w.has(row + 16 * i)) continue;
    const int64_t token = w.token(row + 16 * i), head = w.head(row + 16 * i);
    const softmax_end result = end_of(read_here(p), head, anchor_of(most[i]) * p.scale_log2, total);
    T* out = static_cast<T*>(p.output) + token * p.output_stride[0] + head * p.output_stride[1];
#pragma unroll
    for (int c = 0; c < own_columns / 4; ++c) {
      if (c * 64 + lane * 4 >= n) continue;
      float x[4];
#pragma unroll
      for (int e = 0; e < 4; ++e) x[e] = result.of(value[i][c * 4 + e] * v_scale);
      Rows::write(out, c * 64 + lane * 4, x);
    }
    if (lane == 0 && p.lse != nullptr) static_cast<float*>(p.lse)[token * p.lse_stride + head] = result.lse;
  }
}

// Fp8: rows that serve a cache of fp8.
template <int Threads, class Rows, class Fp8 = Rows>
HIPINFER_DEVICE void prefill(const params& p) {
  static_assert(Threads == threads);
  __shared__ block_state shared;
  const division at = divide(block_number(), p.kv_heads);
  row_tile<tile> w;
  if (!row_tiles<tile>{p}.at(at.quotient, at.rest, w)) return;
  if constexpr (Rows::fp8 != Fp8::fp8) {
    if (is_fp8(p.cache_type)) return attend<Fp8>(p, w, shared);
  }
  attend<Rows>(p, w, shared);
}

}  // namespace hipinfer
