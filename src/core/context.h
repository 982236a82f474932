// SPDX-License-Identifier: Apache-2.0
// A context: a device (or only the name of a target), the rows that may serve on it, and its loaded kernels.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/kernel_folder.h"
#include "core/op.h"
#include "runtime/device.h"

namespace hipinfer {

class context {
 public:
  explicit context(const hipinfer_context_options& options);
  ~context();
  context(const context&) = delete;

  runtime::device* device() { return device_.get(); }  // NULL in a validate-only context
  bool on_cpu() const { return kind_ == runtime::device_kind::cpu; }
  bool validate_only() const { return device_ == nullptr; }
  bool batch_invariant() const { return (flags_ & HIPINFER_CONTEXT_BATCH_INVARIANT) != 0; }
  bool checks_contents() const { return (flags_ & HIPINFER_CONTEXT_CHECK_CONTENTS) != 0; }
  hipinfer_device dl_device() const { return dl_device_; }
  const runtime::properties& properties() const { return properties_; }
  const std::string& code_target() const { return code_target_; }

  // `index` counts the rows of all operations.
  bool enabled(int index) const { return enabled_[index]; }
  runtime::function_handle function(int index, const kernel_row& row, const bound_dtypes& types, const contract& terms);
  void preload(const char* op);

 private:
  void choose_device(const char* wanted, const std::string& kernel_path);
  void choose_target(const char* wanted);
  void choose_rows(const char* disable);
  runtime::module_handle module(const char* op, const char* name);

  std::unique_ptr<runtime::device> device_;
  runtime::properties properties_{};
  runtime::device_kind kind_ = runtime::device_kind::cpu;
  hipinfer_device dl_device_{};
  uint32_t flags_;
  std::string code_target_;               // "" on the CPU
  std::optional<kernel_folder> kernels_;  // in place of the built-in ones
  std::vector<bool> enabled_;

  std::shared_mutex mutex_;  // guards the two maps below
  std::unordered_map<std::string, runtime::module_handle> modules_;
  std::unordered_map<uint64_t, runtime::function_handle> functions_;
};

context& from_handle(hipinfer_context handle);  // throws INVALID_HANDLE

}  // namespace hipinfer

struct hipinfer_context_s {
  uint64_t magic;
  hipinfer::context value;
};
