// SPDX-License-Identifier: Apache-2.0
// hipinfer_manifest: the dispatch table and the argument layouts as JSON, for callers that load code objects
// themselves and for the tests of the code objects.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/code_objects.h"
#include "core/error.h"
#include "core/op.h"
#include "hipinfer/hipinfer.h"

namespace hipinfer {
namespace {

// Every text in the tables is plain ASCII but for quotes in conditions.
std::string quoted(const char* text) {
  std::string out = "\"";
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '"' || *c == '\\') out += '\\';
    out += *c;
  }
  return out + "\"";
}

// One entry for each code object that the row's kernels are in.
std::string kernel_json(const op_table& op, const kernel_row& row) {
  std::vector<std::pair<std::string, std::string>> symbols_of;  // module, symbols
  for (const instance& i : instances_of(op.terms, row)) {
    auto at = std::find_if(symbols_of.begin(), symbols_of.end(), [&](const auto& m) { return m.first == i.module; });
    if (at == symbols_of.end()) at = symbols_of.insert(at, {i.module, ""});
    at->second += (at->second.empty() ? "" : ", ") + quoted(i.symbol.c_str());
  }
  std::string out;
  for (const auto& [module, symbols] : symbols_of) {
    out += std::string(out.empty() ? "" : ",\n    ") + "{\"kernel\": " + quoted(row.name) +
           ", \"module\": " + quoted(module.c_str()) + ", \"targets\": " + quoted(row.targets) +
           ", \"stage\": " + quoted(row.stage) + ", \"condition\": " + quoted(row.condition) +
           ", \"threads\": " + std::to_string(row.threads) + ", \"symbols\": [" + symbols + "]}";
  }
  return out;
}

std::string build() {
  std::string out = "{\n \"version\": " + quoted(hipinfer_version_string()) + ",\n \"targets\": [";
  for (int i = 0; i < code_target_count; ++i) out += (i ? ", " : "") + quoted(code_targets[i]);
  out += "],\n \"ops\": [";
  int count = 0;
  const op_table* const* ops = all_ops(count);
  for (int o = 0; o < count; ++o) {
    const op_table& op = *ops[o];
    out += std::string(o ? ",\n  " : "\n  ") + "{\"op\": " + quoted(op.terms.op) +
           ", \"params_bytes\": " + std::to_string(op.params_bytes) + ",\n   \"params\": [";
    for (int f = 0; f < op.field_count; ++f) {
      const param_field& field = op.fields[f];
      out += std::string(f ? ", " : "") + "{\"name\": " + quoted(field.name) + ", \"type\": " + quoted(field.type) +
             ", \"offset\": " + std::to_string(field.offset) + ", \"bytes\": " + std::to_string(field.bytes) + "}";
    }
    out += "],\n   \"kernels\": [";
    bool first = true;
    for (int r = 0; r < op.row_count; ++r) {
      if (op.rows[r].is_cpu()) continue;
      out += std::string(first ? "" : ",\n    ") + kernel_json(op, op.rows[r]);
      first = false;
    }
    out += "]}";
  }
  return out + "\n ]\n}\n";
}

}  // namespace
}  // namespace hipinfer

const char* hipinfer_manifest(void) {
  const char* out = nullptr;
  const auto status = hipinfer::guard([&] {
    static const std::string text = hipinfer::build();
    out = text.c_str();
  });
  return status == HIPINFER_STATUS_OK ? out : nullptr;
}
