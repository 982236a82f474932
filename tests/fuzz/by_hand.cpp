// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/by_hand.h"

#include <cstring>
#include <vector>

#include "hipinfer/hipinfer.h"

namespace fuzz {
namespace {

std::string judged(hipinfer_status status) {
  if (std::strcmp(hipinfer_status_string(status), "unknown status") == 0) return "an unknown status";
  if (status == HIPINFER_STATUS_INTERNAL) return "an internal error";
  return status != HIPINFER_STATUS_OK && *hipinfer_last_error() == '\0' ? "an error without a message" : "";
}

const char* word(dice& d) {
  return d.one_of({static_cast<const char*>(nullptr),
                   "",
                   "cpu",
                   "cpu:0",
                   "cpu:1",
                   "cpu:",
                   "cpu:-1",
                   "cpu:99999999999999999999",
                   "gfx942",
                   "gfx9999",
                   "sm_90",
                   "sm_",
                   ":",
                   ",",
                   ",,",
                   "rmsnorm",
                   "rmsnorm/cpu",
                   "rmsnorm/",
                   "/",
                   "%s%n",
                   "\xff\xfe"});
}

size_t struct_size(dice& d, size_t right) {
  if (d.percent(50)) return right;
  return d.one_of<size_t>({0, 1, 7, 8, 9, 12, 16, right - 4, right - 8, right + 8, 4096, 4104, SIZE_MAX, SIZE_MAX - 7});
}

std::string create(dice& d) {
  hipinfer_context_options o{};
  o.struct_size = struct_size(d, sizeof o);
  o.device = d.percent(70) ? "cpu" : d.percent(50) ? "cpu:0" : word(d);
  if (d.percent(20)) o.target = word(d);
  if (d.percent(20)) o.disable = word(d);
  if (d.percent(10)) o.kernel_path = word(d);
  if (d.percent(40)) o.flags = static_cast<uint32_t>(d.percent(80) ? d.below(8) : d.extreme());
  std::vector<unsigned char> given(o.struct_size <= 4096 ? std::max(o.struct_size, sizeof o.struct_size) : sizeof o);
  std::memcpy(given.data(), &o, std::min(given.size(), sizeof o));
  if (given.size() > sizeof o && d.percent(50)) given.back() = 1;
  const auto untouched = reinterpret_cast<hipinfer_context>(8);
  hipinfer_context made = untouched;
  const hipinfer_status status = hipinfer_context_create(
      reinterpret_cast<const hipinfer_context_options*>(given.data()), d.percent(98) ? &made : nullptr);
  if ((status == HIPINFER_STATUS_OK) == (made == untouched)) return "a context without OK, or OK without one";
  if (status == HIPINFER_STATUS_OK) hipinfer_context_destroy(made);
  return judged(status);
}

template <class Info, class Get>
std::string get_info(dice& d, Get get) {
  const size_t size = struct_size(d, sizeof(Info));
  std::vector<unsigned char> out(size <= 4096 ? std::max(size, sizeof size) : sizeof(Info), 0xa5);
  std::memcpy(out.data(), &size, sizeof size);
  const std::vector<unsigned char> before = out;
  const hipinfer_status status = get(reinterpret_cast<Info*>(out.data()));
  return status != HIPINFER_STATUS_OK && out != before ? "an error that wrote" : judged(status);
}

std::string memory(hipinfer_context cpu, dice& d) {
  const auto untouched = reinterpret_cast<void*>(8);
  void* p = untouched;
  const size_t bytes = d.percent(50) ? static_cast<size_t>(d.below(256)) : static_cast<size_t>(d.extreme());
  // What is of this machine's size would be given, and filling it take long.
  if (bytes > 1 << 20 && bytes < size_t{1} << 48) return "";
  const hipinfer_status status = hipinfer_malloc(cpu, bytes, &p);
  if (status != HIPINFER_STATUS_OK) return p != untouched ? "an error that wrote" : judged(status);
  std::string wrong = judged(hipinfer_memset_async(cpu, p, 7, bytes, nullptr));
  if (wrong.empty()) wrong = judged(hipinfer_memcpy_async(cpu, d.percent(90) ? p : nullptr, p, bytes, nullptr));
  if (wrong.empty()) wrong = judged(hipinfer_free(cpu, p));
  return wrong;
}

}  // namespace

std::string call_by_hand(hipinfer_context cpu, dice& d) {
  const auto index = static_cast<int32_t>(d.percent(80) ? d.below(100) : d.extreme());
  switch (d.below(6)) {
    case 0:
      return create(d);
    case 1:
      return get_info<hipinfer_device_info>(d, [&](auto* out) { return hipinfer_context_device_info(cpu, out); });
    case 2:
      return get_info<hipinfer_kernel_info>(d, [&](auto* out) { return hipinfer_kernel_get(index, out); });
    case 3:
      return memory(cpu, d);
    case 4: {
      const void* data = nullptr;
      size_t size = 0;
      return judged(hipinfer_code_object(word(d), word(d), &data, d.percent(90) ? &size : nullptr));
    }
    default: {
      const int64_t names = (hipinfer_op_name(index) != nullptr) + (hipinfer_target_name(index) != nullptr);
      const std::string wrong = judged(hipinfer_context_preload(cpu, word(d)));
      return names < 0 || hipinfer_status_string(index) == nullptr || hipinfer_device_count(index) < 0 ? "introspection"
                                                                                                       : wrong;
    }
  }
}

}  // namespace fuzz
