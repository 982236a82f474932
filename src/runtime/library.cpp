// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <cstring>

#include "device.h"
#include "hipinfer/types.h"

namespace hipinfer::runtime {
namespace {

struct loaded_search {
  const char* family;
  std::string found;
};

// The loader holds its lock here, so this only notes the path; opening it comes later.
int note_loaded(dl_phdr_info* info, size_t, void* argument) {
  auto& search = *static_cast<loaded_search*>(argument);
  const char* slash = std::strrchr(info->dlpi_name, '/');
  const char* file = slash ? slash + 1 : info->dlpi_name;
  if (std::strncmp(file, search.family, std::strlen(search.family)) != 0) return 0;
  search.found = info->dlpi_name;
  return 1;
}

}  // namespace

bool library::open(const std::string& name, int extra_flags) {
  handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | extra_flags);
  if (handle_) name_ = name;
  return handle_ != nullptr;
}

void library::fail(const std::string& why) const {
  if (asked_by_) throw error{HIPINFER_STATUS_INVALID_ARGUMENT, std::string(asked_by_) + ": " + why};
  throw error{HIPINFER_STATUS_NO_DEVICE, why};
}

library::library(const description& wanted) {
  for (const char* name : wanted.names)
    if (open(name, RTLD_NOLOAD)) return;
  loaded_search search{wanted.family, {}};
  dl_iterate_phdr(note_loaded, &search);
  if (!search.found.empty() && open(search.found, RTLD_NOLOAD)) return;

  if (const char* path = wanted.environment ? std::getenv(wanted.environment) : nullptr; path && *path) {
    asked_by_ = wanted.environment;
    if (open(path)) return;
    fail(dlerror());
  }

  // A file that is there but does not load (a dependency is missing) says more than one that is not there.
  std::string reason;
  for (const char* name : wanted.names) {
    if (open(name)) return;
    const char* text = dlerror();
    if (reason.empty() && text && std::strncmp(text, name, std::strlen(name)) != 0)
      reason = std::string(name) + ": " + text;
  }
  if (reason.empty()) reason = std::string("no ") + wanted.family + " was found";
  fail(reason);
}

symbol library::optional(const char* symbol_name) const {
  return {symbol_name, dlsym(handle_, symbol_name)};
}

symbol library::require(const char* symbol_name) const {
  const symbol found = optional(symbol_name);
  if (!found.address) fail(name_ + " lacks " + symbol_name);
  return found;
}

}  // namespace hipinfer::runtime
