// SPDX-License-Identifier: Apache-2.0
// Loads a code object: segments, relocations, kernels, variables; finds source lines.
#include "runtime/code_object.h"

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELF.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/AMDHSAKernelDescriptor.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "runtime/image.h"
#include "runtime/metadata.h"

namespace hipemu {

namespace {

using namespace llvm::ELF;
using elf_file = llvm::object::ELFFile<llvm::object::ELF64LE>;

constexpr uint64_t loaded_bytes_max = uint64_t{1} << 32;

[[noreturn]] void invalid(const std::string& why) {
  throw load_error(load_failure::invalid, why);
}

template <class T>
T value_of(llvm::Expected<T> x) {
  if (!x) invalid(llvm::toString(x.takeError()));
  return *x;
}

llvm::StringRef text_of(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct symbol {
  std::string name;
  uint64_t value = 0, bytes = 0;
  uint8_t type = 0;
  bool defined = false;
};

// One load: what it makes goes to the code object's members.
class loader {
 public:
  loader(const std::vector<uint8_t>& image, const target_info& target)
      : file_(value_of(elf_file::create(text_of(image)))), target_(target) {
    const auto& header = file_.getHeader();
    if (header.e_machine != EM_AMDGPU)
      invalid("an ELF for machine " + std::to_string(header.e_machine) + ", not AMDGPU");
    if (header.e_ident[EI_OSABI] != ELFOSABI_AMDGPU_HSA) invalid("not for the HSA ABI");
    const uint8_t abi = header.e_ident[EI_ABIVERSION];
    if (abi < ELFABIVERSION_AMDGPU_HSA_V4 || abi > ELFABIVERSION_AMDGPU_HSA_V6)
      invalid("code object ABI version " + std::to_string(abi) + ", not 2 (V4), 3 (V5) or 4 (V6)");
    if (header.e_type != ET_DYN) invalid("not a shared object: not linked");
    check_target(header.e_flags, abi, target);
  }

  // Segments at their distances; returns the bias, which is also what to release.
  uint64_t map(device_memory& memory, int device) {
    std::vector<device_memory::part> parts;
    std::vector<llvm::ArrayRef<uint8_t>> contents;
    const auto segments = value_of(file_.program_headers());
    uint64_t end = 0, code_begin = 0, code_end = 0;
    for (const auto& p : segments) {
      if (p.p_type != PT_LOAD || !p.p_memsz) continue;
      // In order and apart: what the linker promises, and what the allocations need.
      if (p.p_vaddr < end || p.p_vaddr > loaded_bytes_max || p.p_memsz > loaded_bytes_max || p.p_filesz > p.p_memsz)
        invalid("a segment at " + std::to_string(p.p_vaddr) + " overlaps another or is too large");
      end = p.p_vaddr + p.p_memsz;
      parts.push_back({p.p_vaddr, p.p_memsz, (p.p_flags & PF_W) != 0});
      contents.push_back(value_of(file_.getSegmentContents(p)));
      if (p.p_flags & PF_X) {
        code_begin = code_end ? code_begin : p.p_vaddr;
        code_end = end;
      }
    }
    if (parts.empty()) invalid("no segments");
    // All of it is decoded: what is not in the file is no code.
    if (code_end - code_begin > file_.getBufSize()) invalid("more code than the file has bytes");
    base_ = memory.allocate_parts(parts, memory_kind::code, device);
    for (size_t n = 0; n < parts.size(); ++n) {
      ranges_.push_back({parts[n].offset, parts[n].bytes});
      if (!contents[n].empty())
        std::memcpy(at(parts[n].offset, parts[n].bytes), contents[n].data(), contents[n].size());
    }
    text_address_ = base_ + code_begin;
    text_bytes_ = code_end - code_begin;
    return base_;
  }

  std::vector<symbol> symbols(const elf_file::Elf_Shdr* table) {
    std::vector<symbol> out;
    if (!table) return out;
    const auto names = value_of(file_.getStringTableForSymtab(*table));
    for (const auto& s : value_of(file_.symbols(table)))
      out.push_back({value_of(s.getName(names)).str(), s.st_value, s.st_size, s.getType(), s.st_shndx != SHN_UNDEF});
    return out;
  }

  const elf_file::Elf_Shdr* section(uint32_t type) {
    for (const auto& s : value_of(file_.sections()))
      if (s.sh_type == type) return &s;
    return nullptr;
  }

  void relocate(const std::vector<symbol>& table) {
    for (const auto& s : value_of(file_.sections())) {
      if (s.sh_type != SHT_RELA || !(s.sh_flags & SHF_ALLOC)) continue;
      for (const auto& r : value_of(file_.relas(s))) apply(r, table);
    }
  }

  std::vector<described_kernel> metadata() {
    for (const auto& p : value_of(file_.program_headers())) {
      if (p.p_type != PT_NOTE || p.p_align != 4) continue;
      llvm::Error error = llvm::Error::success();
      std::string description;
      for (const auto& note : file_.notes(p, error))
        if (note.getName() == "AMDGPU" && note.getType() == NT_AMDGPU_METADATA && description.empty())
          description = note.getDescAsStringRef(p.p_align).str();
      if (error) invalid(llvm::toString(std::move(error)));
      if (!description.empty()) return parse_metadata(description);
    }
    invalid("no metadata note");
  }

  // What the descriptor says, added to what the metadata said.
  void describe(kernel& k, const symbol& descriptor) {
    if (descriptor.value % 64) invalid(k.name + ": the kernel descriptor is misaligned");
    llvm::amdhsa::kernel_descriptor_t d;
    std::memcpy(&d, at(descriptor.value, sizeof(d)), sizeof(d));
    k.entry = base_ + descriptor.value + static_cast<uint64_t>(d.kernel_code_entry_byte_offset);
    if (k.entry % 256 || k.entry < text_address_ || k.entry >= text_address_ + text_bytes_)
      invalid(k.name + ": the kernel does not begin in the code");
    if (d.kernarg_size) k.kernarg_bytes = d.kernarg_size;  // 0: not said here; the metadata has it
    k.lds_bytes = d.group_segment_fixed_size;
    k.scratch_bytes = d.private_segment_fixed_size;
    k.rsrc1 = d.compute_pgm_rsrc1;
    k.rsrc2 = d.compute_pgm_rsrc2;
    k.rsrc3 = d.compute_pgm_rsrc3;
    k.properties = d.kernel_code_properties;
    k.kernarg_preload = d.kernarg_preload;
    const bool wave32 = k.properties & llvm::amdhsa::KERNEL_CODE_PROPERTY_ENABLE_WAVEFRONT_SIZE32;
    if (k.wave_size != (wave32 ? 32 : 64)) invalid(k.name + ": descriptor and metadata disagree about the wave size");
    if (k.kernarg_bytes > 1 << 16) invalid(k.name + ": " + std::to_string(k.kernarg_bytes) + " bytes of arguments");
    check_limits(k);
    for (kernel_argument& a : k.arguments) {
      if (a.end() <= k.kernarg_bytes) continue;
      std::fprintf(
          stderr,
          "hipemu: warning: %s: the argument of %u bytes at %u lies past the %u bytes that it has: not passed\n",
          k.name.c_str(), a.bytes, a.offset, k.kernarg_bytes);
      a.offset = a.bytes = 0;  // HIP copies no more than the segment holds
    }
  }

  uint64_t text_address() const { return text_address_; }
  uint64_t text_bytes() const { return text_bytes_; }

 private:
  // What the hardware does not have.
  void check_limits(const kernel& k) {
    if (target_.cdna() && k.wave_size != 64) invalid(k.name + ": waves of 32, which " + target_.name + " has not");
    // Of the field of COMPUTE_TMPRING_SIZE that holds it.
    const uint64_t scratch = uint64_t{k.scratch_bytes} * k.wave_size,
                   scratch_max = target_.gen == generation::rdna4 ? 64 << 20 : 8 << 20;
    if (scratch > scratch_max) invalid(k.name + ": " + std::to_string(scratch) + " bytes of scratch a wave");
    namespace property = llvm::amdhsa;
    constexpr struct {
      int bit;
      uint32_t words;
    } in_sgprs[] = {{property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_PRIVATE_SEGMENT_BUFFER, 4},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_DISPATCH_PTR, 2},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_QUEUE_PTR, 2},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_KERNARG_SEGMENT_PTR, 2},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_DISPATCH_ID, 2},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_FLAT_SCRATCH_INIT, 2},
                    {property::KERNEL_CODE_PROPERTY_ENABLE_SGPR_PRIVATE_SEGMENT_SIZE, 1}};
    uint32_t user_sgprs = k.preload_words();
    for (const auto& p : in_sgprs) user_sgprs += k.properties & p.bit ? p.words : 0;
    constexpr uint32_t user_sgprs_max = 16;
    if (user_sgprs > user_sgprs_max)
      invalid(k.name + ": " + std::to_string(user_sgprs) + " SGPRs set up, there are 16");
    if (!k.preload_words()) return;
    if (!target_.cdna()) invalid(k.name + ": preloads arguments, which " + target_.name + " cannot");
    if (4 * (k.preload_at() + k.preload_words()) > k.kernarg_segment_bytes())
      invalid(k.name + ": preloads what lies past its arguments");
  }

  // Loaded bytes at an address of the ELF; they lie in one segment.
  void* at(uint64_t address, uint64_t bytes) {
    for (const auto& [begin, length] : ranges_)
      if (address >= begin && address - begin <= length && bytes <= length - (address - begin))
        return reinterpret_cast<void*>(base_ + address);
    invalid("an address outside of the segments: " + std::to_string(address));
  }

  void apply(const elf_file::Elf_Rela& r, const std::vector<symbol>& table) {
    const uint32_t type = r.getType(false), index = r.getSymbol(false);
    if (type == R_AMDGPU_NONE) return;
    if (index >= std::max<size_t>(table.size(), 1)) invalid("a relocation names no symbol");
    uint64_t target = base_ + static_cast<uint64_t>(r.r_addend);
    if (index) {
      if (!table[index].defined) invalid("the symbol " + table[index].name + " is not defined");
      target += table[index].value;
    }
    const uint64_t relative = target - (base_ + r.r_offset);
    const auto put = [&](auto value) { std::memcpy(at(r.r_offset, sizeof(value)), &value, sizeof(value)); };
    switch (type) {
      case R_AMDGPU_ABS32_LO:
      case R_AMDGPU_ABS32:
        return put(static_cast<uint32_t>(target));
      case R_AMDGPU_ABS32_HI:
        return put(static_cast<uint32_t>(target >> 32));
      case R_AMDGPU_ABS64:
      case R_AMDGPU_RELATIVE64:
        return put(target);
      case R_AMDGPU_REL32:
      case R_AMDGPU_REL32_LO:
        return put(static_cast<uint32_t>(relative));
      case R_AMDGPU_REL32_HI:
        return put(static_cast<uint32_t>(relative >> 32));
      case R_AMDGPU_REL64:
        return put(relative);
      default:
        invalid("a relocation of type " + std::to_string(type) + " in a linked code object");
    }
  }

  elf_file file_;
  const target_info& target_;
  uint64_t base_ = 0, text_address_ = 0, text_bytes_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> ranges_;
};

}  // namespace

struct line_table {
  std::unique_ptr<llvm::object::ObjectFile> file;
  std::unique_ptr<llvm::DWARFContext> context;
};

code_object::code_object(const void* image, const target_info& target, device_memory& memory, int device, size_t bytes)
    : target_(target), memory_(memory), image_(read_image(image, bytes, target)) {
  loader load(image_, target);
  bias_ = load.map(memory, device);
  try {
    const auto table = load.symbols(load.section(SHT_DYNSYM));
    load.relocate(table);
    std::map<std::string, const symbol*> by_name;
    for (const symbol& s : table)
      if (s.defined) by_name[s.name] = &s;
    for (described_kernel& d : load.metadata()) {
      const auto descriptor = by_name.find(d.symbol);
      if (descriptor == by_name.end()) invalid(d.k.name + ": no kernel descriptor");
      load.describe(d.k, *descriptor->second);
      if (const auto code = by_name.find(d.k.name); code != by_name.end()) d.k.code_bytes = code->second->bytes;
      by_name.erase(descriptor);
      kernels_[d.k.name] = std::move(d.k);
    }
    for (const auto& [name, s] : by_name)
      if (s->type == STT_OBJECT && !name.ends_with(".kd")) {
        const allocation* segment = memory_.find(bias_ + s->value);
        if (!segment || !segment->contains(bias_ + s->value, s->bytes)) invalid(name + " lies outside of the segments");
        variables_[name] = {bias_ + s->value, s->bytes};
      }
  } catch (...) {
    memory_.release(reinterpret_cast<void*>(bias_));
    throw;
  }
  text_address_ = load.text_address();
  text_bytes_ = load.text_bytes();
}

code_object::~code_object() {
  memory_.release(reinterpret_cast<void*>(bias_));
}

const program& code_object::code(uint32_t wave_size) const {
  const int i = wave_size == 64;
  std::call_once(decoded_[i], [&] {
    programs_[i] = std::make_unique<program>(target_, static_cast<int>(wave_size), text_address_, text_bytes_);
  });
  return *programs_[i];
}

std::string code_object::source_line(uint64_t address) const {
  const std::lock_guard lock(lines_mutex_);
  if (!lines_) {
    lines_ = std::make_unique<line_table>();
    auto file = llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(text_of(image_), "code object"));
    if (!file) {
      llvm::consumeError(file.takeError());
      return "";
    }
    lines_->file = std::move(*file);
    // A damaged line table means no lines; the fault that asks for one matters more.
    const auto ignore = [](llvm::Error e) { llvm::consumeError(std::move(e)); };
    lines_->context = llvm::DWARFContext::create(*lines_->file, llvm::DWARFContext::ProcessDebugRelocations::Ignore,
                                                 nullptr, "", ignore, ignore);
  }
  if (!lines_->context) return "";
  using specifier = llvm::DILineInfoSpecifier;
  const auto calls = lines_->context->getInliningInfoForAddress(
      {address - bias_, llvm::object::SectionedAddress::UndefSection},
      specifier(specifier::FileLineInfoKind::BaseNameOnly, specifier::FunctionNameKind::None));
  std::string text;
  for (uint32_t n = 0; n < calls.getNumberOfFrames(); ++n) {
    const auto& line = calls.getFrame(n);
    if (line.Line == 0 || line.FileName == llvm::DILineInfo::BadString) continue;
    text += (text.empty() ? "" : ", called at ") + line.FileName.substr(line.FileName.rfind('/') + 1) + ":" +
            std::to_string(line.Line);
  }
  return text;
}

}  // namespace hipemu
