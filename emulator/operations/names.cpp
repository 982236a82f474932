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
    // scalars
    {"s_add_co_ci_u32", "s_addc_u32"},
    {"s_add_co_i32", "s_add_i32"},
    {"s_add_co_u32", "s_add_u32"},
    {"s_addk_co_i32", "s_addk_i32"},
    {"s_and_not0_saveexec_b32", "s_andn1_saveexec_b32"},
    {"s_and_not0_saveexec_b64", "s_andn1_saveexec_b64"},
    {"s_and_not0_wrexec_b32", "s_andn1_wrexec_b32"},
    {"s_and_not0_wrexec_b64", "s_andn1_wrexec_b64"},
    {"s_and_not1_b32", "s_andn2_b32"},
    {"s_and_not1_b64", "s_andn2_b64"},
    {"s_and_not1_saveexec_b32", "s_andn2_saveexec_b32"},
    {"s_and_not1_saveexec_b64", "s_andn2_saveexec_b64"},
    {"s_and_not1_wrexec_b32", "s_andn2_wrexec_b32"},
    {"s_and_not1_wrexec_b64", "s_andn2_wrexec_b64"},
    {"s_cls_i32", "s_flbit_i32"},
    {"s_cls_i32_i64", "s_flbit_i32_i64"},
    {"s_clz_i32_u32", "s_flbit_i32_b32"},
    {"s_clz_i32_u64", "s_flbit_i32_b64"},
    {"s_ctz_i32_b32", "s_ff1_i32_b32"},
    {"s_ctz_i32_b64", "s_ff1_i32_b64"},
    {"s_or_not0_saveexec_b32", "s_orn1_saveexec_b32"},
    {"s_or_not0_saveexec_b64", "s_orn1_saveexec_b64"},
    {"s_or_not1_b32", "s_orn2_b32"},
    {"s_or_not1_b64", "s_orn2_b64"},
    {"s_or_not1_saveexec_b32", "s_orn2_saveexec_b32"},
    {"s_or_not1_saveexec_b64", "s_orn2_saveexec_b64"},
    {"s_sub_co_ci_u32", "s_subb_u32"},
    {"s_sub_co_i32", "s_sub_i32"},
    {"s_sub_co_u32", "s_sub_u32"},
    // scalar memory
    {"s_load_b32", "s_load_dword"},
    {"s_load_b64", "s_load_dwordx2"},
    {"s_load_b128", "s_load_dwordx4"},
    {"s_load_b256", "s_load_dwordx8"},
    {"s_load_b512", "s_load_dwordx16"},
    {"s_buffer_load_b32", "s_buffer_load_dword"},
    {"s_buffer_load_b64", "s_buffer_load_dwordx2"},
    {"s_buffer_load_b128", "s_buffer_load_dwordx4"},
    {"s_buffer_load_b256", "s_buffer_load_dwordx8"},
    {"s_buffer_load_b512", "s_buffer_load_dwordx16"},
    // vector integers
    {"v_add_co_ci_u32", "v_addc_co_u32"},
    {"v_add_nc_i16", "v_add_i16"},
    {"v_add_nc_i32", "v_add_i32"},
    {"v_add_nc_u16", "v_add_u16"},
    {"v_add_nc_u32", "v_add_u32"},
    {"v_cls_i32", "v_ffbh_i32"},
    {"v_clz_i32_u32", "v_ffbh_u32"},
    {"v_ctz_i32_b32", "v_ffbl_b32"},
    {"v_mad_co_i64_i32", "v_mad_i64_i32"},
    {"v_mad_co_u64_u32", "v_mad_u64_u32"},
    {"v_sub_co_ci_u32", "v_subb_co_u32"},
    {"v_sub_nc_i16", "v_sub_i16"},
    {"v_sub_nc_i32", "v_sub_i32"},
    {"v_sub_nc_u16", "v_sub_u16"},
    {"v_sub_nc_u32", "v_sub_u32"},
    {"v_subrev_co_ci_u32", "v_subbrev_co_u32"},
    {"v_subrev_nc_u32", "v_subrev_u32"},
    // vector floats
    {"v_fma_dx9_zero_f32", "v_fma_legacy_f32"},
    {"v_fmac_dx9_zero_f32", "v_fmac_legacy_f32"},
    {"v_max3_num_f16", "v_max3_f16"},
    {"v_max3_num_f32", "v_max3_f32"},
    {"v_max_num_f16", "v_max_f16"},
    {"v_max_num_f32", "v_max_f32"},
    {"v_max_num_f64", "v_max_f64"},
    {"v_maxmin_num_f16", "v_maxmin_f16"},
    {"v_maxmin_num_f32", "v_maxmin_f32"},
    {"v_med3_num_f16", "v_med3_f16"},
    {"v_med3_num_f32", "v_med3_f32"},
    {"v_min3_num_f16", "v_min3_f16"},
    {"v_min3_num_f32", "v_min3_f32"},
    {"v_min_num_f16", "v_min_f16"},
    {"v_min_num_f32", "v_min_f32"},
    {"v_min_num_f64", "v_min_f64"},
    {"v_minmax_num_f16", "v_minmax_f16"},
    {"v_minmax_num_f32", "v_minmax_f32"},
    {"v_mul_dx9_zero_f32", "v_mul_legacy_f32"},
    // packed, dot products, conversions
    {"v_cvt_floor_i32_f32", "v_cvt_flr_i32_f32"},
    {"v_cvt_nearest_i32_f32", "v_cvt_rpi_i32_f32"},
    {"v_cvt_pk_norm_i16_f16", "v_cvt_pknorm_i16_f16"},
    {"v_cvt_pk_norm_i16_f32", "v_cvt_pknorm_i16_f32"},
    {"v_cvt_pk_norm_u16_f16", "v_cvt_pknorm_u16_f16"},
    {"v_cvt_pk_norm_u16_f32", "v_cvt_pknorm_u16_f32"},
    {"v_cvt_pk_rtz_f16_f32", "v_cvt_pkrtz_f16_f32"},
    {"v_dot2acc_f32_bf16", "v_dot2c_f32_bf16"},
    {"v_dot2acc_f32_f16", "v_dot2c_f32_f16"},
    {"v_pk_max_num_f16", "v_pk_max_f16"},
    {"v_pk_min_num_f16", "v_pk_min_f16"},
};

const std::unordered_map<std::string, operation>& all() {
  static const auto map = [] {
    std::unordered_map<std::string, operation> m;
    for (const auto family :
         {scalar_operations, scalar_float_operations, control_operations, vector_mode_operations, move_operations,
          vector_operations, short_operations, float_operations, compare_operations, packed_operations, dot_operations,
          convert_operations, small_conversion_operations, lane_operations, matrix_operations, scalar_memory_operations,
          memory_operations, lds_operations}) {
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
