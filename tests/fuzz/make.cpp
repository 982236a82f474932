// SPDX-License-Identifier: Apache-2.0
// Descriptors as the contract wants them.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "tests/fuzz/attempt.h"

namespace fuzz {
namespace {

int bytes_of(hipinfer_dtype t) {
  return t.bits / 8;
}
bool is_index(hipinfer_dtype t) {
  return t.code == HIPINFER_DTYPE_INT && t.bits >= 32;
}

}  // namespace

void attempt::choose_symbols() {
  for (int i = 0; i < op_.symbols; ++i) symbols_[i] = d_.one_of({0, 1, 1, 2, 2, 3, 4, 4, 5, 8, 8, 8, 16, 16, 32});
  large_ = d_.percent(15);
  for (int n = large_ ? 1 + static_cast<int>(d_.below(3)) : 0; n > 0 && op_.symbols > 0; --n) {
    symbols_[d_.below(op_.symbols)] = d_.extreme() & INT64_MAX >> 1;
  }
  any_rank_ = 1 + static_cast<int>(d_.below(4));
  for (int64_t& extent : any_shape_) extent = d_.one_of({0, 1, 2, 3, 4, 8, 9, 16});
  if (large_) any_shape_[0] = d_.extreme();
}

void attempt::choose_dtypes() {
  const bool oracle = d_.percent(10);
  for (size_t i = 0; i < op_.variables.size(); ++i) {
    const variable& v = op_.variables[i];
    if (v.same_as >= 0 && (v.dtypes.empty() || d_.percent(50))) {
      dtypes_[i] = dtypes_[v.same_as];
      continue;
    }
    dtypes_[i] = d_.one_of(v.dtypes);
    const auto is_f32 = [](hipinfer_dtype t) { return t.code == HIPINFER_DTYPE_FLOAT && t.bits == 32; };
    if (oracle && std::any_of(v.dtypes.begin(), v.dtypes.end(), is_f32)) dtypes_[i] = {HIPINFER_DTYPE_FLOAT, 64, 1};
  }
}

void attempt::choose_strides(descriptor& t, const tensor& contract) {
  const int rank = t.abi.ndim;
  int order[8];  // innermost first
  for (int i = 0; i < rank; ++i) order[i] = rank - 1 - i;
  const bool plain = contract.layout == 'c' || d_.percent(60);
  const int fixed = contract.layout == 'r' ? 1 : 0;  // the last dimension stays contiguous
  if (!plain) {
    for (int i = fixed; i + 1 < rank; ++i) std::swap(order[i], order[i + d_.below(rank - i)]);
  }
  uint64_t running = 1;
  for (int i = 0; i < rank; ++i) {
    const int k = order[i];
    uint64_t stride = running;
    if (!plain && i >= fixed) {
      stride += static_cast<uint64_t>(d_.one_of({0, 0, 1, 3, 8}));
      if (d_.percent(15)) stride = -stride;
      if (!contract.output && d_.percent(10)) stride = 0;
    }
    t.strides[k] = static_cast<int64_t>(stride);
    const uint64_t step = stride >> 63 ? -stride : stride;
    running = std::max(running, step * static_cast<uint64_t>(std::max<int64_t>(t.shape[k], 1)));
  }
  t.abi.strides = plain && d_.percent(50) ? nullptr : t.strides;
}

// Alternatives of which one choice is made for all tensors; after them a tensor may have "1", one number, for itself.
static size_t ranked_shapes(const tensor& t) {
  const bool number = !t.shapes.empty() && t.shapes.back().size() == 1 && t.shapes.back()[0].symbol < 0;
  return t.shapes.size() - number;
}

void attempt::make_tensor(int i, int mode) {
  const tensor& contract = op_.tensors[i];
  descriptor& t = tensors_[i];
  t.home = i;
  if (contract.optional && (mode == 1 || (mode == 2 && d_.percent(50)))) return;
  t.given = &t.abi;
  t.abi.device = {HIPINFER_DEVICE_CPU, 0};
  t.abi.dtype = dtypes_[contract.variable];
  t.abi.shape = t.shape;
  if (contract.shapes.empty()) {
    t.abi.ndim = any_rank_;
    std::copy(any_shape_.begin(), any_shape_.end(), t.shape);
  } else {
    const size_t ranked = ranked_shapes(contract);
    const bool number = ranked < contract.shapes.size() && d_.percent(30);
    const auto& shape = number || ranked == 0 ? contract.shapes.back() : contract.shapes[ranked > 1 ? alternative_ : 0];
    t.abi.ndim = static_cast<int>(shape.size());
    for (size_t k = 0; k < shape.size(); ++k) t.shape[k] = extent_of(shape[k]);
  }
  choose_strides(t, contract);
  const int bytes = bytes_of(t.abi.dtype);
  double before = 0, after = bytes;
  bool empty = false;
  for (int k = 0; k < t.abi.ndim; ++k) {
    const double reach = static_cast<double>(t.strides[k]) * (static_cast<double>(t.shape[k]) - 1) * bytes;
    if (t.shape[k] <= 0) empty = true;
    (reach < 0 ? before : after) += std::fabs(reach);
  }
  const bool fits = !empty && before + after <= arena::bytes;
  const int64_t ahead = fits ? static_cast<int64_t>(before) : 0;
  unsigned char* data = memory_[i].place(d_, ahead, fits ? static_cast<int64_t>(after) : 0);
  t.abi.data = empty && d_.percent(70) ? nullptr : data;
  if (fits && is_index(t.abi.dtype)) fill_indices(t, contract.holds);
  if (t.abi.data != nullptr && d_.percent(20)) {
    t.abi.byte_offset = static_cast<uint64_t>(ahead);
    t.abi.data = data - ahead;
  }
}

// In row-major order. Now and then what lies there stays: any bits are a number.
void attempt::fill_indices(const descriptor& t, const contents& holds) {
  const int mode = static_cast<int>(d_.below(10));
  if (mode == 0) return;
  int64_t low = 0, high = 20;
  if (holds.given && mode > 2) {
    low = extent_of(holds.low);
    high = std::max(low, std::min<int64_t>(extent_of(holds.high), 1 << 20));
  } else if (mode == 1) {
    low = -2;
  }
  int64_t elements = 1;
  for (int k = 0; k < t.abi.ndim; ++k) {
    if (t.shape[k] > arena::bytes) return;  // one element, over and over
    elements *= t.shape[k];
  }
  if (elements > arena::bytes) return;
  int64_t last = low;
  for (int64_t i = 0; i < elements; ++i) {
    int64_t offset = 0, rest = i;
    for (int k = t.abi.ndim; k-- > 0; rest /= t.shape[k]) offset += rest % t.shape[k] * t.strides[k];
    int64_t x = low + d_.below(high - low + 1);
    if (holds.ascending && mode > 2) x = last = std::min(high, last + d_.below((high - low) / elements + 2));
    unsigned char* at = static_cast<unsigned char*>(t.abi.data) + offset * bytes_of(t.abi.dtype);
    const auto narrow = static_cast<int32_t>(x);
    if (t.abi.dtype.bits == 64)
      std::memcpy(at, &x, sizeof x);
    else
      std::memcpy(at, &narrow, sizeof narrow);
  }
}

// Outputs that may be the memory of another tensor.
void attempt::share_memory() {
  for (size_t i = 0; i < op_.tensors.size(); ++i) {
    for (size_t j = 0; j < op_.tensors.size(); ++j) {
      descriptor &a = tensors_[i], &b = tensors_[j];
      if ((op_.tensors[i].aliases >> j & 1) == 0 || a.given == nullptr || b.given == nullptr || d_.percent(70))
        continue;
      if (a.abi.ndim != b.abi.ndim || std::memcmp(&a.abi.dtype, &b.abi.dtype, sizeof a.abi.dtype) != 0) continue;
      if (!std::equal(a.shape, a.shape + a.abi.ndim, b.shape)) continue;
      b.abi.data = a.abi.data;
      b.abi.byte_offset = a.abi.byte_offset;
      std::copy(std::begin(a.strides), std::end(a.strides), b.strides);
      b.abi.strides = b.strides;
      b.home = a.home;
    }
  }
}

value attempt::random_value(const scalar& s) {
  value v{};
  if (s.kind == 'f') {
    const double low = std::max(s.low, -100.0), high = std::min(s.high, low + 200.0);
    v.f = static_cast<float>(low + (high - low) * static_cast<double>(d_.below(1001)) / 1000);
    if (d_.percent(20)) v.f = static_cast<float>(d_.one_of({std::max(s.low, -3e38), std::min(s.high, 3e38)}));
    if (d_.percent(30) && s.low <= 1 && s.high >= 1) v.f = 1;
    return v;
  }
  if (s.kind == 'u') {
    v.u = d_.bits();
    return v;
  }
  const double low = std::max(s.low, s.kind == 'i' ? -2147483648.0 : -9e18),
               high = std::min(s.high, s.kind == 'i' ? 2147483647.0 : 9e18);
  const int64_t first = static_cast<int64_t>(low), last = static_cast<int64_t>(high);
  int64_t x = d_.one_of<int64_t>({0, 1, 2, 4, 8, 16, 64, 128});
  if (s.high - s.low < 100) x = first + d_.below(last - first + 1);
  if (d_.percent(10)) x = d_.one_of({first, last});
  x = std::clamp(x, first, last);
  if (s.kind == 'i')
    v.i = static_cast<int32_t>(x);
  else
    v.l = x;
  return v;
}

void attempt::make_scalars() {
  for (const scalar& s : op_.scalars) scalars_.push_back(random_value(s));
}

void attempt::make_options() {
  if (op_.options_bytes == 0 || d_.percent(25)) return;
  options_.assign(op_.options_bytes, 0);
  std::memcpy(options_.data(), &op_.options_bytes, sizeof(size_t));
  for (const scalar& s : op_.options) {
    if (d_.percent(40)) continue;  // zero is the default
    const value v = random_value(s);
    std::memcpy(&options_[s.offset], &v, s.kind == 'l' || s.kind == 'u' ? 8 : 4);
  }
  for (size_t k = 0; k < op_.option_tensors.size(); ++k) {
    const hipinfer_tensor* given = tensors_[op_.tensors.size() - op_.option_tensors.size() + k].given;
    std::memcpy(&options_[op_.option_tensors[k]], &given, sizeof given);
  }
}

void attempt::make() {
  choose_symbols();
  choose_dtypes();
  size_t alternatives = 1;
  for (const tensor& t : op_.tensors) alternatives = std::max(alternatives, ranked_shapes(t));
  alternative_ = static_cast<int>(d_.below(static_cast<int64_t>(alternatives)));
  const int mode = static_cast<int>(d_.below(3));  // optional tensors: all, none, some
  for (size_t i = 0; i < op_.tensors.size(); ++i) make_tensor(static_cast<int>(i), mode);
  share_memory();
  make_scalars();
  make_options();
  workspace_bytes_ = 4096;
  workspace_ = memory_.back().place(d_, 0, 4096);
}

}  // namespace fuzz
