// SPDX-License-Identifier: Apache-2.0
// Finds the code object for a target inside what hipModuleLoadData was given.
#include "runtime/image.h"

#include <fcntl.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Config/llvm-config.h>
#if LLVM_VERSION_MAJOR >= 22
#include <llvm/Object/OffloadBundle.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/code_object.h"

namespace hipemu {
namespace {

using llvm::ELF::Elf64_Ehdr, llvm::ELF::Elf64_Phdr, llvm::ELF::Elf64_Shdr;

[[noreturn]] void invalid(const std::string& why) {
  throw load_error(load_failure::invalid, why);
}

// The bytes of an image whose length is perhaps not known. The kernel copies them, because it answers with an error
// where memory ends and we would crash.
class source {
 public:
  source(const void* image, size_t bytes)
      : address_(reinterpret_cast<uint64_t>(image)),
        limit_(bytes ? bytes : image_bytes_max),
        file_(open("/proc/self/mem", O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) invalid("cannot open /proc/self/mem");
  }
  ~source() { close(file_); }
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  std::vector<uint8_t> read(uint64_t offset, uint64_t bytes) const {
    if (offset > limit_ || bytes > limit_ - offset) invalid("the image is truncated");
    std::vector<uint8_t> data(std::min<uint64_t>(bytes, 1 << 16));
    // Grows as it succeeds: a corrupt length does not cost its memory.
    for (uint64_t done = 0; done < bytes;) {
      data.resize(std::min(bytes, std::max<uint64_t>(data.size(), 2 * done)));
      const ssize_t n =
          pread(file_, data.data() + done, data.size() - done, static_cast<off_t>(address_ + offset + done));
      if (n <= 0) invalid("the image is truncated");
      done += static_cast<uint64_t>(n);
    }
    data.resize(bytes);
    return data;
  }

  template <class T>
  T value(uint64_t offset) const {
    T x;
    std::memcpy(&x, read(offset, sizeof(T)).data(), sizeof(T));
    return x;
  }

  template <class T>
  std::vector<T> table(uint64_t offset, uint64_t count, uint64_t entry_bytes) const {
    if (count && entry_bytes != sizeof(T)) invalid("a header's table has entries of another size");
    const auto bytes = read(offset, count * sizeof(T));
    std::vector<T> rows(count);
    if (count) std::memcpy(rows.data(), bytes.data(), bytes.size());
    return rows;
  }

 private:
  uint64_t address_, limit_;
  int file_;
};

// The end of the last thing that the headers name.
uint64_t elf_bytes(const source& from, uint64_t offset) {
  const auto header = from.value<Elf64_Ehdr>(offset);
  uint64_t end = sizeof(header);
  const auto extend = [&](uint64_t begin, uint64_t bytes) {
    if (begin > image_bytes_max || bytes > image_bytes_max) invalid("a header points outside of the image");
    end = std::max(end, begin + bytes);
  };
  extend(header.e_phoff, uint64_t{header.e_phnum} * header.e_phentsize);
  extend(header.e_shoff, uint64_t{header.e_shnum} * header.e_shentsize);
  for (const auto& p : from.table<Elf64_Phdr>(offset + header.e_phoff, header.e_phnum, header.e_phentsize))
    extend(p.p_offset, p.p_filesz);
  for (const auto& s : from.table<Elf64_Shdr>(offset + header.e_shoff, header.e_shnum, header.e_shentsize))
    if (s.sh_type != llvm::ELF::SHT_NOBITS) extend(s.sh_offset, s.sh_size);
  return end;
}

std::vector<uint8_t> read_elf(const source& from, uint64_t offset, uint64_t bytes) {
  const auto header = from.value<Elf64_Ehdr>(offset);
  if (!header.checkMagic()) invalid("no ELF, bundle or compressed bundle");
  if (header.getFileClass() != llvm::ELF::ELFCLASS64 || header.getDataEncoding() != llvm::ELF::ELFDATA2LSB)
    invalid("not a 64-bit little-endian ELF");
  const uint64_t whole = elf_bytes(from, offset);
  if (bytes && whole > bytes)
    invalid("the ELF is truncated: " + std::to_string(bytes) + " of " + std::to_string(whole) + " bytes");
  return from.read(offset, whole);
}

constexpr char bundle_magic[] = "__CLANG_OFFLOAD_BUNDLE__", compressed_magic[] = "CCOB";

// "hipv4-amdgcn-amd-amdhsa--gfx942:sramecc+:xnack-"; hosts and other devices are passed over.
std::vector<uint8_t> read_bundle(const source& from, const target_info& target) {
  constexpr uint64_t head = sizeof(bundle_magic) - 1;
  struct entry {
    uint64_t offset, bytes, id_bytes;
  };
  const auto count = from.value<uint64_t>(head);
  if (count > 4096) invalid("a bundle of " + std::to_string(count) + " entries");
  std::string seen;
  const entry* best = nullptr;
  std::vector<entry> entries(count);
  bool best_exact = false;
  uint64_t at = head + sizeof(count);
  for (entry& e : entries) {
    e = from.value<entry>(at);
    if (e.id_bytes > 4096) invalid("a bundle's entry has a name of " + std::to_string(e.id_bytes) + " bytes");
    const auto id = from.read(at + sizeof(e), e.id_bytes);
    const std::string_view text(reinterpret_cast<const char*>(id.data()), id.size());
    at += sizeof(e) + e.id_bytes;
    const size_t triple = text.find("amdgcn-amd-amdhsa-");
    if (triple == text.npos || !e.bytes) continue;
    // After the triple stands its fourth part, mostly empty, and another dash.
    const std::string_view rest = text.substr(triple + std::strlen("amdgcn-amd-amdhsa-"));
    const std::string_view target_id = rest.substr(std::min(rest.find('-'), rest.size() - 1) + 1);
    const std::string_view processor = target_id.substr(0, target_id.find(':'));
    seen += (seen.empty() ? "" : ", ") + std::string(target_id);
    const bool exact = processor == target.name;
    if ((!exact && (processor != target.generic || processor.empty())) || (best && (best_exact || !exact))) continue;
    const auto header = from.value<Elf64_Ehdr>(e.offset);
    try {
      check_target(header.e_flags, header.e_ident[llvm::ELF::EI_ABIVERSION], target);
    } catch (const load_error&) {
      continue;  // gfx942:xnack+; there may be another
    }
    best = &e;
    best_exact = exact;
  }
  if (!best)
    throw load_error(load_failure::no_binary_for_target,
                     "the bundle has no code for " + std::string(target.name) + target.feature + "; it has: " + seen);
  return read_elf(from, best->offset, best->bytes);
}

bool starts(const source& from, const char* magic) {
  const size_t n = std::strlen(magic);
  try {
    return std::memcmp(from.read(0, n).data(), magic, n) == 0;
  } catch (const load_error&) {
    return false;  // shorter than that
  }
}

std::vector<uint8_t> read_compressed(const source& from, size_t bytes, const target_info& target) {
#if LLVM_VERSION_MAJOR >= 22
  // Version in bytes 4-5; from version 2 on the file's length follows the method: 4 bytes, in version 3 8.
  const auto version = from.value<uint16_t>(4);
  // LLVM ends the process when it cannot have the memory for what is said to come out.
  const uint64_t plain_bytes = version == 1   ? from.value<uint32_t>(8)
                               : version == 2 ? from.value<uint32_t>(12)
                                              : from.value<uint64_t>(16);
  if (plain_bytes > image_bytes_max) invalid("a compressed bundle of " + std::to_string(plain_bytes) + " bytes");
  const uint64_t length = version == 2 ? from.value<uint32_t>(8) : version == 3 ? from.value<uint64_t>(8) : bytes;
  if (!length) invalid("a compressed bundle of version " + std::to_string(version) + " does not tell its length");
  const auto data = from.read(0, length);
  const llvm::StringRef text(reinterpret_cast<const char*>(data.data()), data.size());
  auto plain = llvm::object::CompressedOffloadBundle::decompress(*llvm::MemoryBuffer::getMemBuffer(text, "", false));
  if (!plain) invalid("compressed bundle: " + llvm::toString(plain.takeError()));
  if ((*plain)->getBufferSize() == 0) invalid("an empty compressed bundle");
  const source inside((*plain)->getBufferStart(), (*plain)->getBufferSize());
  return starts(inside, bundle_magic) ? read_bundle(inside, target) : read_elf(inside, 0, (*plain)->getBufferSize());
#else
  (void)from, (void)bytes, (void)target;
  invalid("a compressed bundle: hipemu was built with an LLVM that cannot read it; LLVM 22 can");
#endif
}

struct machine {
  const char* name;
  uint32_t flag;
};
constexpr machine machines[] = {
    {"gfx906", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX906},
    {"gfx908", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX908},
    {"gfx90a", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX90A},
    {"gfx942", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942},
    {"gfx950", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950},
    {"gfx1030", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1030},
    {"gfx1100", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1100},
    {"gfx1151", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1151},
    {"gfx1200", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1200},
    {"gfx1201", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1201},
    {"gfx9-generic", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX9_GENERIC},
    {"gfx9-4-generic", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX9_4_GENERIC},
    {"gfx10-3-generic", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX10_3_GENERIC},
    {"gfx11-generic", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX11_GENERIC},
    {"gfx12-generic", llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX12_GENERIC},
};

}  // namespace

void check_target(uint32_t flags, uint8_t abi_version, const target_info& target) {
  const auto refuse = [&](const std::string& why) {
    throw load_error(load_failure::no_binary_for_target,
                     "the code object " + why + "; the device is " + target.name + target.feature);
  };
  const uint32_t mach = flags & llvm::ELF::EF_AMDGPU_MACH;
  const auto named =
      std::find_if(std::begin(machines), std::end(machines), [&](const machine& m) { return m.flag == mach; });
  if (named == std::end(machines)) refuse("is for machine " + std::to_string(mach) + " of LLVM's EF_AMDGPU_MACH");
  const std::string_view name = named->name;
  const bool generic = name == target.generic;
  if (name != target.name && !generic) refuse("is for " + std::string(name));
  if (generic &&
      (abi_version < llvm::ELF::ELFABIVERSION_AMDGPU_HSA_V6 || !(flags & llvm::ELF::EF_AMDGPU_GENERIC_VERSION)))
    refuse("is for " + std::string(name) + " but has no generic version");
  // Of each feature the code says: any will do, off, on; the device's are in its name. Zero is "has none".
  const auto check = [&](uint32_t setting, const char* feature) {
    const bool device_on = std::string_view(target.feature).find(std::string(feature) + "+") != std::string_view::npos;
    if (setting >= 2 && (setting == 3) != device_on)
      refuse(std::string("wants ") + feature + (setting == 3 ? "+" : "-"));
  };
  check((flags & llvm::ELF::EF_AMDGPU_FEATURE_XNACK_V4) >> 8, "xnack");
  check((flags & llvm::ELF::EF_AMDGPU_FEATURE_SRAMECC_V4) >> 10, "sramecc");
}

std::vector<uint8_t> read_image(const void* image, size_t bytes, const target_info& target) {
  const source from(image, bytes);
  if (starts(from, bundle_magic)) return read_bundle(from, target);
  if (starts(from, compressed_magic)) return read_compressed(from, bytes, target);
  return read_elf(from, 0, bytes);
}

}  // namespace hipemu
