// SPDX-License-Identifier: Apache-2.0
// hipinfer_manifest: the dispatch table and the argument layouts as JSON, for callers that load code objects
// themselves and for the tests of the code objects.
#include <string>

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

// The symbols of a row: its template, once for each combination of the dtypes that it names.
void expand(const contract& terms, const kernel_row& row, int variable, std::string symbol, bound_dtypes& bound,
            std::string& out) {
  if (variable == terms.dtype_count) {
    const std::string item = quoted(symbol.c_str());
    if (out.find(item) == std::string::npos) out += (out.empty() ? "" : ", ") + item;
    return;
  }
  const dtype_variable& v = terms.dtypes[variable];
  uint32_t allowed = v.allowed;
  if (v.same_as >= 0) allowed |= bit(bound.of[v.same_as]);
  if (row.dtypes[variable] != 0) allowed &= row.dtypes[variable];
  const std::string name = std::string("{") + v.name + "}";
  for (int d = 0; d < static_cast<int>(dtype::unknown); ++d) {
    if ((allowed >> d & 1) == 0) continue;
    bound.of[variable] = static_cast<dtype>(d);
    std::string text = symbol;
    for (size_t at; (at = text.find(name)) != std::string::npos;) {
      text.replace(at, name.size(), dtype_name(static_cast<dtype>(d)));
    }
    expand(terms, row, variable + 1, text, bound, out);
  }
}

std::string kernel_json(const op_table& op, const kernel_row& row) {
  bound_dtypes bound{};
  std::string symbols;
  expand(op.terms, row, 0, row.symbol, bound, symbols);
  return std::string("{\"kernel\": ") + quoted(row.name) + ", \"module\": " + quoted(row.module) +
         ", \"targets\": " + quoted(row.targets) + ", \"stage\": " + quoted(row.stage) +
         ", \"condition\": " + quoted(row.condition) + ", \"threads\": " + std::to_string(row.threads) +
         ", \"symbols\": [" + symbols + "]}";
}

std::string build() {
  std::string out = "{\n \"version\": " + quoted(hipinfer_version_string()) + ",\n \"targets\": [";
  for (int i = 0; i < code_target_count; ++i) out += (i ? ", " : "") + quoted(code_targets[i]);
  out += "],\n \"ops\": [";
  int count = 0;
  const op_table* ops = all_ops(count);
  for (int o = 0; o < count; ++o) {
    const op_table& op = ops[o];
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
      if (op.rows[r].reference != nullptr) continue;
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
