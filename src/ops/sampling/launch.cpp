// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "core/divisor.h"
#include "core/items.h"
#include "gen/apply_penalties.h"
#include "gen/argmax.h"
#include "gen/chain_speculative_sampling.h"
#include "gen/filter.h"
#include "gen/sampling.h"
#include "gen/softmax.h"
#include "gen/token_logprobs.h"
#include "gen/top_k.h"
#include "gen/top_k_transform.h"
#include "ops/sampling/params.h"

namespace hipinfer {

void softmax_launch(call& c, const softmax_args& a) {
  softmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.temperatures = a.temperatures.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  p.temperature = a.temperature;
  p.input_type = a.input.type;
  p.output_type = a.output.type;
  p.vector = a.input.aligned(16) && a.output.aligned(16) && p.n % (16 / dtype_bytes(a.input.type)) == 0;
  if (a.output.elements() == 0) return;
  if (p.output != nullptr && p.output == p.input && a.output.type != a.input.type) {
    c.refuse(HIPINFER_STATUS_ALIASING, "output", "is the same memory as input, with dtype %s in place of %s",
             dtype_name(a.output.type), dtype_name(a.input.type));
  }
  c.run<softmax_tune>(p, [&](const softmax_tune& t) {
    // Blocks of a row that is overwritten would have to wait for each other.
    if (p.output != p.input) {
      while (1 << p.parts_log2 < t.parts && p.rows << (p.parts_log2 + 2) <= c.compute_units()) ++p.parts_log2;
    }
    return block_grid(p.rows << p.parts_log2);
  });
}

void argmax_launch(call& c, const argmax_args& a) {
  argmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.vector = a.input.aligned(16);
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no maximum");
  if (a.output.type == dtype::i32 && p.n - 1 > INT32_MAX) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length %lld have indices that output's i32 cannot hold",
             static_cast<long long>(p.n));
  }
  if (p.rows == 0) return;
  c.run<argmax_tune>(p, [&](const argmax_tune&) { return grid{p.rows}; });
}

namespace {

// What the sampling operations take of a row's length.
void check_length(call& c, int64_t length, const char* name) {
  if (length >= 1 && length <= INT32_MAX) return;
  c.refuse(HIPINFER_STATUS_INVALID_SHAPE, name, "rows of length %lld, expected from 1 to %d",
           static_cast<long long>(length), INT32_MAX);
}
template <class Params>
void plan_length(call& c, int64_t length, const char* name, Params& p) {
  check_length(c, length, name);
  p.n = length;
  p.weight_bits = 62 - std::bit_width(static_cast<uint64_t>(p.n));
}
template <class Params>
void plan_rows(call& c, const view& input, const char* name, Params& p) {
  plan_length(c, input.shape[1], name, p);
  p.input = input.data;
  p.rows = input.shape[0];
  p.input_stride = input.stride[0];
}

// Seed and offset, as numbers or in memory.
template <class Args, class Params>
void plan_random(const Args& a, Params& p) {
  p.philox = static_cast<const int64_t*>(a.philox.data);
  p.philox_stride = a.philox.rank == 2 ? a.philox.stride[0] : 0;
  p.seed = static_cast<int64_t>(a.seed);
  p.offset = static_cast<int64_t>(a.offset);
}

// As many blocks share each row as leave none of the device's units without one, if each then has enough to do.
grid row_grid(const call& c, int64_t rows, int64_t length, int32_t most) {
  most = std::min(most, 8);        // tops_of_all
  constexpr int64_t least = 4096;  // elements a block
  int32_t blocks = 1;
  while (2 * blocks <= most && rows <= c.compute_units() / (2 * blocks) && length >= least * 2 * blocks) blocks *= 2;
  return {.blocks = rows * blocks, .cluster = blocks};
}

}  // namespace

void sampling_launch(call& c, const sampling_args& a) {
  const view& input = a.traits.logits ? a.logits : a.probs;
  const char* name = a.traits.logits ? "logits" : "probs";
  sampling_params p{};
  p.output = static_cast<int32_t*>(a.output.data);
  p.valid = static_cast<uint8_t*>(a.valid.data);
  plan_rows(c, input, name, p);
  p.indices = a.indices.data;
  p.temperatures = a.temperatures.data;
  p.top_ks = static_cast<const int32_t*>(a.top_ks.data);
  p.top_ps = a.top_ps.data;
  p.min_ps = a.min_ps.data;
  p.outputs = a.output.shape[0];
  plan_random(a, p);
  p.temperature = a.traits.logits ? a.temperature : 1;
  p.top_p = a.traits.by_p ? a.top_p : 1;
  p.min_p = a.min_p;
  p.top_k = a.top_k;
  p.joint = a.joint;
  if (!a.indices.given() && p.rows != p.outputs) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, name, "%lld rows, expected %lld: one for each output, or indices",
             static_cast<long long>(p.rows), static_cast<long long>(p.outputs));
  }
  p.wide_indices = a.indices.type == dtype::i64;
  p.vector = input.aligned(16);
  if (p.outputs == 0) return;
  c.run<sampling_tune>(p, [&](const sampling_tune& t) { return row_grid(c, p.outputs, p.n, t.blocks); });
}

void filter_launch(call& c, const filter_args& a) {
  const view& input = a.traits.logits ? a.logits : a.probs;
  filter_params p{};
  plan_rows(c, input, a.traits.logits ? "logits" : "probs", p);
  p.output = a.output.data;
  p.top_ks = static_cast<const int32_t*>(a.top_ks.data);
  p.top_ps = a.top_ps.data;
  p.output_stride = a.output.stride[0];
  p.top_k = a.top_k;
  p.top_p = a.traits.by_k ? 1 : a.top_p;
  p.vector_input = input.aligned(16);
  p.vector_output = a.output.aligned(16);
  if (p.rows == 0) return;
  c.run<filter_tune>(p, [&](const filter_tune& t) { return row_grid(c, p.rows, p.n, t.blocks); });
}

void chain_speculative_sampling_launch(call& c, const chain_speculative_sampling_args& a) {
  chain_speculative_sampling_params p{};
  plan_length(c, a.target_probs.shape[2], "target_probs", p);
  p.output = static_cast<int32_t*>(a.output.data);
  p.valid = static_cast<uint8_t*>(a.valid.data);
  p.accepted = static_cast<int32_t*>(a.accepted.data);
  p.emitted = static_cast<int32_t*>(a.emitted.data);
  p.draft = a.draft_probs.data;
  p.target = a.target_probs.data;
  p.ids = a.draft_token_ids.data;
  p.requests = a.output.shape[0];
  p.places = a.draft_token_ids.shape[1];
  p.output_stride = a.output.stride[0];
  for (int d = 0; d < 2; ++d) {
    p.draft_stride[d] = a.draft_probs.stride[d];
    p.target_stride[d] = a.target_probs.stride[d];
    p.ids_stride[d] = a.draft_token_ids.stride[d];
  }
  plan_random(a, p);
  p.wide_ids = a.draft_token_ids.type == dtype::i64;
  p.vector = a.target_probs.aligned(16) && (p.places == 0 || a.draft_probs.aligned(16));
  if (p.places > INT32_MAX - 1) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "draft_token_ids", "%lld tokens a request, expected at most %d",
             static_cast<long long>(p.places), INT32_MAX - 1);
  }
  if (p.requests == 0) return;
  c.run<chain_speculative_sampling_tune>(p, [&](const chain_speculative_sampling_tune&) { return grid{p.requests}; });
}

void apply_penalties_launch(call& c, const apply_penalties_args& a) {
  apply_penalties_params p{};
  p.logits = a.logits.data;
  p.output = a.output.data;
  p.counts = static_cast<const int32_t*>(a.counts.data);
  p.prompt = static_cast<const uint8_t*>(a.prompt.data);
  p.bias = a.bias.data;
  p.repetitions = a.repetitions.data;
  p.presences = a.presences.data;
  p.frequencies = a.frequencies.data;
  p.rows = a.logits.shape[0];
  p.logits_stride = a.logits.stride[0];
  p.output_stride = a.output.stride[0];
  p.counts_stride = a.counts.stride[0];
  p.prompt_stride = a.prompt.stride[0];
  p.bias_stride = a.bias.rank == 2 ? a.bias.stride[0] : 0;
  p.repetition = a.repetition;
  p.presence = a.presence;
  p.frequency = a.frequency;
  const int64_t n = a.logits.shape[1];
  const int width = 16 / dtype_bytes(a.logits.type);
  const auto fits = [](const view& v, int bytes) { return !v.given() || v.aligned(bytes); };
  p.vector = n % width == 0 && fits(a.logits, 16) && fits(a.output, 16) && fits(a.counts, 16) && fits(a.bias, 16) &&
             fits(a.prompt, width);
  if (a.logits.elements() == 0) return;
  const int64_t groups = p.vector ? n / width : n;
  p.groups = make_divisor(groups, p.rows * groups + item_threads);
  c.run<apply_penalties_tune>(p, [&](const apply_penalties_tune&) { return item_grid(p.rows * groups); });
}

void top_k_launch(call& c, const top_k_args& a) {
  top_k_params p{};
  p.input = a.input.data;
  p.values = a.values.data;
  p.indices = a.indices.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.k = a.values.shape[1];
  p.input_stride = a.input.stride[0];
  p.values_stride = a.values.stride[0];
  p.indices_stride = a.indices.stride[0];
  p.sorted = a.sorted;
  p.vector = a.input.aligned(16);
  check_length(c, p.n, "input");
  if (p.k > p.n) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "values", "%lld elements of rows of length %lld",
             static_cast<long long>(p.k), static_cast<long long>(p.n));
  }
  if (a.sorted && p.k > most_sorted) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "sorted", "%lld elements a row, expected at most %d",
             static_cast<long long>(p.k), most_sorted);
  }
  if (a.values.elements() == 0) return;
  c.run<top_k_tune>(p, [&](const top_k_tune&) { return grid{p.rows}; });
}

void token_logprobs_launch(call& c, const token_logprobs_args& a) {
  token_logprobs_params p{};
  p.input = a.logits.data;
  p.tokens = a.tokens.data;
  p.temperatures = a.temperatures.data;
  p.logprobs = static_cast<float*>(a.logprobs.data);
  p.ranks = static_cast<int32_t*>(a.ranks.data);
  p.top_logprobs = static_cast<float*>(a.top_logprobs.data);
  p.top_indices = static_cast<int32_t*>(a.top_indices.data);
  p.rows = a.logits.shape[0];
  p.n = a.logits.shape[1];
  const view& top = a.top_indices.given() ? a.top_indices : a.top_logprobs;
  const char* name = a.top_indices.given() ? "top_indices" : "top_logprobs";
  p.top = top.given() ? top.shape[1] : 0;
  p.input_stride = a.logits.stride[0];
  p.top_logprobs_stride = a.top_logprobs.stride[0];
  p.top_indices_stride = a.top_indices.stride[0];
  p.temperature = a.temperature;
  p.wide_tokens = a.tokens.type == dtype::i64;
  p.vector = a.logits.aligned(16);
  check_length(c, p.n, "logits");
  if (p.top > p.n) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, name, "%lld tokens of rows of length %lld", static_cast<long long>(p.top),
             static_cast<long long>(p.n));
  }
  if (p.top > most_sorted) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, name, "%lld tokens a row, expected at most %d", static_cast<long long>(p.top),
             most_sorted);
  }
  if (p.rows == 0) return;
  c.run<token_logprobs_tune>(p, [&](const token_logprobs_tune&) { return grid{p.rows}; });
}

void top_k_transform_launch(call& c, const top_k_transform_args& a) {
  top_k_transform_params p{};
  p.input = a.scores.data;
  p.output = static_cast<int32_t*>(a.output.data);
  p.raw_indices = static_cast<int32_t*>(a.raw_indices.data);
  p.page_table = static_cast<const int32_t*>(a.page_table.data);
  p.offsets = static_cast<const int32_t*>(a.offsets.data);
  p.lengths = static_cast<const int32_t*>(a.lengths.data);
  p.row_to_batch = static_cast<const int32_t*>(a.row_to_batch.data);
  p.row_starts = static_cast<const int32_t*>(a.row_starts.data);
  p.page_table_starts = static_cast<const int32_t*>(a.page_table_starts.data);
  p.rows = a.scores.shape[0];
  p.n = a.scores.shape[1];
  p.k = a.output.shape[1];
  p.input_stride = a.scores.stride[0];
  p.output_stride = a.output.stride[0];
  p.raw_indices_stride = a.raw_indices.stride[0];
  p.vector = a.scores.aligned(16);
  check_length(c, p.n, "scores");
  if (a.traits.paged) {
    p.tables = a.page_table.shape[0];
    p.entries = a.page_table.shape[1];
    p.page_table_stride = a.page_table.stride[0];
    p.page_size = make_divisor(a.page_size, p.n);
    if (!a.row_to_batch.given() && p.tables < p.rows) {
      c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "page_table",
               "%lld rows, expected %lld: one for each row of scores, or "
               "row_to_batch",
               static_cast<long long>(p.tables), static_cast<long long>(p.rows));
    }
    if (a.row_starts.given() && !a.page_table_starts.given() && a.page_size != 1) {
      c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "page_table_starts",
               "is left out, expected with row_starts and a page_size of %d: row_starts counts scores, not pages",
               a.page_size);
    }
  }
  if (a.output.elements() == 0) return;
  c.run<top_k_transform_tune>(p, [&](const top_k_transform_tune&) { return grid{p.rows}; });
}

}  // namespace hipinfer
