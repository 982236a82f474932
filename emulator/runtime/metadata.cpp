// SPDX-License-Identifier: Apache-2.0
// Reads the metadata note, which is MessagePack.
#include "runtime/metadata.h"

#include <llvm/BinaryFormat/MsgPackReader.h>

namespace hipemu {
namespace {

[[noreturn]] void invalid(const std::string& why) {
  throw load_error(load_failure::invalid, "metadata: " + why);
}

// LLVM's own tree of a document trusts the note; this one does not.
struct node {
  enum { nothing, number, text, list, map } is = nothing;
  uint64_t value = 0;  // number
  std::string string;  // text
  std::vector<node> items;
  std::vector<std::pair<std::string, node>> members;

  const node* find(std::string_view name) const {
    for (const auto& [key, member] : members)
      if (key == name) return &member;
    return nullptr;
  }
  const node& at(std::string_view name) const {
    const node* n = find(name);
    if (!n) invalid("no " + std::string(name));
    return *n;
  }
  uint32_t integer(std::string_view name) const {
    const node& n = at(name);
    if (n.is != number || n.value > UINT32_MAX) invalid(std::string(name) + " is not a number of 32 bits");
    return static_cast<uint32_t>(n.value);
  }
  uint32_t integer(std::string_view name, uint32_t otherwise) const { return find(name) ? integer(name) : otherwise; }
  const std::string& word(std::string_view name) const {
    const node& n = at(name);
    if (n.is != text) invalid(std::string(name) + " is not a string");
    return n.string;
  }
};

node read(llvm::msgpack::Reader& reader, int depth) {
  using llvm::msgpack::Type;
  if (depth > 16) invalid("nested too deeply");
  llvm::msgpack::Object object;
  auto more = reader.read(object);
  if (!more) invalid(llvm::toString(more.takeError()));
  if (!*more) invalid("truncated");
  node n;
  switch (object.Kind) {
    case Type::Int:
      n.is = node::number, n.value = static_cast<uint64_t>(object.Int);
      break;
    case Type::UInt:
      n.is = node::number, n.value = object.UInt;
      break;
    case Type::Boolean:
      n.is = node::number, n.value = object.Bool;
      break;
    case Type::String:
      n.is = node::text, n.string = object.Raw.str();
      break;
    case Type::Array:
      n.is = node::list;
      // Each element takes a byte or more, so a corrupt length ends with the note.
      for (size_t i = 0; i < object.Length; ++i) n.items.push_back(read(reader, depth + 1));
      break;
    case Type::Map:
      n.is = node::map;
      for (size_t i = 0; i < object.Length; ++i) {
        node key = read(reader, depth + 1);
        n.members.emplace_back(std::move(key.string), read(reader, depth + 1));
      }
      break;
    default:
      break;
  }
  return n;
}

}  // namespace

std::vector<described_kernel> parse_metadata(std::string_view note) {
  llvm::msgpack::Reader reader(llvm::StringRef(note.data(), note.size()));
  const node root = read(reader, 0);
  std::vector<described_kernel> kernels;
  for (const node& n : root.at("amdhsa.kernels").items) {
    described_kernel d;
    d.symbol = n.word(".symbol");
    d.k.name = n.word(".name");
    d.k.threads_max = n.integer(".max_flat_workgroup_size");
    d.k.kernarg_bytes = n.integer(".kernarg_segment_size", 0);
    d.k.wave_size = n.integer(".wavefront_size");
    d.k.dynamic_stack = n.integer(".uses_dynamic_stack", 0);
    if (d.k.wave_size != 32 && d.k.wave_size != 64) invalid(d.k.name + ": waves of " + std::to_string(d.k.wave_size));
    if (const node* arguments = n.find(".args"))
      for (const node& a : arguments->items)
        d.k.arguments.push_back({a.word(".value_kind"), a.integer(".offset"), a.integer(".size")});
    kernels.push_back(std::move(d));
  }
  return kernels;
}

}  // namespace hipemu
