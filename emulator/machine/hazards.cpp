// SPDX-License-Identifier: Apache-2.0
#include "machine/hazards.h"

#include <algorithm>
#include <string_view>

#include "machine/hazard_rules.h"

namespace hipemu {
namespace hazard {

// The data of a store of more than 8 bytes, which is read late. Of buffers only without a scalar offset.
const operand* wide_data(const instruction& i) {
  using enum instruction_class;
  if (i.cls != vmem_store && i.cls != vmem_atomic) return nullptr;
  const bool buffer = i.name.starts_with("buffer_");
  const int data = buffer ? 0 : i.cls == vmem_atomic && i.glc ? 2 : 1;
  if (buffer && i.operand_count > 3 && i.x(3).is == operand::scalar) return nullptr;
  const operand& x = i.x(data);
  return x.is == operand::vector && x.words > 2 ? &x : nullptr;
}

namespace {

// Matrix instructions of one block and full rate: on gfx942 and later all but those of f32 and f64.
bool is_xdl(std::string_view name, const target_info& target) {
  if (name.ends_with("f64")) return false;
  return !gfx940(target) || name.ends_with("xf32") || !name.ends_with("f32") || name.starts_with("v_smfmac");
}

// Whether the result is put into a part of its register: by SDWA, op_sel of the destination, or a byte's number.
bool has_partial_result(const instruction& i) {
  if (i.sdwa) return i.dst_select != sdwa_select::dword;
  if (i.operand_count == 0) return false;  // op_sel bits of a damaged code
  const int sources = i.operand_count - 1;
  const int first = i.name.find("scalef32") != i.name.npos ? 2 : sources;
  return i.op_sel_count > first && i.op_sel >> first;
}

uint32_t kinds_of(const instruction& i, const target_info& target) {
  using enum instruction_class;
  const std::string_view name = i.name;
  uint32_t kinds = 0;
  const auto add = [&](uint32_t kind, bool when) { kinds |= when ? kind : 0; };
  add(is::salu, i.cls == salu);
  add(is::lds, i.cls == lds);
  add(is::vmem, i.cls == vmem_load || i.cls == vmem_store || i.cls == vmem_atomic);
  const bool direct = i.cls == vmem_load && (i.lds || name.find("_load_lds_") != name.npos);
  add(is::uses_m0, direct || name.starts_with("s_movrel") || name.starts_with("s_sendmsg") ||
                       name.starts_with("s_ttracedata") || name.find("_addtid_") != name.npos ||
                       (i.cls == lds && i.gds));
  add(is::setreg, name.starts_with("s_setreg"));
  add(is::getreg, name.starts_with("s_getreg"));
  add(is::wide_store, wide_data(i));
  if (i.cls != valu && i.cls != transcendental && i.cls != matrix) return kinds;
  kinds |= is::valu;
  add(is::transcendental, i.cls == transcendental);
  add(is::dot, name.starts_with("v_dot"));
  add(is::mfma, i.cls == matrix && target.cdna());
  add(is::wmma, i.cls == matrix && target.rdna());
  add(is::sparse, i.cls == matrix && (name.starts_with("v_smfmac") || name.starts_with("v_swmmac")));
  if (kinds & is::mfma) kinds |= name.ends_with("f64") ? is::dgemm : is_xdl(name, target) ? is::xdl : 0;
  add(is::writes_scalar, std::any_of(i.writes.begin(), i.writes.end(), [](const auto& r) { return !is_vector(r); }));
  add(is::read_lane, name == "v_readlane_b32" || name == "v_readfirstlane_b32");
  add(is::write_lane, name == "v_writelane_b32");
  add(is::div_fmas, name.starts_with("v_div_fmas"));
  add(is::partial_result, has_partial_result(i));
  add(is::permlane, name.starts_with("v_permlane"));
  add(is::cmpx, name.starts_with("v_cmpx"));
  add(is::fma64, name == "v_fma_f64" || name == "v_fmac_f64");
  add(is::nop, name == "v_nop");
  return kinds;
}

// The mask of lanes that a VALU instruction reads: not what it is beside it, a source. LLVM's fixVALUMaskWriteHazard.
register_range lane_mask(const instruction& i) {
  const std::string_view name = i.name;
  if (name.starts_with("v_div_fmas")) return vcc_register;
  const bool has_mask = name.starts_with("v_cndmask_b") || name.starts_with("v_add_co_ci_") ||
                        name.starts_with("v_sub_co_ci_") || name.starts_with("v_subrev_co_ci_");
  if (!has_mask || i.operand_count == 0) return {0, 0};
  const operand& last = i.x(i.operand_count - 1);
  return last.is == operand::scalar ? range_of(last) : register_range{0, 0};
}

// How many vector registers, or rows of them, an instruction names as sources.
size_t vector_sources(const instruction& i) {
  std::vector<std::pair<uint16_t, uint8_t>> found;
  for (const register_range& r : i.reads) {
    const std::pair<uint16_t, uint8_t> one{r.first, r.count};
    if (is_vector(r) && std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
  }
  return found.size();
}

bool reads_scalar(const instruction& i) {
  return std::any_of(i.reads.begin(), i.reads.end(),
                     [](const register_range& r) { return !is_vector(r) && !exec_register.overlaps(r); });
}

}  // namespace
}  // namespace hazard

using namespace hazard;

void describe_hazards(instruction& i, const target_info& target, int wave_size) {
  watch_traits& t = i.watch;
  t.hazards = kinds_of(i, target);
  if (i.name == "s_nop") t.wait_states = static_cast<uint8_t>((i.encoding & 15) + 1);
  if (!has_rules(target)) return;
  const auto looks_for = [&](uint64_t what, bool when) { t.tags[1] |= when ? what : 0; };
  const auto leaves = [&](uint64_t what, bool when) { t.leaves |= when ? what : 0; };
  if (target.rdna()) {
    looks_for(tag::always, has(i, is::wmma | is::permlane));
    if (has_trans_use(target)) {
      leaves(tag::transcendental, has(i, is::transcendental));
      looks_for(tag::transcendental, has(i, is::valu));
    }
    const auto note_pairs = [&](const register_range& r) {
      each_scalar({r}, [&](int n) { t.scalar_pairs |= uint64_t{1} << n / 2; });
    };
    const bool named = touches_scalars(i.reads), written = touches_scalars(i.writes),
               waits = has(i, is::vmem) || i.cls == instruction_class::smem || i.name == "s_wait_alu" ||
                       i.name == "s_waitcnt_depctr";
    if (target.gen == generation::rdna4) {
      if (has(i, is::valu)) std::for_each(i.reads.begin(), i.reads.end(), note_pairs);
      looks_for(tag::always, has(i, is::valu | is::salu) && written);
      looks_for(tag::scalar_result, named || waits);
    } else if (wave_size == 64) {
      if (has(i, is::valu)) note_pairs(lane_mask(i));
      leaves(tag::scalar_result, t.scalar_pairs != 0);
      looks_for(tag::scalar_result, named || written || waits || (has(i, is::valu) && has_literal(i)));
      leaves(tag::exec_written, has(i, is::salu) && writes(i, exec_register));
      looks_for(tag::exec_written, has(i, is::valu) && vector_sources(i) > 1);
    }
    return;
  }
  const bool modern = gfx940(target), valu = has(i, is::valu), memory = has(i, is::memory);
  leaves(tag::scalar_result, has(i, is::writes_scalar));
  leaves(tag::matrix, has(i, is::mfma));
  leaves(tag::dot, has(i, is::dot));
  leaves(tag::transcendental, modern && has(i, is::transcendental));
  leaves(tag::partial_result, modern && has(i, is::partial_result));
  leaves(tag::wide_store, has(i, is::wide_store));
  leaves(tag::setreg, has(i, is::setreg));
  leaves(tag::m0, has(i, is::salu) && writes(i, m0_register));

  looks_for(tag::always, i.dpp != dpp_kind::none || has(i, is::mfma | is::read_lane | is::write_lane | is::permlane));
  looks_for(tag::scalar_result, has(i, is::div_fmas) || ((has(i, is::vmem) || (valu && modern)) && reads_scalar(i)));
  looks_for(tag::matrix | tag::dot, valu || memory);
  looks_for(tag::transcendental | tag::partial_result | tag::wide_store, valu);
  looks_for(tag::setreg, has(i, is::setreg | is::getreg));
  looks_for(tag::m0, has(i, is::uses_m0));
}

void check_hazards(wave& w, const instruction& i) {
  const uint64_t hit = i.watch.tags[1] & w.watched.tags[1] & watch_tag::hazards;
  if (!hit) return;
  watch_state& s = w.watched;
  if (has(i, is::mfma)) s.time = std::max(s.time, s.matrix_free);
  if (w.target.rdna())
    check_rdna(w, i);
  else
    check_cdna(w, i, hit);
  if (has(i, is::mfma)) s.matrix_free = s.time + i.matrix_cycles / 4u;
}

}  // namespace hipemu
