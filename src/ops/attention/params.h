// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// Query heads that a block keeps in registers, and so many where it shapes scores.
constexpr int paged_attention_decode_heads = 8, paged_attention_decode_shaped_heads = 4;

struct paged_attention_decode_params {
  void* output;
  void* lse;  // NULL: not wanted
  const void* query;
  const void* k_cache;
  const void* v_cache;
  const int32_t* kv_indptr;
  const int32_t* kv_indices;
  const int32_t* kv_last_page_len;
  float* partial_value;  // [slots, q_heads, head_dim]: weighted sums of values, of requests in several chunks
  float* partial_most;   // [slots, q_heads]: the score, not yet times scale_log2, that weights are relative to
  float* partial_sum;    // [slots, q_heads]: the sum of weights
  const float* k_scale;  // of each key/value head or of all, or NULL; of a cache of fp8
  const float* v_scale;
  const float* sinks;         // [q_heads], or NULL
  const float* alibi_slopes;  // [q_heads], or NULL
  int64_t batch;
  int64_t q_heads;
  int64_t kv_heads;
  int64_t output_stride[2];  // of a request, of a head
  int64_t lse_stride;        // of a request
  int64_t query_stride[2];   // of a request, of a head
  int64_t k_stride[3];       // of a page, of a slot, of a head
  int64_t v_stride[3];
  int64_t slots;         // chunks there is room for: one a request and `spare` more
  float scale_log2;      // of scores, times log2(e); 1 if they are shaped
  float score_scale;     // of scores that are shaped, and where these are capped of the argument of tanh
  float cap_log2;        // times log2(e); 0: none
  int32_t shaped;        // scores have a cap or ALiBi's bias, and are made to exponents of 2 where these are applied
  int32_t window;        // keys that a token sees; 0: all
  int32_t window_slots;  // that each request gets if chunks of
  int32_t window_chunk;  // so many pages are shorter than those of the whole table; 0: it gets what its pages need
  int32_t table_pages;   // entries that may be read: none of a cache without pages
  int32_t last_page;     // of the cache
  int32_t page_size;
  int32_t head_dim;
  int32_t group;        // query heads that share a key/value head
  int32_t group_tiles;  // a block serves one of so many parts of a group,
  int32_t tile_heads;   // each of so many heads (the last one of fewer)
  int32_t spare;
  int32_t most_chunks;  // wanted of a batch; a request's last one may be more
  int32_t least_pages;  // a shorter chunk is not worth its cost,
  int32_t short_pages;  // one of fewer only while there are few chunks
  int32_t vector;       // 16-byte accesses are allowed,
  int32_t near;         // and strides of pages and slots in that unit have 32 bits
  int32_t pieces;       // near, and rows of the cache are pieces of 16 bytes
  int32_t k_scales;     // k_scale has one for each key/value head,
  int32_t v_scales;     // and v_scale
  hipinfer::dtype cache_type;
};

struct paged_attention_prefill_params {
  void* output;
  void* lse;  // NULL: not wanted
  const void* query;
  const void* k_cache;
  const void* v_cache;
  const int32_t* qo_indptr;
  const int32_t* kv_indptr;
  const int32_t* kv_indices;  // NULL: keys lie side by side, and kv_indptr counts them
  const int32_t* kv_last_page_len;
  int64_t batch;
  int64_t tokens;
  int64_t q_heads;
  int64_t kv_heads;
  int64_t output_stride[2];  // of a token, of a head
  int64_t lse_stride;        // of a token
  int64_t query_stride[2];   // of a token, of a head
  int64_t k_stride[3];       // of a page, of a slot, of a head
  int64_t v_stride[3];
  hipinfer::divisor group_by;  // for numbers up to the group and a tile's rows
  const float* k_scale;        // of each key/value head or of all, or NULL; of a cache of fp8
  const float* v_scale;
  const float* sinks;          // [q_heads], or NULL
  const float* alibi_slopes;   // [q_heads], or NULL
  const uint8_t* custom_mask;  // or NULL
  const void* mask_indptr;     // where each request's bytes begin
  int64_t mask_bytes;
  float scale_log2;   // of scores, times log2(e); 1 if they are shaped
  float score_scale;  // as for decode
  float cap_log2;
  int32_t shaped;
  int32_t window;            // keys up to its own position that a token sees; 0: all
  int32_t ahead;             // keys past its own position that a token sees; -1: all
  int32_t wide_mask_indptr;  // it is in i64
  int32_t table_pages;       // entries that may be read: none of a cache without pages
  int32_t last_page;         // of the cache
  int32_t page_size;
  int32_t head_dim;
  int32_t group;     // query heads that share a key/value head
  int32_t vector;    // 16-byte accesses are allowed,
  int32_t near;      // and strides of pages and slots in that unit have 32 bits
  int32_t k_scales;  // k_scale has one for each key/value head,
  int32_t v_scales;  // and v_scale
  hipinfer::dtype cache_type;
};

struct paged_mla_attention_params {
  void* output;
  void* lse;  // NULL: not wanted
  const void* q_nope;
  const void* q_pe;
  const void* ckv_cache;
  const void* kpe_cache;
  const int32_t* qo_indptr;
  const int32_t* kv_indptr;
  const int32_t* kv_indices;
  const int32_t* kv_len;
  int32_t* plan;         // [batch, 2]: chunks of a request, and the first of its partial results; NULL: nothing is cut
  float* partial_value;  // [parts, rows, latent]: weighted sums of values, of requests in several chunks
  float* partial_most;   // [parts, rows]: the score, not yet times scale_log2, that weights are relative to
  float* partial_sum;    // [parts, rows]: the sum of weights
  int64_t batch;
  int64_t tokens;
  int64_t heads;
  int64_t output_stride[2];  // of a token, of a head
  int64_t lse_stride;        // of a token
  int64_t nope_stride[2];    // of a token, of a head
  int64_t pe_stride[2];
  int64_t ckv_stride[2];  // of a page, of a slot
  int64_t kpe_stride[2];
  hipinfer::divisor heads_by;
  int64_t slots;        // tiles of rows and keys that there is room for: `spare` more than tiles of rows
  int64_t parts;        // partial results of a tile that there is room for
  int64_t spare;        // 0: nothing is cut
  float scale_log2;     // of scores, times log2(e)
  int32_t rows;         // of a tile: a row is a head of a token
  int32_t least_keys;   // a shorter chunk is not worth its cost
  int32_t table_pages;  // entries that may be read: none of a cache without pages
  int32_t last_page;    // of the cache
  int32_t page_size;
  int32_t latent;   // C
  int32_t rotated;  // R
  int32_t causal;
  int32_t near;  // 16-byte accesses are allowed, and strides of pages and slots in that unit have 32 bits
};

struct merge_states_params {
  void* output;
  float* lse;               // NULL: not wanted
  const void* first_value;  // of the first state,
  const float* first_lse;
  const void* values;  // and of the others
  const float* lses;
  const uint8_t* mask;  // of tokens, or NULL
  int64_t rows;         // tokens * heads
  int64_t states;
  int64_t n;                 // head dimension
  int64_t output_stride[2];  // of a token, of a head
  int64_t lse_stride[2];
  int64_t first_value_stride[2];
  int64_t first_lse_stride[2];
  int64_t values_stride[3];  // of a token, of a head, of a state
  int64_t lses_stride[3];
  hipinfer::divisor heads_by;
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed
};

struct masked_softmax_params {
  const void* input;
  const void* mask;  // or NULL
  void* output;
  int64_t rows;  // B * H * Q
  int64_t queries;
  int64_t heads;
  int64_t n;                // K
  int64_t input_stride[3];  // of a request, of a head, of a query
  int64_t output_stride[3];
  int64_t mask_stride[4];
  hipinfer::divisor inner_by;  // rows are numbered by request, head and query, the query innermost;
  hipinfer::divisor middle_by;
  float scale;
  int32_t heads_inside;  // or the head, where all heads have one mask
  int32_t causal;
  int32_t mask_bytes;  // of an element: 1 is a bool
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, n is a multiple of them, and the mask can be read along
};
