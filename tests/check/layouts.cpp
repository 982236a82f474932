// SPDX-License-Identifier: Apache-2.0
#include "tests/check/layouts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "tests/check/buffers.h"
#include "tests/check/registry.h"

namespace check {
namespace {

constexpr int64_t large_case = 1 << 15;  // elements
constexpr int64_t most_rows =
    int64_t{1} << 17;  // that lie apart: each is filled and inspected with its guard bands, 8 KiB

// Dimensions whose stride may be another: not the last where rows are contiguous, nor one that repeats an element.
std::vector<size_t> movable(const tensor& t, bool free) {
  std::vector<size_t> out;
  for (size_t d = 0; d < t.shape.size(); ++d) {
    const bool row = d + 1 == t.shape.size() && (!free || t.strides[d] == 1);
    if (!row && t.shape[d] > 1 && t.strides[d] != 0) out.push_back(d);
  }
  return t.elements() == 0 || t.use == role::none ? std::vector<size_t>{} : out;
}

// Elements that a stride is a multiple of, as far as kernels ask: the same kernel is to serve.
int64_t alignment(const tensor& t, int64_t stride) {
  const int64_t most = 16 / std::min(bytes_of(t.type), 16);
  return std::gcd(stride, std::max<int64_t>(most, 8));
}

// Strides in an order of dimensions, innermost first, with gaps of `gap` alignments.
void arrange(tensor& t, const std::vector<size_t>& order, int64_t gap) {
  const bool row = !t.shape.empty() && std::find(order.begin(), order.end(), t.shape.size() - 1) == order.end();
  int64_t running = row ? (t.shape.back() - 1) * std::abs(t.strides.back()) + 1 : 1;
  const std::vector<int64_t> before = t.strides;
  for (const size_t d : order) {
    const int64_t unit = alignment(t, before[d]);
    t.strides[d] = ((running + unit - 1) / unit + gap) * unit;
    running = t.strides[d] * (t.shape[d] - 1) + running;
  }
}

double bytes_spanned(const test_case& c) {
  double bytes = 0;
  for (const tensor& t : c.arguments) {
    if (t.use != role::none) bytes += static_cast<double>(t.span()) * bytes_of(t.type);
  }
  return bytes;
}

class maker {
 public:
  maker(const std::string& op, const test_case& c, double room) : case_(c), room_(room) {
    const registered_op& r = registered(op);
    for (size_t i = 0; i < c.arguments.size(); ++i) {
      const bool known = c.arguments.size() == static_cast<size_t>(r.tensor_count);
      free_.push_back(known && std::strcmp(r.tensors[i].strides, "free") == 0);
      dims_.push_back(movable(c.arguments[i], free_.back()));
      if (c.arguments[i].use != role::none) {
        const tensor& t = c.arguments[i];
        elements_ += t.elements();
        rows_ += t.elements() / (t.shape.empty() ? 1 : std::max<int64_t>(t.shape.back(), 1));
      }
      any_ |= !dims_.back().empty();
    }
    // Cases with the same tensors, dimensions and widths ask the same.
    for (size_t i = 0; i < c.arguments.size(); ++i) {
      const tensor& t = c.arguments[i];
      signature_ += t.use == role::none ? "-" : std::to_string(bytes_of(t.type)) + (is_float(t.type) ? "f" : "i");
      for (const size_t d : dims_[i]) signature_ += std::to_string(d);
      signature_ += " ";
    }
  }

  std::vector<layout> all(const std::function<bool(const std::string&)>& wanted) {
    std::vector<layout> out;
    const auto add = [&](const std::string& kind, const std::string& what, const auto& make) {
      if (!wanted(kind)) return;
      layout l{what, make()};
      if (bytes_spanned(l.c) <= room_) out.push_back(std::move(l));
    };
    if (!any_ || case_.fixed_layout) return out;
    if (elements_ > large_case) {
      if (rows_ > most_rows) return out;
      add(large_layout, "all tensors far apart", [&] { return far_apart(); });
      return out;
    }
    add("apart " + signature_, "strides of their own", [&] { return apart(); });
    add("backwards " + signature_, "backwards", [&] { return backwards(); });
    for (size_t i = 0; i < dims_.size(); ++i) {
      const tensor& t = case_.arguments[i];
      std::vector<size_t> dims = dims_[i];
      // The last dimension, too, where it need not be contiguous.
      if (free_[i] && !t.shape.empty() && t.shape.back() > 1 && t.strides.back() == 1)
        dims.push_back(t.shape.size() - 1);
      for (const size_t d : dims) {
        const std::string place = "dimension " + std::to_string(d) + " of tensor " + std::to_string(i);
        // Once for a width of its elements, whatever the other tensors are.
        const std::string kind = place + " of " + std::to_string(case_.arguments.size()) + ", " +
                                 std::to_string(bytes_of(t.type)) + " bytes";
        add(kind, place + " far", [&] {
          test_case c = case_;
          reach(c.arguments[i], d, 0);
          return c;
        });
      }
    }
    return out;
  }

 private:
  test_case apart() const {
    test_case c = case_;
    for (size_t i = 0; i < dims_.size(); ++i) {
      tensor& t = c.arguments[i];
      std::vector<size_t> order = dims_[i];
      std::stable_sort(order.begin(), order.end(),
                       [&](size_t a, size_t b) { return std::abs(t.strides[a]) < std::abs(t.strides[b]); });
      if (i % 2 == 1) std::reverse(order.begin(), order.end());
      arrange(t, order, 2 * static_cast<int64_t>(i) + 1);
    }
    return c;
  }

  // Outputs forwards in one dimension, so that not all tensors are mirrored alike.
  test_case backwards() const {
    test_case c = case_;
    for (size_t i = 0; i < dims_.size(); ++i) {
      for (const size_t d : dims_[i]) {
        if (c.arguments[i].use == role::in || d != 0 || dims_[i].size() == 1) c.arguments[i].strides[d] *= -1;
      }
    }
    return c;
  }

  test_case far_apart() const {
    test_case c = case_;
    for (size_t i = 0; i < dims_.size(); ++i) {
      if (!dims_[i].empty()) reach(c.arguments[i], dims_[i].front(), static_cast<int64_t>(i));
    }
    return c;
  }

  // Past 2^32 elements, or past 2^31 where the device has no room, of large elements, and where all tensors reach so
  // far; past 4 GiB in any case. The strides are no multiple of 2^32, so that an offset cut to 32 bits is not by chance the
  // right one.
  void reach(tensor& t, size_t d, int64_t more) const {
    const int bytes = bytes_of(t.type);
    const bool near = elements_ > large_case || bytes == 8 || bytes * 0x1.1p32 > room_;
    const int64_t least = (int64_t{1} << (near && bytes > 1 ? 31 : 32)) + (int64_t{1} << 24) * (3 + 2 * more);
    const int64_t unit = alignment(t, t.strides[d]);
    const int64_t stride = (least / (t.shape[d] - 1) / unit + 1) * unit;
    t.strides[d] = t.strides[d] < 0 ? -stride : stride;
  }

  const test_case& case_;
  double room_;
  std::vector<bool> free_;
  std::vector<std::vector<size_t>> dims_;
  std::string signature_;
  int64_t elements_ = 0, rows_ = 0;
  bool any_ = false;
};

}  // namespace

std::vector<layout> layouts_of(const std::string& op, const test_case& c, double room,
                               const std::function<bool(const std::string& kind)>& wanted) {
  return maker(op, c, room).all(wanted);
}

double room_on(hipinfer_context context) {
  hipinfer_device_info info{};
  info.struct_size = sizeof info;
  if (hipinfer_context_device_info(context, &info) != HIPINFER_STATUS_OK) return 0;
  if (info.device.device_type == HIPINFER_DEVICE_CPU) return HUGE_VAL;
  // Tests in shards are processes side by side.
  const char* shards = std::getenv("GTEST_TOTAL_SHARDS");
  return 0.7 * static_cast<double>(info.memory_bytes) / std::max(1, shards == nullptr ? 1 : std::atoi(shards));
}

}  // namespace check
