// SPDX-License-Identifier: Apache-2.0
// The tensors of a case in a context's memory, between guard bands. A tensor whose elements lie gigabytes apart costs the
// memory of what is touched: only pieces around its elements are filled and inspected.
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
  // Bytes of a block that are filled and inspected.
  struct piece {
    size_t from;                          // the block's byte
    std::vector<unsigned char> before;    // as uploaded
    std::vector<unsigned char> writable;  // 0xff for a byte that may change, 0 for the others
    size_t end() const { return from + before.size(); }
  };
  struct block {
    void* device = nullptr;
    size_t bytes = 0;
    bool mapped = false;        // address space of this process, without memory behind what is not touched
    std::vector<piece> pieces;  // ascending, apart
  };
  static std::vector<piece> pieces_of(const tensor& t, const std::vector<size_t>& places, size_t bytes,
                                      unsigned char poison);
  // f(element, the piece that holds it, its byte there), row-major.
  template <class F>
  static void each_element(std::vector<piece>& pieces, const std::vector<size_t>& places, F f);
  void allocate(block& b);
  void release(block& b);
  void upload(const block& b);
  std::vector<unsigned char> download(const block& b, const piece& p);

  hipinfer_context context_;
  bool cpu_ = false;
  hipinfer_stream stream_ = nullptr;
  unsigned char poison_;
  std::vector<tensor> arguments_;
  std::vector<hipinfer_tensor> descriptors_;
  std::vector<const hipinfer_tensor*> pointers_;
  std::vector<std::vector<size_t>> places_;  // of the tensors' elements: bytes of their blocks
  std::vector<block> blocks_;
  block workspace_;
};

// Whether a device's context has this kernel enabled: it is for its target.
bool serves_device(const std::string& op, const std::string& kernel, const std::string& device);

}  // namespace check
