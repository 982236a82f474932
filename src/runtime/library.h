// SPDX-License-Identifier: Apache-2.0
// Drivers found at run time: a library is opened once, its entry points are looked up by name, and it is
// never closed (a driver that has started threads does not survive its own unloading).
#pragma once

#include <string>
#include <vector>

namespace hipinfer::runtime {

// A name and what it resolved to; converts to the typed entry points of driver.h.
struct symbol {
  const char* name;
  void* address;
};

class library {
 public:
  struct description {
    const char* family;              // file names of loaded libraries begin with it; messages use it: "libamdhip64"
    const char* environment;         // variable that names the file to use; nullptr: there is none
    std::vector<const char*> names;  // what the loader is asked for, in this order
  };

  // Takes a library of the family that is in the process already (a framework's own copy: two copies of one
  // driver do not share their devices' state), else the one that the environment names, else the first name
  // that loads. Throws error{NO_DEVICE}, but INVALID_ARGUMENT where the environment names something else than such a
  // library: what was asked for is not passed over.
  explicit library(const description& wanted);

  const std::string& name() const { return name_; }
  symbol optional(const char* symbol_name) const;
  symbol require(const char* symbol_name) const;  // throws as the constructor does when it is missing

 private:
  bool open(const std::string& name, int extra_flags = 0);
  [[noreturn]] void fail(const std::string& why) const;

  const char* asked_by_ = nullptr;  // the variable that names this library
  std::string name_;
  void* handle_ = nullptr;
};

}  // namespace hipinfer::runtime
