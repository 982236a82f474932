// SPDX-License-Identifier: Apache-2.0
// One layer of a Llama decodes two requests, token by token, over a paged KV cache: what an engine in C++ does for each
// layer and step, with the C++ wrapper, on the best device there is. The weights are random; a plain loop in double
// checks every step.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "hipinfer/hipinfer.hpp"

namespace {

using hipinfer::buffer, hipinfer::check, hipinfer::tensor;
using floats = std::vector<float>;

constexpr int64_t hidden = 256, heads = 8, kv_heads = 2, dim = 32, feed = 512;  // four query heads share a key head
constexpr int64_t slots = 4, pages = 6, steps = 11;                             // of a page, of the cache, to decode
constexpr int64_t requests = 2, late = 3;  // the second request is as many steps younger than the first
constexpr int64_t qkv = (heads + 2 * kv_heads) * dim;
constexpr float eps = 1e-5f, theta = 10000.0f;

floats random(int64_t count, float scale, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  floats out(static_cast<size_t>(count));
  for (float& x : out) x = normal(generator);
  return out;
}

// A linear layer's weight has a row for each output feature. Queries, keys and values are one layer.
struct weights {
  floats attention_norm, qkv, out, feed_norm, gate, up, down;
};

weights random_weights() {
  const auto linear = [](int64_t n, int64_t k, unsigned seed) { return random(n * k, 1 / std::sqrt(float(k)), seed); };
  weights w{random(hidden, 0.2f, 1), linear(qkv, hidden, 2),  linear(hidden, heads * dim, 3), random(hidden, 0.2f, 4),
            linear(feed, hidden, 5), linear(feed, hidden, 6), linear(hidden, feed, 7)};
  for (float& x : w.attention_norm) x += 1;
  for (float& x : w.feed_norm) x += 1;
  return w;
}

// Which pages a request has is the engine's business: here the first one has even pages, the second odd ones.
int32_t page_of(int64_t request, int64_t position) {
  return static_cast<int32_t>(2 * (position / slots) + request);
}
// How many tokens a request has after a step; the second begins later.
int32_t length_after(int64_t request, int64_t step) {
  return static_cast<int32_t>(step + 1 - request * late);
}

// The layer on the device. All memory is allocated here; a step allocates nothing.
class layer {
 public:
  layer(const hipinfer::context& c, const weights& w)
      : context_(c),
        stream_(c),
        attention_norm_(c, w.attention_norm),
        qkv_weight_(c, w.qkv),
        out_weight_(c, w.out),
        feed_norm_(c, w.feed_norm),
        gate_(c, w.gate),
        up_(c, w.up),
        down_(c, w.down),
        k_cache_(c, pages * slots * kv_heads * dim),
        v_cache_(c, pages * slots * kv_heads * dim),
        angles_(c, pages * slots * dim),
        residual_(c, requests * hidden),
        normed_(c, requests * hidden),
        projected_(c, requests * qkv),
        attended_(c, requests * heads * dim),
        gated_(c, requests * feed),
        indptr_(c, requests + 1),
        indices_(c, pages),
        last_page_(c, requests),
        positions_(c, requests),
        numbers_(c, requests),
        workspace_(c, workspace_bytes()) {
    check(hipinfer_rope_cos_sin_cache(c, tensor(angles_, {pages * slots, dim}), theta, nullptr, stream_));
  }

  // Adds what the layer makes of it to each request's residual stream, `x`, and gives the sums.
  floats decode(const floats& x, int64_t step) {
    const int64_t batch = static_cast<int64_t>(x.size()) / hidden;
    upload(batch, step, x);
    const tensor residual(residual_, {batch, hidden}), normed(normed_, {batch, hidden});
    const tensor query = part(0, heads, batch), key = part(heads, kv_heads, batch);
    const tensor value = part(heads + kv_heads, kv_heads, batch);
    const std::vector<int64_t> cache{pages, slots, kv_heads, dim};
    const tensor k_cache(k_cache_, cache), v_cache(v_cache_, cache), attended(attended_, {batch, heads, dim});
    const tensor indptr(indptr_, {batch + 1}), indices(indices_, {pages}), last_page(last_page_, {batch});

    check(hipinfer_rmsnorm(context_, normed, residual, tensor(attention_norm_, {hidden}), eps, stream_));
    check(hipinfer_gemm(context_, tensor(projected_, {batch, qkv}), normed, tensor(qkv_weight_, {qkv, hidden}), nullptr,
                        nullptr, nullptr, stream_));
    // Queries are rotated in place; keys are rotated on their way to the cache, beside their values.
    check(hipinfer_rope_append_kv(context_, query, k_cache, v_cache, query, key, value,
                                  tensor(angles_, {pages * slots, dim}), tensor(positions_, {batch}),
                                  tensor(numbers_, {batch}), indices, indptr, last_page, nullptr, nullptr, nullptr, 0,
                                  stream_));
    check(hipinfer_paged_attention_decode(context_, attended, nullptr, query, k_cache, v_cache, indptr, indices,
                                          last_page, nullptr, workspace_.data(), workspace_.size(), stream_));
    check(hipinfer_gemm(context_, residual, tensor(attended_, {batch, heads * dim}),
                        tensor(out_weight_, {hidden, heads * dim}), nullptr, residual, nullptr, stream_));
    check(hipinfer_rmsnorm(context_, normed, residual, tensor(feed_norm_, {hidden}), eps, stream_));
    check(hipinfer_gate_up_swiglu(context_, tensor(gated_, {batch, feed}), normed, tensor(gate_, {feed, hidden}),
                                  tensor(up_, {feed, hidden}), stream_));
    check(hipinfer_gemm(context_, residual, tensor(gated_, {batch, feed}), tensor(down_, {hidden, feed}), nullptr,
                        residual, nullptr, stream_));
    floats out = residual_.download(stream_);
    out.resize(x.size());
    return out;
  }

 private:
  // Some heads of the projection, which has those of queries, keys and values side by side.
  tensor part(int64_t first, int64_t count, int64_t batch) const {
    return {context_.device(),
            projected_.data() + first * dim,
            {batch, count, dim},
            hipinfer::dtype_of<float>(),
            {qkv, dim, 1}};
  }

  // For the batch that wants most: shapes decide it, lengths do not.
  size_t workspace_bytes() const {
    const std::vector<int64_t> cache{pages, slots, kv_heads, dim};
    size_t most = 0;
    for (int64_t batch = 1; batch <= requests; ++batch) {
      const tensor rows(attended_, {batch, heads, dim});
      size_t bytes = 0;
      check(hipinfer_paged_attention_decode_workspace_bytes(
          context_, rows, nullptr, rows, tensor(k_cache_, cache), tensor(v_cache_, cache), tensor(indptr_, {batch + 1}),
          tensor(indices_, {pages}), tensor(last_page_, {batch}), nullptr, &bytes));
      most = std::max(most, bytes);
    }
    return most;
  }

  // The page table of a step, and where its tokens go. The vectors must stay until the stream has read them.
  void upload(int64_t batch, int64_t step, const floats& x) {
    std::vector<int32_t> indptr{0}, indices, last, positions, numbers;
    for (int64_t b = 0; b < batch; ++b) {
      const int32_t length = length_after(b, step);
      for (int32_t first = 0; first < length; first += slots) indices.push_back(page_of(b, first));
      indptr.push_back(static_cast<int32_t>(indices.size()));
      last.push_back((length - 1) % slots + 1);
      positions.push_back(length - 1);
      numbers.push_back(static_cast<int32_t>(b));
    }
    indptr.resize(requests + 1);
    for (auto* list : {&last, &positions, &numbers}) list->resize(requests);
    indices.resize(pages);
    floats rows = x;
    rows.resize(requests * hidden);
    indptr_.upload(indptr.data(), stream_);
    indices_.upload(indices.data(), stream_);
    last_page_.upload(last.data(), stream_);
    positions_.upload(positions.data(), stream_);
    numbers_.upload(numbers.data(), stream_);
    residual_.upload(rows.data(), stream_);
    stream_.synchronize();
  }

  const hipinfer::context& context_;
  hipinfer::stream stream_;
  buffer<float> attention_norm_, qkv_weight_, out_weight_, feed_norm_, gate_, up_, down_;
  buffer<float> k_cache_, v_cache_, angles_;
  buffer<float> residual_, normed_, projected_, attended_, gated_;
  buffer<int32_t> indptr_, indices_, last_page_, positions_, numbers_;
  buffer<uint8_t> workspace_;
};

// The same from the definitions, in double. A request has its keys and values side by side.
class plain_layer {
 public:
  explicit plain_layer(const weights& w) : w_(w) {}

  std::vector<double> decode(const float* x, int64_t request) {
    std::vector<double> residual(x, x + hidden);
    std::vector<double> projected = product(w_.qkv, norm(residual, w_.attention_norm));
    const int64_t position = static_cast<int64_t>(keys_[request].size());
    for (int64_t h = 0; h < heads + kv_heads; ++h) rotate(&projected[h * dim], position);
    const auto at = projected.begin() + heads * dim;
    keys_[request].emplace_back(at, at + kv_heads * dim);
    values_[request].emplace_back(at + kv_heads * dim, projected.end());

    std::vector<double> attended(heads * dim), score(position + 1);
    for (int64_t h = 0; h < heads; ++h) {
      const int64_t from = h / (heads / kv_heads) * dim;
      double largest = -INFINITY, sum = 0;
      for (int64_t j = 0; j <= position; ++j) {
        score[j] = 0;
        for (int64_t i = 0; i < dim; ++i) score[j] += projected[h * dim + i] * keys_[request][j][from + i];
        score[j] /= std::sqrt(double(dim));
        largest = std::max(largest, score[j]);
      }
      for (double& s : score) sum += s = std::exp(s - largest);
      for (int64_t j = 0; j <= position; ++j) {
        for (int64_t i = 0; i < dim; ++i) attended[h * dim + i] += score[j] / sum * values_[request][j][from + i];
      }
    }
    add(residual, product(w_.out, attended));
    const std::vector<double> normed = norm(residual, w_.feed_norm);
    std::vector<double> gated = product(w_.gate, normed);
    const std::vector<double> up = product(w_.up, normed);
    for (int64_t i = 0; i < feed; ++i) gated[i] *= up[i] / (1 + std::exp(-gated[i]));
    add(residual, product(w_.down, gated));
    return residual;
  }

 private:
  static std::vector<double> norm(const std::vector<double>& x, const floats& weight) {
    double sum = 0;
    for (const double v : x) sum += v * v;
    std::vector<double> out(x.size());
    for (size_t i = 0; i < x.size(); ++i) out[i] = x[i] / std::sqrt(sum / double(x.size()) + eps) * weight[i];
    return out;
  }
  static std::vector<double> product(const floats& weight, const std::vector<double>& x) {
    std::vector<double> out(weight.size() / x.size());
    for (size_t n = 0; n < out.size(); ++n) {
      for (size_t k = 0; k < x.size(); ++k) out[n] += weight[n * x.size() + k] * x[k];
    }
    return out;
  }
  static void rotate(double* head, int64_t position) {
    for (int64_t i = 0; i < dim / 2; ++i) {
      const double angle = double(position) * std::pow(double(theta), -2.0 * double(i) / dim);
      const double a = head[i], b = head[i + dim / 2];
      head[i] = a * std::cos(angle) - b * std::sin(angle);
      head[i + dim / 2] = b * std::cos(angle) + a * std::sin(angle);
    }
  }
  static void add(std::vector<double>& to, const std::vector<double>& x) {
    for (size_t i = 0; i < to.size(); ++i) to[i] += x[i];
  }

  const weights& w_;
  std::vector<std::vector<double>> keys_[requests], values_[requests];
};

double run() {
  const hipinfer::context context;
  std::printf("%s\n", context.info().name);
  const weights w = random_weights();
  layer device(context, w);
  plain_layer plain(w);
  double worst = 0;
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t batch = step < late ? 1 : requests;
    const floats x = random(batch * hidden, 1, static_cast<unsigned>(100 + step));
    const floats result = device.decode(x, step);
    for (int64_t b = 0; b < batch; ++b) {
      const std::vector<double> wanted = plain.decode(&x[b * hidden], b);
      for (int64_t i = 0; i < hidden; ++i) {
        const double off = std::abs(result[b * hidden + i] - wanted[i]);
        if (std::isnan(off) || off > worst) worst = off;  // a NaN stays
      }
    }
  }
  std::printf("%lld steps, last served by %s\n", static_cast<long long>(steps), hipinfer_last_kernel());
  return worst;
}

}  // namespace

int main() {
  try {
    const double worst = run();
    std::printf("largest error %.1e\n", worst);
    return worst <= 2e-5 ? 0 : 1;
  } catch (const hipinfer::error& e) {
    std::fprintf(stderr, "%s: %s\n", hipinfer_status_string(e.status()), e.what());
    return 1;
  }
}
