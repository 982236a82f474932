// SPDX-License-Identifier: Apache-2.0
#include "core/context.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <tuple>

#include "core/code_objects.h"
#include "hipinfer/hipinfer.h"

namespace hipinfer {
namespace {

using runtime::device_kind;

constexpr uint64_t live = 0x68697069'6e666572;  // "hipinfer"

const char* from_environment(const char* given, const char* variable) {
  if (given != nullptr) return given;
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

// "cuda:1"
std::pair<device_kind, int> parse_device(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  int ordinal = 0;
  if (colon != std::string::npos) {
    char* end = nullptr;
    const long value = std::strtol(text.c_str() + colon + 1, &end, 10);
    if (end == text.c_str() + colon + 1 || *end != '\0' || value < 0 || value > 1 << 20) {
      throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "device \"%s\": expected a number after the colon", text.c_str());
    }
    ordinal = static_cast<int>(value);
  }
  if (kind == "hip") return {device_kind::hip, ordinal};
  if (kind == "cuda") return {device_kind::cuda, ordinal};
  if (kind == "cpu") return {device_kind::cpu, ordinal};
  throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "device \"%s\": expected hip, cuda or cpu, with :ordinal if wanted",
             text.c_str());
}

// The usual card of a target, for a validate-only context: choices that depend on its size (gemm's tiles, the chunks
// of a long decode and so its workspace) come out as on that card.
void describe_target(const std::string& base, runtime::properties& p) {
  struct card {
    const char* target;
    int compute_units;
    int64_t lds_kib;
  };
  constexpr card cards[] = {
      {"gfx906", 60, 64},    // MI50
      {"gfx908", 120, 64},   // MI100
      {"gfx90a", 104, 64},   // MI210
      {"gfx942", 304, 64},   // MI300X
      {"gfx950", 256, 160},  // MI355X
      {"gfx103", 72, 64},    // RX 6800 XT
      {"gfx11", 96, 64},     // RX 7900 XTX
      {"gfx12", 64, 64},     // RX 9070 XT
      {"sm_90", 132, 227},   // H100, H200
      {"cpu", 1, 0},
  };
  p.compute_units = 64;
  p.lds_bytes = 64 << 10;
  for (const card& c : cards) {
    if (base.rfind(c.target, 0) != 0) continue;
    p.compute_units = c.compute_units;
    p.lds_bytes = c.lds_kib << 10;
    return;
  }
}

// f(); the message of a failure begins with what it was about.
template <class F>
auto naming(const std::string& what, F&& f) {
  try {
    return f();
  } catch (error& failure) {
    failure.message = what + ": " + failure.message;
    throw;
  }
}

}  // namespace

context::context(const hipinfer_context_options& options) : flags_(options.flags) {
  constexpr uint32_t known =
      HIPINFER_CONTEXT_VALIDATE_ONLY | HIPINFER_CONTEXT_BATCH_INVARIANT | HIPINFER_CONTEXT_CHECK_CONTENTS;
  if (flags_ & ~known) {
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "context options: flags 0x%x has bits that this version does not know",
               flags_);
  }
  if (const char* check = from_environment(nullptr, "HIPINFER_CHECK")) {
    if (std::strcmp(check, "contents") != 0) {
      throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "HIPINFER_CHECK=%s: expected contents", check);
    }
    flags_ |= HIPINFER_CONTEXT_CHECK_CONTENTS;
  }
  const char* path = from_environment(options.kernel_path, "HIPINFER_KERNEL_PATH");
  const std::string kernel_path = path != nullptr ? path : "";
  if (flags_ & HIPINFER_CONTEXT_VALIDATE_ONLY) {
    choose_target(options.target);
  } else {
    if (options.target != nullptr) {
      throw fail(HIPINFER_STATUS_INVALID_ARGUMENT,
                 "context options: target is for VALIDATE_ONLY; a device names its own");
    }
    choose_device(from_environment(options.device, "HIPINFER_DEVICE"), kernel_path);
  }
  dl_device_ = {static_cast<int32_t>(kind_), properties_.ordinal};
  choose_rows(from_environment(options.disable, "HIPINFER_DISABLE"));
}

context::~context() {
  for (auto& [name, handle] : modules_) {
    try {
      device_->module_unload(handle);
    } catch (...) {  // the driver may already be shutting down; nobody is left to tell
    }
  }
}

void context::choose_device(const char* wanted, const std::string& kernel_path) {
  int ordinal = 0;
  if (wanted != nullptr) {
    std::tie(kind_, ordinal) = parse_device(wanted);
    device_ = runtime::open_device(kind_, ordinal);
  } else {
    // The first kind that has a device that this library has code for; a GPU without code must not hide the next.
    for (const device_kind kind : {device_kind::hip, device_kind::cuda, device_kind::cpu}) {
      std::unique_ptr<runtime::device> candidate;
      try {
        candidate = runtime::open_device(kind, 0);
      } catch (const error& failure) {
        if (failure.status != HIPINFER_STATUS_NO_DEVICE) throw;
        continue;
      }
      const std::string base = base_target(candidate->info().target);
      if (kind != device_kind::cpu && kernel_path.empty() && built_in_target_for(base).empty()) continue;
      kind_ = kind;
      device_ = std::move(candidate);
      break;
    }
  }
  properties_ = device_->info();
  if (kind_ == device_kind::cpu) return;
  const std::string base = base_target(properties_.target);
  code_target_ = built_in_target_for(base);
  if (!kernel_path.empty()) {
    kernels_.emplace(kernel_path);
    for (const std::string& candidate : targets_that_run_on(base)) {
      if (kernels_->has_target(candidate)) {
        code_target_ = candidate;
        return;
      }
    }
    throw fail(HIPINFER_STATUS_NO_CODE_OBJECT, "%s: %s holds no folder for %s", properties_.name.c_str(),
               kernel_path.c_str(), base.c_str());
  }
  if (code_target_.empty()) {
    throw fail(HIPINFER_STATUS_NO_CODE_OBJECT, "%s is %s; this library holds code for: %s", properties_.name.c_str(),
               properties_.target.c_str(), built_in_targets().c_str());
  }
}

void context::choose_target(const char* wanted) {
  if (wanted == nullptr) {
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT,
               "context options: VALIDATE_ONLY needs a target, for example \"gfx942\"");
  }
  const std::string base = base_target(wanted);
  properties_ = {};
  properties_.name = "validate only";
  properties_.target = wanted;
  if (base == "cpu") {
    kind_ = device_kind::cpu;
    properties_.wave_size = 1;
  } else if (base.rfind("gfx", 0) == 0) {
    kind_ = device_kind::hip;
    properties_.wave_size = base.rfind("gfx9", 0) == 0 ? 64 : 32;
  } else if (base.rfind("sm_", 0) == 0) {
    kind_ = device_kind::cuda;
    properties_.wave_size = 32;
  } else {
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "target \"%s\": expected gfx…, sm_… or cpu", wanted);
  }
  properties_.kind = kind_;
  describe_target(base, properties_);
  if (kind_ == device_kind::cpu) return;
  code_target_ = built_in_target_for(base);
  for (int i = 0; code_target_.empty() && i < code_target_count; ++i) {
    if (base == code_targets[i]) code_target_ = base;  // a generic target asked for by name
  }
  if (code_target_.empty()) {
    throw fail(HIPINFER_STATUS_NO_CODE_OBJECT, "target %s: this library holds code for: %s", wanted,
               built_in_targets().c_str());
  }
}

void context::choose_rows(const char* disable) {
  int op_count = 0;
  const op_table* const* ops = all_ops(op_count);
  std::vector<std::string> words;
  for (const char* at = disable; at != nullptr && *at != '\0';) {
    const size_t n = std::strcspn(at, ",");
    if (n > 0) words.emplace_back(at, n);
    at += n + (at[n] == ',');
  }
  std::vector<bool> used(words.size());
  for (int o = 0; o < op_count; ++o) {
    for (int r = 0; r < ops[o]->row_count; ++r) {
      const kernel_row& row = ops[o]->rows[r];
      const std::string name = std::string(row.op) + "/" + row.name;
      bool on = row.is_cpu() == on_cpu() && (on_cpu() || target_matches(row.targets, code_target_));
      for (size_t w = 0; w < words.size(); ++w) {
        if (words[w] != row.op && words[w] != name) continue;
        used[w] = true;
        on = false;
      }
      enabled_.push_back(on);
    }
  }
  for (size_t w = 0; w < words.size(); ++w) {
    if (!used[w]) {
      throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "disable: there is no op or kernel \"%s\"", words[w].c_str());
    }
  }
}

// With mutex_ held for writing.
runtime::module_handle context::module(const char* op, const char* name) {
  if (auto it = modules_.find(name); it != modules_.end()) return it->second;
  const auto load = [&] {
    if (kernels_) {
      const std::string file = code_target_ + "/" + name + (kind_ == device_kind::hip ? ".hsaco" : ".cubin");
      const auto bytes = kernels_->read(file);
      return naming(file, [&] { return device_->module_load(bytes.data(), bytes.size()); });
    }
    const auto [bytes, size] = find_code_object(code_target_, name);
    if (bytes == nullptr) {
      throw fail(HIPINFER_STATUS_NO_CODE_OBJECT, "no code object %s for %s", name, code_target_.c_str());
    }
    return device_->module_load(bytes, size);
  };
  return modules_.emplace(name, naming(op, load)).first->second;
}

runtime::function_handle context::function(int index, const kernel_row& row, const bound_dtypes& types,
                                           const contract& terms) {
  uint64_t key = index;
  for (int i = 0; i < max_dtypes; ++i) key = key << 8 | static_cast<uint64_t>(types[i]);
  {
    const std::shared_lock lock(mutex_);
    if (auto it = functions_.find(key); it != functions_.end()) return it->second;
  }
  const std::string symbol = with_dtypes(row.symbol, terms, types), object = with_dtypes(row.module, terms, types);
  const std::unique_lock lock(mutex_);
  if (auto it = functions_.find(key); it != functions_.end()) return it->second;
  return functions_[key] = device_->module_function(module(row.op, object.c_str()), symbol.c_str());
}

void context::preload(const char* op) {
  int op_count = 0;
  const op_table* const* ops = all_ops(op_count);
  bool found = op == nullptr;
  for (int o = 0; o < op_count; ++o) {
    if (op != nullptr && std::strcmp(op, ops[o]->terms.op) != 0) continue;
    found = true;
    for (int r = 0; r < ops[o]->row_count; ++r) {
      if (!enabled(ops[o]->first_row + r) || device_ == nullptr || on_cpu()) continue;
      const std::unique_lock lock(mutex_);
      for (const instance& i : instances_of(ops[o]->terms, ops[o]->rows[r])) module(ops[o]->terms.op, i.module.c_str());
    }
  }
  if (!found) throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "there is no op \"%s\"", op);
}

context& from_handle(hipinfer_context handle) {
  if (handle == nullptr) throw fail(HIPINFER_STATUS_INVALID_HANDLE, "the context is NULL");
  if (handle->magic != live) throw fail(HIPINFER_STATUS_INVALID_HANDLE, "the context is not one, or was destroyed");
  return handle->value;
}

}  // namespace hipinfer

extern "C" {

hipinfer_status hipinfer_context_create(const hipinfer_context_options* options, hipinfer_context* out) {
  return hipinfer::guard([&] {
    if (out == nullptr) throw hipinfer::fail(HIPINFER_STATUS_NULL_POINTER, "context_create: context is NULL");
    hipinfer_context_options o{};
    hipinfer::copy_options("context_create", &o, sizeof o, options);
    *out = new hipinfer_context_s{hipinfer::live, hipinfer::context(o)};
  });
}

void hipinfer_context_destroy(hipinfer_context handle) {
  if (handle == nullptr || handle->magic != hipinfer::live) return;
  handle->magic = 0;
  delete handle;
}
}
