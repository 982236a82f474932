// SPDX-License-Identifier: Apache-2.0
// One call: descriptors made of an operation's contract, then perhaps spoiled.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/fuzz/memory.h"
#include "tests/fuzz/operation.h"

namespace fuzz {

constexpr int most_tensors = 16;
using arenas = std::array<arena, most_tensors + 1>;  // the last is the workspace's

struct descriptor {
  hipinfer_tensor abi{};
  int64_t shape[8] = {}, strides[8] = {};
  const hipinfer_tensor* given = nullptr;  // &abi, or NULL
  int home = 0;                            // the arena that it lies in
};

class attempt {
 public:
  attempt(const operation& op, dice& d, arenas& memory) : op_(op), d_(d), memory_(memory) {}

  void make();   // as the contract says, for the most part
  void spoil();  // one thing
  // Every descriptor tells of memory that is there, and to look at all of it does not take long: a device may be given it.
  bool honest() const;
  void forget_data();  // as for a workspace query: data is NULL

  hipinfer_status call(hipinfer_context context);
  // What is wrong with how the call came out; "": nothing.
  std::string verdict(hipinfer_status status, bool runs) const;
  std::string describe() const;

 private:
  int64_t extent_of(const extent& e) const {  // what passes 64 bits wraps around
    const int64_t symbol = e.symbol < 0 ? 0 : symbols_[e.symbol];
    return static_cast<int64_t>(static_cast<uint64_t>(symbol) * static_cast<uint64_t>(e.multiple) +
                                static_cast<uint64_t>(e.offset));
  }
  void choose_symbols();
  void choose_dtypes();
  void make_tensor(int i, int mode);
  void choose_strides(descriptor& t, const tensor& contract);
  void fill_indices(const descriptor& t, const contents& holds);
  void share_memory();
  void make_scalars();
  void make_options();
  value random_value(const scalar& s);
  value wrong_value(const scalar& s);
  void spoil_tensor(int i);
  void spoil_options();
  bool names_an_argument(const std::string& message) const;

  const operation& op_;
  dice& d_;
  arenas& memory_;
  std::array<int64_t, 32> symbols_{};
  std::array<hipinfer_dtype, 8> dtypes_{};
  std::array<int64_t, 6> any_shape_{};
  int any_rank_ = 1, alternative_ = 0;
  bool large_ = false;  // a symbol is out of the ordinary
  std::array<descriptor, most_tensors> tensors_;
  std::vector<value> scalars_;
  std::vector<unsigned char> options_;  // none: NULL
  void* workspace_ = nullptr;
  size_t workspace_bytes_ = 0;
};

}  // namespace fuzz
