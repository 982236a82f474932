// SPDX-License-Identifier: Apache-2.0
// The tensors of a case in a context's memory, between guard bands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/check/check.h"

namespace check {

class buffers {
 public:
  // Outputs and every gap are filled with `poison`.
  buffers(hipinfer_context context, const std::vector<tensor>& arguments, unsigned char poison);
  ~buffers();
  buffers(const buffers&) = delete;

  check::tensors tensors() const { return pointers_.data(); }
  hipinfer_tensor& descriptor(size_t i) { return descriptors_[i]; }
  std::vector<const hipinfer_tensor*>& pointers() { return pointers_; }
  check::workspace workspace(size_t bytes);
  hipinfer_stream stream() const { return stream_; }

  // Of outputs and inouts, row-major; empty for the others.
  std::vector<std::vector<double>> results();
  std::vector<unsigned char> output_bytes();
  // "" or a sentence: a guard band, a gap between rows or an input changed.
  std::string damage();
  bool untouched();

 private:
  struct block {
    void* device = nullptr;
    std::vector<unsigned char> before;  // guard, tensor, guard as uploaded
    std::vector<bool> writable;         // per byte
  };
  block make(const std::vector<unsigned char>& bytes);
  std::vector<unsigned char> download(const block& b);

  hipinfer_context context_;
  hipinfer_stream stream_ = nullptr;
  unsigned char poison_;
  std::vector<tensor> arguments_;
  std::vector<hipinfer_tensor> descriptors_;
  std::vector<const hipinfer_tensor*> pointers_;
  std::vector<block> blocks_;
  block workspace_;
};

// Whether a device's context has this kernel enabled: it is for its target.
bool serves_device(const std::string& op, const std::string& kernel, const std::string& device);

}  // namespace check
