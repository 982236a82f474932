// SPDX-License-Identifier: Apache-2.0
// In double, the definition. In float, what CPU users run: rows of the weight are shared out among threads,
// each is widened to float once for up to 64 rows of the input, in chunks that stay in the first-level cache.
// An element's sum is the same whatever M and N are: per chunk of 512, sum[j] takes the products of k = j
// (mod 32) in order; the 32 are folded in halves; the chunks' sums are added in order. Of quantised operands chunks are the
// 128 elements that may share a scale, in which sums of i8 are exact, and are added in double.
#include "core/reference.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "core/activations.h"
#include "gen/gemm.h"

namespace hipinfer {
namespace {

constexpr int64_t most_rows = 64;
constexpr int64_t chunk = 512;
constexpr int64_t lanes = 32;

typedef float floats8 __attribute__((vector_size(32)));  // of GCC and clang; narrower registers take several

#define ALWAYS_INLINE inline __attribute__((always_inline))

ALWAYS_INLINE void widen_all(const float* from, float* to, int64_t n) {
  if (n > 0) std::memcpy(to, from, n * sizeof *to);  // of nothing, the pointers may be NULL
}
ALWAYS_INLINE void widen_all(const bf16* from, float* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = to_float(from[i]);
}
// to_float without its branch, which would keep the loop from being vectorised.
ALWAYS_INLINE void widen_all(const f16* from, float* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t sign = static_cast<uint32_t>(from[i].bits & 0x8000) << 16, rest = from[i].bits & 0x7fff;
    const uint32_t finite = std::bit_cast<uint32_t>(std::bit_cast<float>(rest << 13) * 0x1p112f);
    to[i] = std::bit_cast<float>(sign | finite | (rest >= 0x7c00 ? 0x7f800000u : 0u));
  }
}

ALWAYS_INLINE void widen_all(const int8_t* from, float* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = from[i];
}
template <int Mantissa, bool Fnuz>
ALWAYS_INLINE void widen_all(const float8<Mantissa, Fnuz>* from, float* to, int64_t n) {
  static const std::array<float, 256> values = [] {
    std::array<float, 256> all;
    for (int bits = 0; bits < 256; ++bits) all[bits] = to_float(float8<Mantissa, Fnuz>{static_cast<uint8_t>(bits)});
    return all;
  }();
  for (int64_t i = 0; i < n; ++i) to[i] = values[from[i].bits];
}

// n is a multiple of 32.
ALWAYS_INLINE float dot(const float* x, const float* w, int64_t n) {
  floats8 sum[4] = {};
  for (int64_t i = 0; i < n; i += lanes) {
    for (int j = 0; j < 4; ++j) {
      floats8 a, b;
      std::memcpy(&a, x + i + 8 * j, sizeof a);
      std::memcpy(&b, w + i + 8 * j, sizeof b);
      sum[j] += a * b;
    }
  }
  const floats8 total = (sum[0] + sum[2]) + (sum[1] + sum[3]);
  return ((total[0] + total[4]) + (total[2] + total[6])) + ((total[1] + total[5]) + (total[3] + total[7]));
}

// One row of the weight, whose elements are `stride` apart, with `rows` rows of the input, which are `pitch` apart and end in zeros up to
// it.
template <class T>
ALWAYS_INLINE void column_body(const float* x, int64_t pitch, int64_t rows, const T* w, int64_t stride, int64_t k,
                               float* sums) {
  alignas(64) float wide[chunk];
  for (int64_t begin = 0; begin < k; begin += chunk) {
    const int64_t n = std::min(chunk, k - begin), padded = ceil_div(n, lanes) * lanes;
    if (stride == 1) {
      widen_all(w + begin, wide, n);
    } else {
      for (int64_t i = 0; i < n; ++i) wide[i] = widen(w[(begin + i) * stride]);
    }
    for (int64_t i = n; i < padded; ++i) wide[i] = 0;
    for (int64_t r = 0; r < rows; ++r) sums[r] += dot(x + r * pitch + begin, wide, padded);
  }
}

template <class T>
using column_function = void (*)(const float*, int64_t, int64_t, const T*, int64_t, int64_t, float*);

template <class T>
void column_plain(const float* x, int64_t pitch, int64_t rows, const T* w, int64_t stride, int64_t k, float* sums) {
  column_body(x, pitch, rows, w, stride, k, sums);
}

#if defined(__x86_64__)
// The same source for processors with 8 lanes and fused multiply-add.
template <class T>
__attribute__((target("avx2,fma"))) void column_avx2(const float* x, int64_t pitch, int64_t rows, const T* w,
                                                     int64_t stride, int64_t k, float* sums) {
  column_body(x, pitch, rows, w, stride, k, sums);
}
template <class T>
column_function<T> column_here() {
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return avx2 ? column_avx2<T> : column_plain<T>;
}
#else
template <class T>
column_function<T> column_here() {
  return column_plain<T>;
}
#endif

template <class Real>
Real activated(int32_t activation, Real x) {
  switch (activation) {
    case gemm_activation::relu:
      return x < 0 ? 0 : x;
    case gemm_activation::silu:
      return silu{}(x);
    case gemm_activation::gelu:
      return gelu{}(x);
    case gemm_activation::gelu_tanh:
      return gelu_tanh{}(x);
    default:
      return x;
  }
}

// One product among those of a call: a matrix of a batch, or a segment of rows with its weight.
struct product {
  int64_t batch, weight;
  int64_t first, rows;  // of the input and output
};

bool is_batched(const gemm_args& a) {
  return a.output.rank == 3;
}

int64_t products(const gemm_args& a) {
  if (a.indptr.given()) return a.indptr.shape[0] - 1;
  return is_batched(a) ? a.output.shape[0] : 1;
}

int64_t index(const view& list, int64_t i) {
  return list.type == dtype::i64 ? elements<const int64_t>(list)(i) : elements<const int32_t>(list)(i);
}

// Product i. Without a weight it has no rows.
product product_at(const gemm_args& a, int64_t i) {
  const int64_t rows = a.output.extent(2);
  if (!a.indptr.given()) return {i, i, 0, rows};
  const auto begin = [&](int64_t s) { return std::clamp<int64_t>(index(a.indptr, s), 0, rows); };
  const int64_t weight = a.weight_indices.given() ? index(a.weight_indices, i) : i;
  const bool there = weight >= 0 && weight < a.weight.shape[0];
  return {0, weight, begin(i), there ? std::max<int64_t>(begin(i + 1) - begin(i), 0) : 0};
}

// Element (m, n) of a tensor that has a matrix for each product of a batch, or of the one that there is.
template <class T>
T& element(const view& x, int64_t b, int64_t m, int64_t n) {
  const elements<T> all(x);
  return x.rank == 3 ? all(b, m, n) : all(m, n);
}

// Adds the bias to a sum over k, applies the activation, adds the residual, and rounds once; m counts the product's rows.
template <class T, class Out>
void finish(const gemm_args& a, const product& at, int64_t m, int64_t n, accumulator<Out> sum) {
  if (a.bias.given()) sum += widen(elements<const T>(a.bias)(n));
  sum = activated(a.activation, sum);
  if (a.residual.given()) sum += widen(element<const Out>(a.residual, at.batch, at.first + m, n));
  element<Out>(a.output, at.batch, at.first + m, n) = narrow<Out>(sum);
}

// Where row m of matrix b begins. NULL where rows have no elements.
template <class T>
const T* row(const view& x, int64_t b, int64_t m) {
  return x.extent(1) > 0 ? &element<const T>(x, b, m, 0) : nullptr;
}

bool is_gated(const gemm_args& a) {
  return a.traits.weights == 2;
}

// Up to 64 rows of a product's input at a time, widened once, `pitch` apart: each(at, first, rows, wide, pitch, n) for every row n of
// the weight, whose own rows begin at `first`.
template <class T, class Each>
void for_weight_rows(const gemm_args& a, Each each) {
  const int64_t columns = a.output.extent(1), k = a.input.extent(1), pitch = ceil_div(k, lanes) * lanes;
  std::vector<float> wide(
      static_cast<size_t>(std::min(a.output.extent(2), most_rows) * pitch));  // the rows' tails stay 0
  for (int64_t i = 0; i < products(a); ++i) {
    const product at = product_at(a, i);
    for (int64_t first = 0; first < at.rows; first += most_rows) {
      const int64_t here = std::min(most_rows, at.rows - first);
      parallel_rows(here, k, [&](int64_t r) {
        widen_all(row<T>(a.input, at.batch, at.first + first + r), wide.data() + r * pitch, k);
      });
      parallel_rows(columns, std::max<int64_t>(k, 1) * here,
                    [&](int64_t n) { each(at, first, here, wide.data(), pitch, n); });
    }
  }
}

template <class T, class Out>
void gemm(const gemm_args& a) {
  const int64_t k = a.input.extent(1);
  const column_function<T> column = column_here<T>();
  for_weight_rows<T>(
      a, [&](const product& at, int64_t first, int64_t rows, const float* wide, int64_t pitch, int64_t n) {
        const auto sum = [&](const view& weight, float (&sums)[most_rows]) {
          column(wide, pitch, rows, row<T>(weight, at.weight, n), weight.stride[weight.rank - 1], k, sums);
        };
        float sums[most_rows] = {};
        if (is_gated(a)) {
          float ups[most_rows] = {};
          sum(a.gate, sums);
          sum(a.up, ups);
          for (int64_t r = 0; r < rows; ++r) sums[r] = silu{}(sums[r]) * ups[r];
        } else {
          sum(a.weight, sums);
        }
        for (int64_t r = 0; r < rows; ++r) finish<T, Out>(a, at, first + r, n, sums[r]);
      });
}

void gemm_double(const gemm_args& a) {
  const int64_t columns = a.output.extent(1), depth = a.input.extent(1);
  for (int64_t i = 0; i < products(a); ++i) {
    const product at = product_at(a, i);
    parallel_rows(at.rows, columns * std::max<int64_t>(depth, 1), [&](int64_t m) {
      const double* x = row<double>(a.input, at.batch, at.first + m);
      for (int64_t n = 0; n < columns; ++n) {
        const auto sum = [&](const view& weight) {
          const double* w = row<double>(weight, at.weight, n);
          const int64_t stride = weight.stride[weight.rank - 1];
          double total = 0;
          for (int64_t k = 0; k < depth; ++k) total += x[k] * w[k * stride];
          return total;
        };
        finish<double, double>(a, at, m, n, is_gated(a) ? silu{}(sum(a.gate)) * sum(a.up) : sum(a.weight));
      }
    });
  }
}

constexpr int64_t scale_block = 128;

bool in_blocks(const view& scale) {
  return scale.rank >= 2 && scale.extent(1) != 1;
}

// What multiplies the product of row m of a product's input and row n of its weight over a block of k.
template <class Real>
Real scale_of(const gemm_args& a, const product& of, int64_t m, int64_t n, int64_t block) {
  const auto at = [&](const view& scale, int64_t matrix, int64_t row) -> Real {
    if (!scale.given()) return 1;
    if (scale.rank < 2) return elements<const Real>(scale)(0);
    return element<const Real>(scale, matrix, scale.extent(2) == 1 ? 0 : row, scale.extent(1) == 1 ? 0 : block);
  };
  const bool each_row = a.weight_scale.rank >= 2 && a.weight_scale.extent(2) == a.weight.extent(2);
  return at(a.input_scale, of.batch, of.first + m) * at(a.weight_scale, of.weight, each_row ? n : n / scale_block);
}

template <class T, class Out>
void gemm_scaled(const gemm_args& a) {
  using real = accumulator<Out>;
  const int64_t k = a.input.extent(1);
  const bool blocks = in_blocks(a.input_scale) || in_blocks(a.weight_scale);
  const column_function<T> column = column_here<T>();
  for_weight_rows<T>(a,
                     [&](const product& at, int64_t first, int64_t rows, const float* wide, int64_t pitch, int64_t n) {
                       const T* w = row<T>(a.weight, at.weight, n);
                       const int64_t stride = a.weight.stride[a.weight.rank - 1];
                       double sums[most_rows] = {};
                       for (int64_t begin = 0; begin < k; begin += scale_block) {
                         const int64_t length = std::min(scale_block, k - begin);
                         const auto add = [&](int64_t r, double part) {
                           sums[r] += blocks ? part * scale_of<real>(a, at, first + r, n, begin / scale_block) : part;
                         };
                         if constexpr (std::is_same_v<real, double>) {
                           for (int64_t r = 0; r < rows; ++r) {
                             double part = 0;
                             for (int64_t i = begin; i < begin + length; ++i) {
                               part += static_cast<double>(wide[r * pitch + i]) * widen(w[i * stride]);
                             }
                             add(r, part);
                           }
                         } else {
                           float parts[most_rows] = {};
                           column(wide + begin, pitch, rows, w + begin * stride, stride, length, parts);
                           for (int64_t r = 0; r < rows; ++r) add(r, parts[r]);
                         }
                       }
                       for (int64_t r = 0; r < rows; ++r) {
                         const double scale = blocks ? 1 : scale_of<real>(a, at, first + r, n, 0);
                         finish<Out, Out>(a, at, first + r, n, static_cast<real>(sums[r] * scale));
                       }
                     });
}

}  // namespace

void gemm_reference(const gemm_args& a) {
  if (a.output.elements() == 0) return;  // no work, and rows without columns would be widened for nothing
  if (bit(a.input.type) & quantised_dtypes) {
    with_quantised(a.input.type,
                   [&]<class T>() { with_float(a.output.type, [&]<class Out>() { gemm_scaled<T, Out>(a); }); });
    return;
  }
  with_float(a.input.type, [&]<class T>() {
    with_float(a.output.type, [&]<class Out>() {
      if constexpr (std::is_same_v<T, double>)
        gemm_double(a);
      else if constexpr (!std::is_same_v<Out, double>)
        gemm<T, Out>(a);
    });
  });
}

}  // namespace hipinfer
