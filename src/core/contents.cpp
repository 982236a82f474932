// SPDX-License-Identifier: Apache-2.0
// What a contract takes on trust, looked at: page numbers, lengths, offsets in device memory.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/context.h"
#include "core/contract.h"

namespace hipinfer {
namespace {

// A tensor of indices on the host, in row-major order.
class host_copy {
 public:
  host_copy(runtime::device& device, const view& v, hipinfer_stream stream) : v_(v) {
    if (v.elements() == 0) return;
    int64_t low = 0, high = 0;
    for (int d = 0; d < v.rank; ++d) {
      if (v.shape[d] > 1) (v.stride[d] < 0 ? low : high) += v.stride[d] * (v.shape[d] - 1);
    }
    const int64_t size = dtype_bytes(v.type);
    bytes_.resize(static_cast<size_t>((high - low + 1) * size));
    first_ = -low;
    device.copy(bytes_.data(), static_cast<const char*>(v.data) + low * size, bytes_.size(), stream);
  }
  int64_t operator[](int64_t i) const {
    int64_t at = first_;
    for (int d = v_.rank; d-- > 0; i /= v_.shape[d]) at += i % v_.shape[d] * v_.stride[d];
    if (v_.type == dtype::i64) return read<int64_t>(at);
    return read<int32_t>(at);
  }
  int64_t size() const { return v_.elements(); }

 private:
  template <class T>
  T read(int64_t at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at * static_cast<int64_t>(sizeof value), sizeof value);
    return value;
  }

  const view& v_;
  std::vector<char> bytes_;
  int64_t first_ = 0;
};

std::string place(const view& v, int64_t i) {
  std::string text;
  for (int d = v.rank; d-- > 0; i /= v.shape[d])
    text = std::to_string(i % v.shape[d]) + (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

class examination {
 public:
  examination(const contract& c, const view* views, const int64_t* symbols) : c_(c), views_(views), symbols_(symbols) {}

  void look(const contents_rule& rule, const std::vector<host_copy>& data) const {
    const host_copy& x = data[rule.tensor];
    int64_t begin = 0, end = x.size();
    if (rule.within >= 0 && views_[rule.within].given()) {
      // Entries that no request owns are not read. The offsets themselves have been looked at before.
      const host_copy& offsets = data[rule.within];
      begin = offsets.size() == 0 ? end : offsets[0];
      end = offsets.size() == 0 ? end : std::min(end, offsets[offsets.size() - 1]);
    }
    const int which = known(rule.high[0]) ? 0 : 1;
    const contents_bound& high = rule.high[which];
    for (int64_t i = begin; i < end; ++i) {
      // Without offsets (an optional tensor) all entries count.
      const bool owned =
          rule.owners < 0 || !views_[rule.owners].given() || data[rule.owners][i + 1] != data[rule.owners][i];
      if (!owned) continue;
      if (x[i] < 0 && rule.negative_is_none) continue;
      if (known(rule.low) && x[i] < bound(rule.low))
        complain(rule, i, x[i], "at least " + std::to_string(bound(rule.low)));
      if (known(high) && x[i] > bound(high)) {
        complain(rule, i, x[i],
                 (high.below ? "below " + std::to_string(bound(high) + 1) : "at most " + std::to_string(bound(high))) +
                     " (" + rule.of[which] + ")");
      }
      if (rule.ascending && i > begin && x[i] < x[i - 1]) {
        complain(rule, i, x[i], "at least " + std::to_string(x[i - 1]) + ", the entry before");
      }
    }
  }

 private:
  // No tensor of the call has the extent where the optional one that has it was left out.
  bool known(const contents_bound& b) const { return b.given && (b.symbol < 0 || symbols_[b.symbol] >= 0); }
  int64_t bound(const contents_bound& b) const {
    return (b.symbol < 0 ? 0 : symbols_[b.symbol]) + b.offset - (b.below ? 1 : 0);
  }
  [[noreturn]] void complain(const contents_rule& rule, int64_t i, int64_t value, const std::string& expected) const {
    throw fail(HIPINFER_STATUS_INVALID_CONTENTS, "%s: %s%s: %lld, expected %s", c_.op, c_.tensors[rule.tensor].name,
               place(views_[rule.tensor], i).c_str(), static_cast<long long>(value), expected.c_str());
  }

  const contract& c_;
  const view* views_;
  const int64_t* symbols_;
};

}  // namespace

void check_contents(context& context, const contract& c, const view* views, const int64_t* symbols,
                    hipinfer_stream stream) {
  if (c.contents_count == 0) return;
  runtime::device& device = *context.device();
  if (device.capturing(stream)) {
    throw fail(HIPINFER_STATUS_UNSUPPORTED,
               "%s: the stream is being captured, and checking contents synchronises: capture with another context",
               c.op);
  }
  std::vector<host_copy> data;
  data.reserve(c.tensor_count);
  for (int i = 0; i < c.tensor_count; ++i) {
    const bool integers = views[i].type == dtype::i32 || views[i].type == dtype::i64;
    bool looked_at = false;
    for (int r = 0; r < c.contents_count; ++r) {
      const contents_rule& rule = c.contents[r];
      looked_at |= rule.tensor == i || rule.within == i || rule.owners == i;
    }
    static const view nothing{.rank = 1};
    data.emplace_back(device, looked_at && integers ? views[i] : nothing, stream);
  }
  device.stream_synchronize(stream);
  const examination e(c, views, symbols);
  for (int r = 0; r < c.contents_count; ++r) {
    if (views[c.contents[r].tensor].given()) e.look(c.contents[r], data);
  }
}

}  // namespace hipinfer
