// SPDX-License-Identifier: Apache-2.0
#include "tests/check/buffers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

namespace check {
namespace {
constexpr size_t guard = 4096;
// A larger block is filled and inspected around its elements only.
constexpr size_t largest_whole = size_t{1} << 27;

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

// The bytes around the elements, a guard band to either side; what overlaps or nearly so is one piece.
std::vector<buffers::piece> buffers::pieces_of(const tensor& t, const std::vector<size_t>& places, size_t bytes,
                                               unsigned char poison) {
  std::vector<std::pair<size_t, size_t>> ranges;
  if (bytes <= largest_whole) {
    ranges.push_back({0, bytes});
  } else {
    const size_t element = bytes_of(t.type);
    const size_t together = t.shape.empty() || t.strides.back() != 1 ? 1 : t.shape.back();
    std::vector<size_t> rows;
    for (size_t e = 0; e < places.size(); e += together) rows.push_back(places[e]);
    std::sort(rows.begin(), rows.end());
    for (const size_t at : rows) {
      const size_t from = at - std::min(at, guard), to = std::min(at + together * element + guard, bytes);
      if (!ranges.empty() && from <= ranges.back().second)
        ranges.back().second = to;
      else
        ranges.push_back({from, to});
    }
  }
  std::vector<piece> out;
  for (const auto& [from, to] : ranges)
    out.push_back({from, std::vector<unsigned char>(to - from, poison), std::vector<unsigned char>(to - from)});
  return out;
}

template <class F>
void buffers::each_element(std::vector<piece>& pieces, const std::vector<size_t>& places, F f) {
  piece* p = pieces.data();
  for (size_t e = 0; e < places.size(); ++e) {
    const size_t at = places[e];
    if (at < p->from || at >= p->end())
      p = &*std::prev(
          std::upper_bound(pieces.begin(), pieces.end(), at, [](size_t b, const piece& x) { return b < x.from; }));
    f(e, *p, at - p->from);
  }
}

buffers::buffers(hipinfer_context context, const std::vector<tensor>& arguments, unsigned char poison)
    : context_(context), poison_(poison), arguments_(arguments) {
  const hipinfer_device device = device_of(context);
  cpu_ = device.device_type == HIPINFER_DEVICE_CPU;
  if (!cpu_) must(hipinfer_stream_create(context, &stream_));
  descriptors_.resize(arguments_.size());
  blocks_.resize(arguments_.size());
  places_.resize(arguments_.size());
  pointers_.resize(arguments_.size(), nullptr);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const tensor& t = arguments_[i];
    if (t.use == role::none) continue;
    const size_t element = bytes_of(t.type);
    const size_t first = guard + (t.start - t.lowest()) * element;
    block& b = blocks_[i];
    b.bytes = 2 * guard + (t.start + t.span()) * element;
    for (const int64_t offset : t.offsets()) places_[i].push_back(first + offset * element);
    b.pieces = pieces_of(t, places_[i], b.bytes, poison);
    each_element(b.pieces, places_[i], [&](size_t e, piece& p, size_t at) {
      if (t.use != role::out) write_element(t.type, &p.before[at], t.contents[e]);
      if (t.use != role::in) std::memset(&p.writable[at], 0xff, element);
    });
    allocate(b);
    upload(b);
    // Without elements data is NULL, as frameworks have it: the tensor is there all the same.
    descriptors_[i] = {t.elements() == 0 ? nullptr : b.device,
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
  for (block& b : blocks_) release(b);
  release(workspace_);
  must(hipinfer_stream_destroy(context_, stream_));
}

void buffers::allocate(block& b) {
  if (cpu_ && b.bytes > largest_whole) {
    b.device = mmap(nullptr, b.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    b.mapped = b.device != MAP_FAILED;
    if (!b.mapped) {
      ADD_FAILURE() << "the harness: no address space for " << b.bytes << " bytes";
      std::abort();
    }
  } else {
    must(hipinfer_malloc(context_, b.bytes, &b.device));
  }
}

void buffers::release(block& b) {
  if (b.mapped)
    munmap(b.device, b.bytes);
  else
    must(hipinfer_free(context_, b.device));
  b = {};
}

void buffers::upload(const block& b) {
  for (const piece& p : b.pieces) {
    must(hipinfer_memcpy_async(context_, static_cast<char*>(b.device) + p.from, p.before.data(), p.before.size(),
                               stream_));
  }
  must(hipinfer_stream_synchronize(context_, stream_));
}

std::vector<unsigned char> buffers::download(const block& b, const piece& p) {
  std::vector<unsigned char> now(p.before.size());
  must(hipinfer_memcpy_async(context_, now.data(), static_cast<char*>(b.device) + p.from, now.size(), stream_));
  must(hipinfer_stream_synchronize(context_, stream_));
  return now;
}

workspace buffers::workspace(size_t bytes) {
  if (bytes == 0) return {nullptr, 0};
  release(workspace_);
  workspace_.bytes = bytes + 2 * guard;
  piece all{0, std::vector<unsigned char>(workspace_.bytes, poison_), std::vector<unsigned char>(workspace_.bytes)};
  std::memset(&all.writable[guard], 0xff, bytes);
  workspace_.pieces.push_back(std::move(all));
  allocate(workspace_);
  upload(workspace_);
  return {static_cast<char*>(workspace_.device) + guard, bytes};
}

std::vector<std::vector<double>> buffers::results() {
  std::vector<std::vector<double>> out(arguments_.size());
  for (size_t i = 0; i < arguments_.size(); ++i) {
    const tensor& t = arguments_[i];
    if (t.use != role::out && t.use != role::inout) continue;
    block& b = blocks_[i];
    std::vector<piece> now;
    for (const piece& p : b.pieces) now.push_back({p.from, download(b, p), {}});
    out[i].resize(places_[i].size());
    each_element(now, places_[i],
                 [&](size_t e, piece& p, size_t at) { out[i][e] = read_element(t.type, &p.before[at]); });
  }
  return out;
}

std::vector<unsigned char> buffers::output_bytes() {
  std::vector<unsigned char> out;
  for (block& b : blocks_) {
    for (const piece& p : b.pieces) {
      const auto now = download(b, p);
      size_t end = out.size();
      out.resize(end + now.size());
      for (size_t k = 0; k < now.size(); ++k) {
        out[end] = now[k];
        end += p.writable[k] & 1;
      }
      out.resize(end);
    }
  }
  return out;
}

std::string buffers::damage() {
  std::ostringstream out;
  const auto inspect = [&](const block& b, const std::string& what) {
    for (const piece& p : b.pieces) {
      const auto now = download(b, p);
      unsigned char changed = 0;
      for (size_t k = 0; k < now.size(); ++k) changed |= (now[k] ^ p.before[k]) & ~p.writable[k];
      for (size_t k = 0; changed && k < now.size(); ++k) {
        if (p.writable[k] || now[k] == p.before[k]) continue;
        out << what << " was written at byte " << static_cast<int64_t>(p.from + k) - static_cast<int64_t>(guard)
            << " of " << b.bytes - 2 * guard << ", outside its elements. ";
        return;
      }
    }
  };
  for (size_t i = 0; i < blocks_.size(); ++i) inspect(blocks_[i], "tensor " + std::to_string(i));
  inspect(workspace_, "the workspace");
  return out.str();
}

bool buffers::untouched() {
  const auto same = [&](const block& b) {
    for (const piece& p : b.pieces) {
      if (download(b, p) != p.before) return false;
    }
    return true;
  };
  for (const block& b : blocks_) {
    if (!same(b)) return false;
  }
  return same(workspace_);
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
bool some_of_a_kind() {
  return is_set("HIPINFER_TEST_KINDS");
}
bool layouts() {
  return std::getenv("HIPINFER_TEST_LAYOUTS") == nullptr || is_set("HIPINFER_TEST_LAYOUTS");
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

static hipinfer_device_info info_of(const std::string& device) {
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  options.device = device.c_str();
  hipinfer_context context = nullptr;
  must(hipinfer_context_create(&options, &context));
  hipinfer_device_info info{};
  info.struct_size = sizeof info;
  must(hipinfer_context_device_info(context, &info));
  hipinfer_context_destroy(context);
  return info;
}

static int64_t most_compute_units() {
  int64_t units = 0;
  for (const std::string& device : devices()) units = std::max<int64_t>(units, info_of(device).compute_units);
  return units;
}
int64_t rows_that_fill_a_device() {
  return 4 * most_compute_units() + 84;
}
int64_t tokens_for_device(int64_t for_mi300x) {
  return for_mi300x * most_compute_units() / 304 + 1;
}

bool serves_device(const std::string& op, const std::string& kernel, const std::string& device) {
  static std::map<std::string, std::string> target_of;
  auto [it, fresh] = target_of.try_emplace(device);
  if (fresh) it->second = info_of(device).code_target;
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
