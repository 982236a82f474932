// SPDX-License-Identifier: Apache-2.0
// Making the call, and judging how it came out.
#include "tests/fuzz/attempt.h"

#include <algorithm>
#include <cstring>

#include "hipinfer/hipinfer.h"

namespace fuzz {
namespace {

// The bytes that a descriptor tells of, as addresses; false where it tells of none. In double, which is exact where the memory
// is there, and holds what is far outside.
struct reach {
  double first, bound, elements;
  int64_t longest;  // extent
};
bool reach_of(const descriptor& t, reach& r) {
  const hipinfer_tensor& abi = t.abi;
  if (t.given == nullptr || abi.data == nullptr || abi.shape == nullptr || abi.ndim < 0 || abi.ndim > 6) return false;
  const double bytes = std::max(1, abi.dtype.bits / 8);
  double low = 0, high = 0, elements = 1;
  int64_t longest = 1;
  for (int k = abi.ndim; k-- > 0;) {
    const int64_t n = t.shape[k];
    if (n <= 0) return false;
    const double stride = abi.strides != nullptr ? static_cast<double>(t.strides[k]) : elements;
    (stride < 0 ? low : high) += stride * static_cast<double>(n - 1);
    longest = std::max(longest, n);
    elements *= static_cast<double>(n);
  }
  const double at = static_cast<double>(reinterpret_cast<uintptr_t>(abi.data)) + static_cast<double>(abi.byte_offset);
  r = {at + low * bytes, at + (high + 1) * bytes, elements, longest};
  return true;
}

}  // namespace

bool attempt::honest() const {
  double most_elements = 0;
  int64_t longest = 1;
  for (const descriptor& t : tensors_) {
    reach r;
    if (!reach_of(t, r)) continue;
    const double begin = static_cast<double>(reinterpret_cast<uintptr_t>(memory_[t.home].begin()));
    if (r.first < begin || r.bound > begin + arena::bytes) return false;
    most_elements = std::max(most_elements, r.elements);
    longest = std::max(longest, r.longest);
  }
  return most_elements * static_cast<double>(longest) <= 1 << 17;
}

void attempt::forget_data() {
  for (descriptor& t : tensors_) t.abi.data = nullptr;
}

hipinfer_status attempt::call(hipinfer_context context) {
  for (arena& a : memory_) a.remember();
  const hipinfer_tensor* given[most_tensors];
  for (int i = 0; i < most_tensors; ++i) given[i] = tensors_[i].given;
  const arguments a{context,    given,           scalars_.data(), options_.empty() ? nullptr : options_.data(),
                    workspace_, workspace_bytes_};
  if (op_.workspace_bytes != nullptr && d_.percent(30)) {
    size_t bytes = 0;
    return op_.workspace_bytes(a, d_.percent(95) ? &bytes : nullptr);
  }
  return op_.call(a);
}

// op: argument: what is wrong
bool attempt::names_an_argument(const std::string& message) const {
  const std::string op = op_.name;
  const auto named = [&](const std::string& argument) { return message.rfind(op + ": " + argument, 0) == 0; };
  const auto any = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& a) { return named(a.name); });
  };
  return any(op_.tensors) || any(op_.scalars) || any(op_.options) || named("options: ") || named("workspace: ") ||
         message.rfind(op + "_workspace_bytes: bytes: ", 0) == 0;
}

std::string attempt::verdict(hipinfer_status status, bool runs) const {
  const std::string message = hipinfer_last_error();
  if (std::strcmp(hipinfer_status_string(status), "unknown status") == 0) return "an unknown status";
  if (status == HIPINFER_STATUS_INTERNAL) return "an internal error";
  if (status != HIPINFER_STATUS_OK && status != HIPINFER_STATUS_INVALID_HANDLE && !names_an_argument(message)) {
    return "the message names no argument";
  }
  for (size_t m = 0; m < memory_.size(); ++m) {
    std::vector<bool> written;  // by the elements of the outputs that lie there
    for (size_t i = 0; runs && status == HIPINFER_STATUS_OK && i < op_.tensors.size(); ++i) {
      const descriptor& t = tensors_[i];
      reach r;
      if (!op_.tensors[i].output || t.home != static_cast<int>(m) || !reach_of(t, r)) continue;
      const int64_t bytes = t.abi.dtype.bits / 8;
      const int64_t base = static_cast<unsigned char*>(t.abi.data) + t.abi.byte_offset - memory_[m].begin();
      written.resize(arena::bytes);
      for (int64_t e = 0; e < static_cast<int64_t>(r.elements); ++e) {
        int64_t at = 0, rest = e, compact = 1;
        for (int k = t.abi.ndim; k-- > 0; rest /= t.shape[k]) {
          at += rest % t.shape[k] * (t.abi.strides != nullptr ? t.strides[k] : compact);
          compact *= t.shape[k];
        }
        for (int64_t b = 0; b < bytes; ++b) written[base + at * bytes + b] = true;
      }
    }
    if (const unsigned char* at = memory_[m].changed(written)) {
      const std::string where = m < op_.tensors.size() ? op_.tensors[m].name : "the workspace";
      return "wrote to byte " + std::to_string(at - memory_[m].begin()) + " of the memory of " + where;
    }
  }
  return "";
}

std::string attempt::describe() const {
  std::string text = std::string(op_.name) + "\n";
  for (size_t i = 0; i < op_.tensors.size(); ++i) {
    const descriptor& t = tensors_[i];
    text += std::string("  ") + op_.tensors[i].name + ": ";
    if (t.given == nullptr) {
      text += "NULL\n";
      continue;
    }
    const auto list = [&](const int64_t* x) {
      std::string out = "[";
      for (int k = 0; x != nullptr && k < std::min(t.abi.ndim, 8); ++k) out += (k ? ", " : "") + std::to_string(x[k]);
      return out + "]";
    };
    text += std::to_string(t.abi.ndim) + " dimensions, shape " + (t.abi.shape ? list(t.abi.shape) : "NULL") +
            ", strides " + (t.abi.strides ? list(t.abi.strides) : "NULL") + ", dtype {" +
            std::to_string(t.abi.dtype.code) + ", " + std::to_string(t.abi.dtype.bits) + ", " +
            std::to_string(t.abi.dtype.lanes) + "}, device (" + std::to_string(t.abi.device.device_type) + ", " +
            std::to_string(t.abi.device.device_id) + "), data " +
            (t.abi.data == nullptr
                 ? "NULL"
                 : "at byte " + std::to_string(static_cast<unsigned char*>(t.abi.data) - memory_[t.home].begin()) +
                       " of " + std::to_string(t.home)) +
            ", byte_offset " + std::to_string(t.abi.byte_offset) + "\n";
  }
  for (size_t i = 0; i < scalars_.size(); ++i) {
    text += std::string("  ") + op_.scalars[i].name + ": " +
            (op_.scalars[i].kind == 'f'   ? std::to_string(scalars_[i].f)
             : op_.scalars[i].kind == 'i' ? std::to_string(scalars_[i].i)
                                          : std::to_string(scalars_[i].l)) +
            "\n";
  }
  if (op_.options_bytes != 0) text += "  options: " + std::to_string(options_.size()) + " bytes\n";
  return text;
}

}  // namespace fuzz
