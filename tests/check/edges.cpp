// SPDX-License-Identifier: Apache-2.0
#include "tests/check/edges.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/check/registry.h"

namespace check {
namespace {

struct edge {
  const char* op;
  const char* symbol;
  int64_t value;
};

// Edges that family.toml cannot state, because no tensor has that extent: keys of one request, elements of a tensor of any
// shape, elements of a group.
constexpr edge further[] = {
    {"quantize_per_group", "N", 6144},
    {"paged_attention_decode", "keys", 16},   // a wave's loads in flight
    {"paged_attention_decode", "keys", 64},   // a tile's keys
    {"paged_attention_decode", "keys", 128},  // the shortest chunk
    {"paged_attention_decode", "keys", 256},  // and where batches do not matter
    {"paged_attention_prefill", "keys", 32},  // a tile's keys
    {"paged_attention_prefill", "keys", 64},
    {"paged_attention_prefill", "keys", 128},
    {"paged_attention_prefill", "tokens", 64},  // and its rows
    {"paged_attention_prefill", "tokens", 128},
    {"scale", "N", 2048},  // a vector of 16 bits of 256 threads
    {"scale", "N", 8192},  // four of them
};

std::vector<int64_t> edges_of(const std::string& op, const std::string& symbol) {
  std::vector<int64_t> out;
  const registered_op& r = registered(op);
  for (int i = 0; i < r.edge_count; ++i) {
    if (symbol == r.edges[i].symbol) out.push_back(r.edges[i].value);
  }
  for (const edge& e : further) {
    if (op == e.op && symbol == e.symbol) out.push_back(e.value);
  }
  if (out.empty()) ADD_FAILURE() << op << " states no edge of " << symbol;
  std::sort(out.begin(), out.end());
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
  const std::vector<int64_t> edges = edges_of(op, symbol);
  for (const int64_t e : edges) out.insert(out.end(), {e - 1, e, e + 1});
  if (!edges.empty()) {
    const int64_t most = edges.back();
    out.insert(out.end(), {most - 8, most + 8});
    // An emulated row of so many elements takes a second.
    if (!quick() || most < 8192) out.insert(out.end(), {2 * most, 2 * most + 1, 3 * most - 1});
  }
  out.erase(std::remove_if(out.begin(), out.end(), [](int64_t n) { return n < 1; }), out.end());
  return ascending(out);
}

std::vector<int64_t> edge_places(const std::string& op, const std::string& symbol, int64_t n) {
  std::vector<int64_t> out = {0, n - 1};
  std::vector<int64_t> edges = edges_of(op, symbol);
  edges.erase(std::remove_if(edges.begin(), edges.end(), [&](int64_t e) { return e >= n; }), edges.end());
  // A row a place: the three last edges that fit, which decide how such a row is shared out.
  if (edges.size() > 3) edges.erase(edges.begin(), edges.end() - 3);
  for (const int64_t e : edges) {
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
