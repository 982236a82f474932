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
    // vector integers
    {"v_add_co_ci_u32", "v_addc_co_u32"},  {"v_add_nc_i16", "v_add_i16"},
    {"v_add_nc_i32", "v_add_i32"},         {"v_add_nc_u16", "v_add_u16"},
    {"v_add_nc_u32", "v_add_u32"},         {"v_cls_i32", "v_ffbh_i32"},
    {"v_clz_i32_u32", "v_ffbh_u32"},       {"v_ctz_i32_b32", "v_ffbl_b32"},
    {"v_mad_co_i64_i32", "v_mad_i64_i32"}, {"v_mad_co_u64_u32", "v_mad_u64_u32"},
    {"v_sub_co_ci_u32", "v_subb_co_u32"},  {"v_sub_nc_i16", "v_sub_i16"},
    {"v_sub_nc_i32", "v_sub_i32"},         {"v_sub_nc_u16", "v_sub_u16"},
    {"v_sub_nc_u32", "v_sub_u32"},         {"v_subrev_co_ci_u32", "v_subbrev_co_u32"},
    {"v_subrev_nc_u32", "v_subrev_u32"},
};

const std::unordered_map<std::string, operation>& all() {
  static const auto map = [] {
    std::unordered_map<std::string, operation> m;
    for (const auto family :
         {scalar_operations, control_operations, move_operations, vector_operations, short_operations, float_operations,
          compare_operations, packed_operations, dot_operations, convert_operations, lane_operations, matrix_operations,
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
