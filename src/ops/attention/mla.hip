// SPDX-License-Identifier: Apache-2.0
// Multi-head latent attention of any widths, in fp32. A block takes a tile's rows eight at a time, and walks over its chunk of keys, 32
// at a time: waves take keys, whose lanes have columns of them, for scores; then a thread has columns of the values.
#include "device/types.h"
#include "ops/attention/mla_work.h"
#include "ops/attention/online_softmax.h"

namespace hipinfer {

constexpr int mla_rows = 8;  // at a time
constexpr int most_latent = 1024, most_rotated = 256;
constexpr float mla_unseen = -1;  // in the place of weights of keys that a row does not see

template <int Threads>
struct mla_state {
  float query[mla_rows][most_latent + most_rotated];
  float weight[mla_rows][mla_key_tile];
  float most[mla_rows], sum[mla_rows], rescale[mla_rows];
  int64_t page[mla_key_tile];
  int slot[mla_key_tile];
  mla_scratch<Threads> scratch;
};

// Scores of the tile's first `count` keys, as raw sums of products.
template <class T, int Threads>
HIPINFER_DEVICE void mla_scores(const paged_mla_attention_params& p, mla_state<Threads>& s, int count) {
  constexpr int keys = 4;  // that a wave has at a time
  const int lane = lane_id(), all = p.latent + p.rotated;
#pragma unroll 1
  for (int first = thread_id() / wave_size * keys; first < count; first += Threads / wave_size * keys) {
    const T *ckv[keys], *kpe[keys];
#pragma unroll
    for (int k = 0; k < keys; ++k) {
      const int key = first + k < count ? first + k : first;
      ckv[k] = static_cast<const T*>(p.ckv_cache) + s.page[key] * p.ckv_stride[0] + s.slot[key] * p.ckv_stride[1];
      kpe[k] = static_cast<const T*>(p.kpe_cache) + s.page[key] * p.kpe_stride[0] + s.slot[key] * p.kpe_stride[1];
    }
    float score[mla_rows][keys] = {};
#pragma unroll 1
    for (int c = lane; c < all; c += wave_size) {
      float x[keys];
#pragma unroll
      for (int k = 0; k < keys; ++k) x[k] = to_float(c < p.latent ? ckv[k][c] : kpe[k][c - p.latent]);
#pragma unroll
      for (int r = 0; r < mla_rows; ++r) {
        const float q = s.query[r][c];
#pragma unroll
        for (int k = 0; k < keys; ++k) score[r][k] = fma(q, x[k], score[r][k]);
      }
    }
#pragma unroll
    for (int r = 0; r < mla_rows; ++r) {
#pragma unroll
      for (int k = 0; k < keys; ++k) {
        const float all_lanes = wave_reduce<wave_size>(score[r][k], add{});
        if (lane == 0 && first + k < count) s.weight[r][first + k] = all_lanes;
      }
    }
  }
}

// Weights in the place of scores. A wave takes a row, a lane a key.
template <int Threads>
HIPINFER_DEVICE void mla_weigh(const paged_mla_attention_params& p, const mla_work& w, mla_state<Threads>& s,
                               int first_row, int first_key, int count) {
  const int lane = lane_id();
#pragma unroll 1
  for (int r = thread_id() / wave_size; r < mla_rows; r += Threads / wave_size) {
    const int limit = w.has(first_row + r) ? w.limit(first_row + r) : 0;
    const bool seen = lane < count && first_key + lane < limit;
    const float score = seen ? s.weight[r][lane % mla_key_tile] : -infinity;
    const float most = max(s.most[r], wave_reduce<wave_size>(score, maximum{})), anchor = anchor_of(most);
    const float weight = weight_of(score, anchor, p.scale_log2), rescale = weight_of(s.most[r], anchor, p.scale_log2);
    const float sum = wave_reduce<wave_size>(weight, add{});
    wave_barrier();  // all have read
    if (lane < mla_key_tile) s.weight[r][lane] = seen ? weight : mla_unseen;
    if (lane == 0) {
      s.rescale[r] = rescale;
      s.most[r] = most;
      s.sum[r] = fma(s.sum[r], rescale, sum);
    }
  }
}

// One column of a row's result: the output, or what `merge` combines.
template <class T>
HIPINFER_DEVICE void put_mla(const paged_mla_attention_params& p, const mla_work& w, int row, int column, float most,
                             float sum, float value) {
  if (w.whole) {
    const softmax_end end = end_of(anchor_of(most) * p.scale_log2, sum);
    const int64_t token = w.token(row), head = w.head(row);
    static_cast<T*>(p.output)[token * p.output_stride[0] + head * p.output_stride[1] + column] =
        from_float<T>(end.of(value));
    if (column == 0 && p.lse != nullptr) static_cast<float*>(p.lse)[token * p.lse_stride + head] = end.lse;
  } else {
    const int64_t at = w.part * p.rows + row;
    p.partial_value[at * p.latent + column] = value;
    if (column == 0) {
      p.partial_most[at] = most;
      p.partial_sum[at] = sum;
    }
  }
}

template <class T, int Threads>
HIPINFER_DEVICE void mla_any(const paged_mla_attention_params& p) {
  constexpr int columns = most_latent / Threads;  // of a thread
  __shared__ mla_state<Threads> s;
  mla_work w;
  if (!find_mla_work<Threads>(p, s.scratch, w)) return;
#pragma unroll 1
  for (int first_row = 0; first_row < w.rows; first_row += mla_rows) {
#pragma unroll 1
    for (int r = 0; r < mla_rows; ++r) {
      const int row = w.has(first_row + r) ? first_row + r : w.rows - 1;
      const int64_t token = w.token(row), head = w.head(row);
      const T* nope = static_cast<const T*>(p.q_nope) + token * p.nope_stride[0] + head * p.nope_stride[1];
      const T* pe = static_cast<const T*>(p.q_pe) + token * p.pe_stride[0] + head * p.pe_stride[1];
      for (int c = thread_id(); c < p.latent + p.rotated; c += Threads)
        s.query[r][c] = to_float(c < p.latent ? nope[c] : pe[c - p.latent]);
    }
    if (thread_id() < mla_rows) {
      s.most[thread_id()] = -infinity;
      s.sum[thread_id()] = 0;
    }
    float value[mla_rows][columns] = {};
#pragma unroll 1
    for (int first = w.begin; first < w.end; first += mla_key_tile) {
      const int count = w.end - first < mla_key_tile ? w.end - first : mla_key_tile;
      if (thread_id() < count) {
        const paged_place at = place_of(first + thread_id(), p.page_size);
        s.page[thread_id()] = w.request.page(at.page);
        s.slot[thread_id()] = at.slot;
      }
      block_barrier();  // queries, and where the keys are
      mla_scores<T>(p, s, count);
      block_barrier();  // scores are there
      mla_weigh(p, w, s, first_row, first, count);
      block_barrier();  // weights are there
#pragma unroll
      for (int r = 0; r < mla_rows; ++r) {
#pragma unroll
        for (int i = 0; i < columns; ++i) value[r][i] *= s.rescale[r];
      }
#pragma unroll 1
      for (int key = 0; key < count; ++key) {
        const T* ckv =
            static_cast<const T*>(p.ckv_cache) + s.page[key] * p.ckv_stride[0] + s.slot[key] * p.ckv_stride[1];
        float v[columns];
#pragma unroll
        for (int i = 0; i < columns; ++i) {
          const int c = thread_id() + i * Threads;
          v[i] = c < p.latent ? to_float(ckv[c]) : 0.0f;
        }
#pragma unroll
        for (int r = 0; r < mla_rows; ++r) {
          const float weight = s.weight[r][key];
          if (weight == mla_unseen) continue;  // times 0, a value that is NaN would be seen
#pragma unroll
          for (int i = 0; i < columns; ++i) value[r][i] = fma(weight, v[i], value[r][i]);
        }
      }
      block_barrier();  // all have read
    }
    block_barrier();  // of a chunk without keys, too: states are there
#pragma unroll
    for (int r = 0; r < mla_rows; ++r) {
      if (!w.has(first_row + r)) continue;
#pragma unroll
      for (int i = 0; i < columns; ++i) {
        const int c = thread_id() + i * Threads;
        if (c < p.latent) put_mla<T>(p, w, first_row + r, c, s.most[r], s.sum[r], value[r][i]);
      }
    }
    block_barrier();  // all have read: the next rows may be written
  }
}

// A block combines the chunks of one head of a token.
template <class T, int Threads>
HIPINFER_DEVICE void mla_merge(const paged_mla_attention_params& p) {
  __shared__ block_scratch<Threads> scratch;
  const division at = divide(block_number(), p.heads);
  const int64_t token = at.quotient, head = at.rest;
  if (token >= p.tokens) return;
  const int64_t b = request_of(p.qo_indptr, 0, p.batch, token);
  if (b < 0) return;
  const int chunks = p.plan[2 * b];
  if (chunks <= 1) return;  // the first stage wrote it
  const mla_request r = read_mla_request(p, b);
  const int64_t tiles = mla_tiles(p, r);
  const division row = divide((token - r.first_token) * p.heads + head, p.rows);
  const int64_t first = p.plan[2 * b + 1] + row.quotient;
  if (row.quotient >= tiles || first + (chunks - 1) * tiles >= p.parts) return;  // a table out of order
  const auto place = [&](int chunk) { return (first + chunk * tiles) * p.rows + row.rest; };
  float most = -infinity, sum = 0;
  for (int i = thread_id(); i < chunks; i += Threads) most = max(most, p.partial_most[place(i)]);
  most = block_max<Threads>(most, scratch);
  const float anchor = anchor_of(most);
  for (int i = thread_id(); i < chunks; i += Threads)
    sum = fma(p.partial_sum[place(i)], weight_of(p.partial_most[place(i)], anchor, p.scale_log2), sum);
  const softmax_end end = end_of(anchor * p.scale_log2, block_sum<Threads>(sum, scratch));
  T* out = static_cast<T*>(p.output) + token * p.output_stride[0] + head * p.output_stride[1];
  for (int c = thread_id(); c < p.latent; c += Threads) {
    float value = 0;
#pragma unroll 2
    for (int i = 0; i < chunks; ++i) {
      const int64_t part = place(i);
      value = fma(p.partial_value[part * p.latent + c], weight_of(p.partial_most[part], anchor, p.scale_log2), value);
    }
    out[c] = from_float<T>(end.of(value));
  }
  if (thread_id() == 0 && p.lse != nullptr) static_cast<float*>(p.lse)[token * p.lse_stride + head] = end.lse;
}

}  // namespace hipinfer
