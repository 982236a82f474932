// SPDX-License-Identifier: Apache-2.0
// From an instruction's name on a target to its meaning.
#include <string>
#include <unordered_map>

#include "operations/tables.h"

namespace hipemu {
namespace {

struct alias {
  const char* name;
  const char* means;
};

// gfx11's and gfx12's new names for what gfx9 had.
constexpr alias aliases[] = {
    {"v_add_nc_u32", "v_add_u32"},
};

const std::unordered_map<std::string, operation>& all() {
  static const auto map = [] {
    std::unordered_map<std::string, operation> m;
    for (const auto family :
         {scalar_operations, control_operations, vector_operations, float_operations, compare_operations,
          packed_operations, dot_operations, convert_operations, lane_operations, matrix_operations,
          scalar_memory_operations, memory_operations, lds_operations}) {
      for (const operation& one : family()) {
        if (!m.emplace(one.name, one).second)
          throw std::logic_error(std::string("hipemu: two meanings of ") + one.name);
      }
    }
    for (const alias& one : aliases) {
      const auto known = m.find(one.means);
      if (known == m.end())
        throw std::logic_error(std::string("hipemu: ") + one.name + " means " + one.means + ", which is nothing");
      if (!m.emplace(one.name, known->second).second)
        throw std::logic_error(std::string("hipemu: two meanings of ") + one.name);
    }
    return m;
  }();
  return map;
}

}  // namespace

const operation* find_operation(std::string_view name, const target_info&) {
  const auto found = all().find(std::string(name));
  return found == all().end() ? nullptr : &found->second;
}

}  // namespace hipemu
