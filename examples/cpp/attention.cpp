// SPDX-License-Identifier: Apache-2.0
// Two prompts go into a paged KV cache and attend to themselves, with the C++ wrapper, on the best device
// there is.
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

#include "hipinfer/hipinfer.hpp"

namespace {

constexpr int64_t heads = 4, kv_heads = 2, dim = 64;  // two query heads share a key head
constexpr int64_t pages = 5, slots = 4;               // of the cache
const std::vector<int32_t> lengths{6, 3};             // of the two prompts

std::vector<float> random(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(static_cast<size_t>(count));
  for (float& x : out) x = normal(generator);
  return out;
}

// Causal attention of one token and head, from the definition, in double.
std::vector<double> expected(const std::vector<float>& q, const std::vector<float>& k, const std::vector<float>& v,
                             int64_t first, int64_t token, int64_t head) {
  const int64_t kv_head = head / (heads / kv_heads);
  std::vector<double> out(dim), weight;
  for (int64_t j = first; j <= token; ++j) {
    const float *a = &q[(token * heads + head) * dim], *b = &k[(j * kv_heads + kv_head) * dim];
    weight.push_back(std::exp(std::inner_product(a, a + dim, b, 0.0) / std::sqrt(double(dim))));
  }
  const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
  for (int64_t j = first; j <= token; ++j) {
    for (int64_t i = 0; i < dim; ++i) out[i] += weight[j - first] / sum * v[(j * kv_heads + kv_head) * dim + i];
  }
  return out;
}

double run() {
  using hipinfer::buffer, hipinfer::check, hipinfer::tensor;
  const hipinfer::context context;
  const hipinfer::stream stream(context);
  std::printf("%s\n", context.info().name);

  const int64_t tokens = lengths[0] + lengths[1];
  const auto q = random(tokens * heads * dim, 1), k = random(tokens * kv_heads * dim, 2),
             v = random(tokens * kv_heads * dim, 3);
  const buffer<float> query(context, q), key(context, k), value(context, v), output(context, q.size());

  // The first prompt has the pages 3 and 0, the second page 4; which pages those are is the caller's
  // business.
  const buffer<int32_t> indices(context, {3, 0, 4}), indptr(context, {0, 2, 3}), last_page(context, {2, 3});
  const buffer<int32_t> requests(context, {0, 0, 0, 0, 0, 0, 1, 1, 1}), positions(context, {0, 1, 2, 3, 4, 5, 0, 1, 2});
  const buffer<int32_t> prompts(context, {0, lengths[0], lengths[0] + lengths[1]});

  // One allocation for keys and values, [pages, 2, slots, heads, dim]: each half is a view with strides.
  const buffer<float> cache(context, pages * 2 * slots * kv_heads * dim);
  const int64_t half = slots * kv_heads * dim;
  const std::vector<int64_t> shape{pages, slots, kv_heads, dim}, strides{2 * half, kv_heads * dim, dim, 1};
  const auto f32 = hipinfer::dtype_of<float>();
  const tensor k_cache(context.device(), cache.data(), shape, f32, strides);
  const tensor v_cache(context.device(), cache.data() + half, shape, f32, strides);
  const tensor page_table(indices, {3}), page_starts(indptr, {3}), last_lengths(last_page, {2});

  check(hipinfer_append_paged_kv_cache(context, k_cache, v_cache, tensor(key, {tokens, kv_heads, dim}),
                                       tensor(value, {tokens, kv_heads, dim}), tensor(requests, {tokens}),
                                       tensor(positions, {tokens}), page_table, page_starts, last_lengths, nullptr,
                                       nullptr, stream));
  hipinfer_paged_attention_prefill_options options{};
  options.struct_size = sizeof options;
  options.causal = 1;
  check(hipinfer_paged_attention_prefill(context, tensor(output, {tokens, heads, dim}), nullptr,
                                         tensor(query, {tokens, heads, dim}), k_cache, v_cache, tensor(prompts, {3}),
                                         page_starts, page_table, last_lengths, &options, stream));
  std::printf("served by %s\n", hipinfer_last_kernel());

  const std::vector<float> result = output.download(stream);
  double worst = 0;
  for (int64_t token = 0; token < tokens; ++token) {
    for (int64_t head = 0; head < heads; ++head) {
      const auto wanted = expected(q, k, v, token < lengths[0] ? 0 : lengths[0], token, head);
      for (int64_t i = 0; i < dim; ++i) {
        const double off = std::abs(result[(token * heads + head) * dim + i] - wanted[i]);
        if (std::isnan(off) || off > worst) worst = off;  // a NaN stays
      }
    }
  }
  return worst;
}

}  // namespace

int main() {
  try {
    const double worst = run();
    std::printf("largest error %.1e\n", worst);
    return worst <= 1e-5 ? 0 : 1;
  } catch (const hipinfer::error& e) {
    std::fprintf(stderr, "%s: %s\n", hipinfer_status_string(e.status()), e.what());
    return 1;
  }
}
