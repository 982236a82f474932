// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/code_objects.h"
#include "core/context.h"
#include "core/log.h"
#include "core/struct_size.h"

namespace hipinfer {

bool call::batch_invariant() const {
  return context_.batch_invariant();
}
bool call::on_cpu() const {
  return context_.on_cpu();
}
bool call::runs_on_gpu() const {
  return !context_.on_cpu() && !context_.validate_only();
}
int call::compute_units() const {
  return std::max(1, context_.properties().compute_units);
}
int call::wave_size() const {
  return std::max(1, context_.properties().wave_size);
}

namespace {
bool serves(const kernel_row& row, const bound_dtypes& types, int variables) {
  for (int i = 0; i < variables; ++i) {
    if (row.dtypes[i] != 0 && types[i] != dtype::unknown && (row.dtypes[i] & bit(types[i])) == 0) return false;
  }
  return true;
}
}  // namespace

std::string with_dtypes(std::string text, const contract& terms, const bound_dtypes& types) {
  for (int i = 0; i < terms.dtype_count; ++i) {
    const std::string variable = std::string("{") + terms.dtypes[i].name + "}";
    for (size_t at; (at = text.find(variable)) != std::string::npos;) {
      text.replace(at, variable.size(), dtype_name(types[i]));
    }
  }
  return text;
}

namespace {
void bind_further(const contract& terms, const kernel_row& row, int variable, bound_dtypes& bound,
                  std::vector<instance>& out) {
  if (variable == terms.dtype_count) {
    instance found{with_dtypes(row.symbol, terms, bound), with_dtypes(row.module, terms, bound)};
    const auto same = [&](const instance& i) { return i.symbol == found.symbol; };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(found));
    return;
  }
  const dtype_variable& v = terms.dtypes[variable];
  uint32_t allowed = v.allowed;
  if (v.same_as >= 0) allowed |= bit(bound.of[v.same_as]);
  if (row.dtypes[variable] != 0) allowed &= row.dtypes[variable];
  for (int d = 0; d < static_cast<int>(dtype::unknown); ++d) {
    if ((allowed >> d & 1) == 0) continue;
    bound.of[variable] = static_cast<dtype>(d);
    bind_further(terms, row, variable + 1, bound, out);
  }
}
}  // namespace

std::vector<instance> instances_of(const contract& terms, const kernel_row& row) {
  std::vector<instance> out;
  bound_dtypes bound{};
  bind_further(terms, row, 0, bound, out);
  return out;
}

const op_table* const* all_ops(int& count) {
  static const auto tables = [] {
    std::pair<const op_table* const*, int> all{};
    all.first = generated_tables(all.second);
    int row = 0;
    for (int o = 0; o < all.second; ++o) {
      all.first[o]->first_row = row;
      row += all.first[o]->row_count;
    }
    return all;
  }();
  count = tables.second;
  return tables.first;
}

bool call::eligible(int i, const char* stage) const {
  const kernel_row& row = op_.rows[i];
  return context_.enabled(op_.first_row + i) && std::strcmp(row.stage, stage) == 0 &&
         serves(row, types, op_.terms.dtype_count);
}

const kernel_row* call::choose(const void* params, const char* stage) {
  if (context_.on_cpu()) {
    has_work_ = true;
    return nullptr;  // serve_on_cpu() follows
  }
  const kernel_row* first = nullptr;
  each_row(params, stage, [&](const kernel_row& row) {
    first = &row;
    return false;
  });
  if (first != nullptr) return first;
  std::string tried;  // only now: a call that is served allocates nothing here
  for (int i = 0; i < op_.row_count; ++i) {
    if (!eligible(i, stage)) continue;
    tried += std::string(tried.empty() ? "" : "; ") + op_.rows[i].name + " needs " + op_.rows[i].condition;
  }
  throw fail(HIPINFER_STATUS_UNSUPPORTED, "%s: no kernel for this call on %s%s%s", op_name(),
             context_.code_target().c_str(), tried.empty() ? " (none is enabled)" : ": ", tried.c_str());
}

const void* call::tune(const kernel_row& row) const {
  if (row.tunings == nullptr) return nullptr;
  const tuning* t = row.tunings;
  while (context_.code_target().rfind(t->target, 0) != 0) ++t;
  return t->numbers;
}

void call::serve_on_cpu(const void* args) {
  if (!context_.on_cpu()) return;
  const kernel_row& row = op_.rows[op_.row_count - 1];
  if (!context_.enabled(op_.first_row + op_.row_count - 1)) {
    if (!has_work_) return;
    throw fail(HIPINFER_STATUS_UNSUPPORTED, "%s: no kernel for this call on %s (none is enabled)", op_name(),
               context_.properties().target.c_str());
  }
  if (has_work_) {
    set_last_kernel(row.op, row.name);
    log_kernel(row, types, op_.terms, 1, 1);
  }
  // Whether there is work is the launch's word, which the reference does not take; where no output has an element there is
  // none, whatever the other extents are.
  if (has_outputs && !context_.validate_only()) row.reference(args);
}

void call::launch(const kernel_row& row, const grid& g, const void* params, size_t bytes) {
  if (std::strcmp(row.stage, "main") == 0) set_last_kernel(row.op, row.name);
  log_kernel(row, types, op_.terms, g.blocks, g.blocks_y);
  if (context_.validate_only()) return;
  // 2^20 blocks of up to 1024 threads stay below HIP's limit of 2^32 work-items in one dimension.
  constexpr int64_t most_blocks = 1 << 20;
  if (g.blocks <= 0 || g.blocks_y <= 0) return;
  if (g.blocks_y > 65535) throw fail(HIPINFER_STATUS_INTERNAL, "%s: grid y is %lld", op_name(), (long long)g.blocks_y);
  if (g.dynamic_lds_bytes > context_.properties().lds_bytes) {
    throw fail(HIPINFER_STATUS_UNSUPPORTED, "%s: kernel %s needs %lld bytes of LDS, the device has %lld", op_name(),
               row.name, (long long)g.dynamic_lds_bytes, (long long)context_.properties().lds_bytes);
  }
  runtime::launch_shape shape;
  shape.blocks[0] = static_cast<uint32_t>(std::min(g.blocks, most_blocks));
  shape.blocks[1] = static_cast<uint32_t>(g.blocks_y);
  shape.threads = row.threads;
  shape.dynamic_lds_bytes = static_cast<uint32_t>(g.dynamic_lds_bytes);
  shape.cluster = static_cast<uint32_t>(g.cluster);
  const int index = op_.first_row + static_cast<int>(&row - op_.rows);
  context_.device()->launch(context_.function(index, row, types, op_.terms), shape, params, bytes, stream_);
}

entry::entry(hipinfer_context handle, const op_table& table, const hipinfer_tensor* const* tensors,
             hipinfer_stream stream, bool shapes_only)
    : c(from_handle(handle)), op(table), work(c, table, stream) {
  set_last_kernel(nullptr, nullptr);
  check(table.terms, tensors, c.dl_device(), shapes_only || c.validate_only(), views, work.types, symbols);
  if (shapes_only) return;
  for (int i = 0; i < table.terms.tensor_count; ++i) {
    const view& v = views[i];
    work.has_outputs |= table.terms.tensors[i].output && v.given() && v.elements() != 0;
  }
  log_op(table.terms, views);
  if (c.checks_contents() && !c.validate_only()) check_contents(c, table.terms, views, symbols, stream);
}

void check_workspace(const call& c, const void* workspace, size_t have, size_t need) {
  if (need == 0 || !c.runs_on_gpu()) return;
  if (have < need) {
    throw fail(HIPINFER_STATUS_WORKSPACE_TOO_SMALL, "%s: workspace: %zu bytes, expected at least %zu", c.op_name(),
               have, need);
  }
  if (workspace == nullptr) throw fail(HIPINFER_STATUS_NULL_POINTER, "%s: workspace: is NULL", c.op_name());
  if (reinterpret_cast<uintptr_t>(workspace) % 16 != 0) {
    throw fail(HIPINFER_STATUS_MISALIGNED, "%s: workspace: is not aligned to 16 bytes", c.op_name());
  }
}

void copy_options(const char* op, void* options, size_t size, const void* given) {
  if (given == nullptr) return;
  size_t given_size;
  std::memcpy(&given_size, given, sizeof given_size);
  if (!is_struct_size(given_size)) {
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "%s: options: struct_size is %zu, set it to the sizeof of the struct",
               op, given_size);
  }
  // Fields that a newer caller knows and this library does not must be left at zero, their default.
  const auto* bytes = static_cast<const unsigned char*>(given);
  for (size_t i = size; i < given_size; ++i) {
    if (bytes[i] != 0) {
      throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "%s: options: set a field that this version does not know", op);
    }
  }
  std::memcpy(options, given, std::min(size, given_size));
  std::memcpy(options, &size, sizeof size);
}

}  // namespace hipinfer
