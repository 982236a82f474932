// SPDX-License-Identifier: Apache-2.0
#include "tests/check/edges.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace check {
namespace {

struct edge {
  const char* op;
  const char* symbol;
  int64_t value;
};

// From the conditions in family.toml and the constants of the kernels. A family's edges stand at the family's name.
constexpr edge edges[] = {
    {"norms", "N", 6144},   // short_rows: 24 elements of 256 lanes
    {"norms", "N", 16384},  // long_rows: 32 elements of 512 lanes
    {"argmax", "V", 16384},
    {"softmax", "V", 16384},
    {"masked_softmax", "K", 4096},
    {"masked_softmax", "K", 16384},
    {"quantize_per_token", "N", 6144},
    {"quantize_per_token", "N", 16384},
    {"quantize_per_group", "N", 6144},  // of a group
    {"gated_dynamic_quant", "N", 6144},
    {"gated_dynamic_quant", "N", 16384},
    {"top_k_top_p_sampling_from_logits", "V", 4096},  // vectors of 16 bits of 512 threads
    {"paged_attention_decode", "keys", 16},           // a wave's loads in flight
    {"paged_attention_decode", "keys", 128},          // the shortest chunk
    {"paged_attention_decode", "keys", 256},          // and where batches do not matter
    {"paged_attention_prefill", "keys", 64},          // a tile's keys
    {"paged_attention_prefill", "tokens", 64},        // and rows
    {"gemm", "M", 8},                                 // gemv's rows
    {"gemm", "M", 64},
    {"gemm", "M", 128},
    {"gemm", "N", 64},
    {"gemm", "N", 128},
    {"gemm", "K", 16},  // simt's slice
    {"gemm", "K", 32},  // mma's slice
    {"qk_norm_rope", "D", 1024},
    {"elementwise", "N", 2048},  // a vector of 16 bits of 256 threads
    {"elementwise", "N", 8192},  // four of them
};

std::vector<int64_t> edges_of(const std::string& op, const std::string& symbol) {
  std::vector<int64_t> out;
  for (const edge& e : edges) {
    if (op == e.op && symbol == e.symbol) out.push_back(e.value);
  }
  if (out.empty()) ADD_FAILURE() << op << " states no edge of " << symbol;
  return out;
}

std::vector<int64_t> ascending(std::vector<int64_t> list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace

std::vector<int64_t> edge_lengths(const std::string& op, const std::string& symbol) {
  std::vector<int64_t> out;
  for (const int64_t e : edges_of(op, symbol)) {
    for (const int64_t n : {e - 8, e - 1, e, e + 1, e + 8, 2 * e, 2 * e + 1, 3 * e - 1}) {
      if (n > 0) out.push_back(n);
    }
  }
  return ascending(out);
}

std::vector<int64_t> edge_places(const std::string& op, const std::string& symbol, int64_t n) {
  std::vector<int64_t> out = {0, n - 1};
  for (const int64_t e : edges_of(op, symbol)) {
    for (int64_t k = 1; k <= 2 && k * e < n; ++k) out.insert(out.end(), {k * e - 1, k * e});
  }
  return ascending(out);
}

tensor spiked(dtype d, const std::vector<int64_t>& places, int64_t n, double there, const fill& rest) {
  tensor t = input(d, {static_cast<int64_t>(places.size()), n}, rest);
  for (size_t row = 0; row < places.size(); ++row) t.contents[row * n + places[row]] = there;
  return t;
}

tensor reshaped(tensor t, std::vector<int64_t> shape) {
  t.shape = std::move(shape);
  t.strides.resize(t.shape.size());
  return t.with_gap(0);
}

tensor edge_rows(const std::string& op, const std::string& symbol, dtype d, int64_t n, double there) {
  std::vector<int64_t> places = edge_places(op, symbol, n);
  places.insert(places.end(), {n - 1, n - 1});
  tensor t = spiked(d, places, n, there, fills::normal(0.1));
  t.contents[(places.size() - 1) * n - 1] = NAN;
  t.contents[places.size() * n - 1] = INFINITY;
  return t;
}

}  // namespace check
