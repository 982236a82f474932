// SPDX-License-Identifier: Apache-2.0
#include "tests/check/buffers.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

namespace check {
namespace {
constexpr size_t guard = 4096;

void must(hipinfer_status status) {
  if (status == HIPINFER_STATUS_OK) return;
  ADD_FAILURE() << "the harness: " << hipinfer_last_error();
  std::abort();  // nothing that follows could be trusted
}

hipinfer_device device_of(hipinfer_context context) {
  hipinfer_device_info info{};
  info.struct_size = sizeof info;
  must(hipinfer_context_device_info(context, &info));
  return info.device;
}
}  // namespace

buffers::buffers(hipinfer_context context, const std::vector<tensor>& arguments, unsigned char poison)
    : context_(context), poison_(poison), arguments_(arguments) {
  const hipinfer_device device = device_of(context);
  if (device.device_type != HIPINFER_DEVICE_CPU) must(hipinfer_stream_create(context, &stream_));
  descriptors_.resize(arguments_.size());
  blocks_.resize(arguments_.size());
  pointers_.resize(arguments_.size(), nullptr);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const tensor& t = arguments_[i];
    if (t.use == role::none) continue;
    const size_t element = bytes_of(t.type);
    const size_t first = guard + t.start * element;
    std::vector<unsigned char> bytes(first + t.span() * element + guard, poison);
    std::vector<bool> writable(bytes.size());
    for (int64_t e = 0; e < t.elements(); ++e) {
      const size_t at = first + t.offset_of(e) * element;
      if (t.use != role::out) write_element(t.type, &bytes[at], t.contents[e]);
      if (t.use != role::in) std::fill_n(writable.begin() + at, element, true);
    }
    blocks_[i] = make(bytes);
    blocks_[i].writable = std::move(writable);
    descriptors_[i] = {blocks_[i].device,
                       device,
                       static_cast<int32_t>(t.shape.size()),
                       abi_dtype(t.type),
                       arguments_[i].shape.data(),
                       arguments_[i].strides.data(),
                       first};
    pointers_[i] = &descriptors_[i];
  }
}

buffers::~buffers() {
  for (block& b : blocks_) must(hipinfer_free(context_, b.device));
  must(hipinfer_free(context_, workspace_.device));
  must(hipinfer_stream_destroy(context_, stream_));
}

buffers::block buffers::make(const std::vector<unsigned char>& bytes) {
  block b;
  must(hipinfer_malloc(context_, bytes.size(), &b.device));
  must(hipinfer_memcpy_async(context_, b.device, bytes.data(), bytes.size(), stream_));
  must(hipinfer_stream_synchronize(context_, stream_));
  b.before = bytes;
  return b;
}

std::vector<unsigned char> buffers::download(const block& b) {
  std::vector<unsigned char> now(b.before.size());
  must(hipinfer_memcpy_async(context_, now.data(), b.device, now.size(), stream_));
  must(hipinfer_stream_synchronize(context_, stream_));
  return now;
}

workspace buffers::workspace(size_t bytes) {
  if (bytes == 0) return {nullptr, 0};
  must(hipinfer_free(context_, workspace_.device));
  workspace_ = make(std::vector<unsigned char>(bytes + 2 * guard, poison_));
  workspace_.writable.assign(bytes + 2 * guard, false);
  std::fill_n(workspace_.writable.begin() + guard, bytes, true);
  return {static_cast<char*>(workspace_.device) + guard, bytes};
}

std::vector<std::vector<double>> buffers::results() {
  std::vector<std::vector<double>> out(arguments_.size());
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const tensor& t = arguments_[i];
    if (t.use != role::out && t.use != role::inout) continue;
    const auto now = download(blocks_[i]);
    for (int64_t e = 0; e < t.elements(); ++e) {
      out[i].push_back(read_element(t.type, &now[descriptors_[i].byte_offset + t.offset_of(e) * bytes_of(t.type)]));
    }
  }
  return out;
}

std::vector<unsigned char> buffers::output_bytes() {
  std::vector<unsigned char> out;
  for (block& b : blocks_) {
    if (b.device == nullptr) continue;
    const auto now = download(b);
    for (size_t k = 0; k < now.size(); ++k) {
      if (b.writable[k]) out.push_back(now[k]);
    }
  }
  return out;
}

std::string buffers::damage() {
  std::ostringstream out;
  const auto inspect = [&](const block& b, const std::string& what) {
    if (b.device == nullptr) return;
    const auto now = download(b);
    for (size_t k = 0; k < now.size(); ++k) {
      if (b.writable[k] || now[k] == b.before[k]) continue;
      out << what << " was written at byte " << static_cast<int64_t>(k) - static_cast<int64_t>(guard) << " of "
          << now.size() - 2 * guard << ", outside its elements. ";
      return;
    }
  };
  for (size_t i = 0; i < blocks_.size(); ++i) inspect(blocks_[i], "tensor " + std::to_string(i));
  inspect(workspace_, "the workspace");
  return out.str();
}

bool buffers::untouched() {
  for (block& b : blocks_) {
    if (b.device != nullptr && download(b) != b.before) return false;
  }
  return workspace_.device == nullptr || download(workspace_) == workspace_.before;
}

hipinfer_context cpu_context() {
  static hipinfer_context context = [] {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = "cpu";
    hipinfer_context c = nullptr;
    must(hipinfer_context_create(&options, &c));
    return c;
  }();
  return context;
}

static bool is_set(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr && text[0] != '\0' && std::string(text) != "0";
}
bool large() {
  return is_set("HIPINFER_TEST_LARGE");
}
bool quick() {
  return is_set("HIPINFER_TEST_QUICK");
}

std::vector<std::string> devices() {
  std::vector<std::string> out;
  if (const char* text = std::getenv("HIPINFER_TEST_DEVICES")) {
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');) out.push_back(word);
    return out;
  }
  out.push_back("cpu");
  if (hipinfer_device_count(HIPINFER_DEVICE_CUDA) > 0) out.push_back("cuda:0");
  if (hipinfer_device_count(HIPINFER_DEVICE_HIP) > 0) out.push_back("hip:0");
  return out;
}

bool serves_device(const std::string& op, const std::string& kernel, const std::string& device) {
  static std::map<std::string, std::string> target_of;
  auto [it, fresh] = target_of.try_emplace(device);
  if (fresh) {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    hipinfer_context context = nullptr;
    must(hipinfer_context_create(&options, &context));
    hipinfer_device_info info{};
    info.struct_size = sizeof info;
    must(hipinfer_context_device_info(context, &info));
    it->second = info.code_target;
    hipinfer_context_destroy(context);
  }
  for (int i = 0; i < hipinfer_kernel_count(); ++i) {
    hipinfer_kernel_info info{};
    info.struct_size = sizeof info;
    must(hipinfer_kernel_get(i, &info));
    if (op != info.op || kernel != info.kernel) continue;
    if (std::strcmp(info.targets, "cpu") == 0) return it->second.empty();
    if (std::strcmp(info.targets, "*") == 0) return !it->second.empty();
    std::istringstream words(info.targets);
    for (std::string word; words >> word;) {
      if (it->second.rfind(word, 0) == 0) return true;
    }
  }
  return false;
}

}  // namespace check
