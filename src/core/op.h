// SPDX-License-Identifier: Apache-2.0
// What an operation's launch.cpp sees: its checked arguments, and a call that dispatches a parameter struct to the
// first eligible kernel.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "core/contract.h"

namespace hipinfer {

class context;

// A row's numbers for the targets that begin with `target`: a <group>_tune of the generator.
struct tuning {
  const char* target;
  const void* numbers;
};

// One row of the dispatch table: a kernel, where it runs and when. Rows are tried in family.toml's order; the CPU's
// reference is the last.
struct kernel_row {
  const char* op;
  const char* name;
  const char* module;   // stem of the .hip file; "" for the CPU row
  const char* targets;  // "*", or prefixes of target names separated by spaces
  const char* symbol;   // with {variable} for each dtype variable that the kernel is compiled for
  const char* condition;
  const char* stage;
  int32_t threads;
  uint32_t dtypes[max_dtypes];          // bit mask of the dtypes served, per variable; 0: all
  const tuning* tunings;                // the last one is for every target; NULL if there are no numbers
  bool (*when)(const void* params);     // NULL: always
  void (*reference)(const void* args);  // the CPU row's function, NULL elsewhere

  bool is_cpu() const { return *module == '\0'; }
};

// A field of the parameter struct, for callers that launch code objects themselves.
struct param_field {
  const char* name;
  const char* type;
  size_t offset;
  size_t bytes;
};

struct op_table {
  const contract& terms;
  const kernel_row* rows;
  int row_count;
  int& first_row;  // index of rows[0] among the rows of all operations; all_ops() sets it
  const param_field* fields;
  int field_count;
  size_t params_bytes;
};

// One kernel of a row: its name and the code object that it is in.
struct instance {
  std::string symbol, module;
};
// `text` with each {variable} replaced by the dtype that it is bound to.
std::string with_dtypes(std::string text, const contract& terms, const bound_dtypes& types);
// Over all dtypes that the row serves, each symbol once.
std::vector<instance> instances_of(const contract& terms, const kernel_row& row);

struct grid {
  int64_t blocks = 1;    // kernels stride over their work, so a clamped grid is slow, not wrong
  int64_t blocks_y = 1;  // at most 65535
  int64_t dynamic_lds_bytes = 0;
  int32_t cluster = 1;  // of `blocks`, a multiple of it, so many are placed together
};

template <class T>
constexpr T ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

class call {
 public:
  call(context& c, const op_table& op, hipinfer_stream stream) : context_(c), op_(op), stream_(stream) {}

  bound_dtypes types;
  bool has_outputs = false;  // an output has elements

  const char* op_name() const { return op_.terms.op; }
  bool batch_invariant() const;
  bool on_cpu() const;
  bool runs_on_gpu() const;  // and is not only validated
  int compute_units() const;
  int wave_size() const;

  // op: argument: text
  template <class... Args>
  [[noreturn]] void refuse(int32_t status, const char* argument, const char* format, Args... args) const {
    const error inner = [&] {
      if constexpr (sizeof...(Args) == 0)
        return fail(status, "%s", format);
      else
        return fail(status, format, args...);
    }();
    throw fail(status, "%s: %s: %s", op_name(), argument, inner.message.c_str());
  }

  // Runs the first row of a stage whose target, dtypes and condition fit. shape(tune) gives the grid; Tune is the
  // group's generated <group>_tune. Does nothing on the CPU, where serve_on_cpu() follows.
  template <class Tune, class Params, class Shape>
  void run(const Params& params, Shape&& shape, const char* stage = "main") {
    run_row<Tune>(choose(&params, stage), params, shape);
  }
  // The same with a row that choose() or each_row() gave; nothing for NULL.
  template <class Tune, class Params, class Shape>
  void run_row(const kernel_row* row, const Params& params, Shape&& shape) {
    static_assert(std::is_trivially_copyable_v<Params>);
    static_assert(sizeof(Params) <= 4096, "kernel arguments are limited to 4 KiB");
    if (row == nullptr) return;
    static constexpr Tune none{};  // of operations without tuning numbers
    const void* numbers = tune(*row);
    const grid g = shape(numbers != nullptr ? *static_cast<const Tune*>(numbers) : none);
    launch(*row, g, &params, sizeof params);
  }

  // On the CPU, after the operation's launch has checked the call: the reference computes it from the call's own
  // arguments, and from nothing that launch made of them.
  void serve_on_cpu(const void* args);

  // The row that run() would take, for decisions that depend on it (how many partial results to make room for). NULL on the CPU.
  const kernel_row* choose(const void* params, const char* stage);
  // The rows of a stage that take the call as `params` has it, in order, for a launch that chooses among them: body(row) until it gives
  // false. None on the CPU.
  template <class Body>
  void each_row(const void* params, const char* stage, Body&& body) const {
    if (on_cpu()) return;
    for (int i = 0; i < op_.row_count; ++i) {
      const kernel_row& row = op_.rows[i];
      if (eligible(i, stage) && (row.when == nullptr || row.when(params)) && !body(row)) return;
    }
  }
  // A row's numbers for this target, of an operation that has some.
  template <class Tune>
  const Tune& numbers(const kernel_row& row) const {
    return *static_cast<const Tune*>(tune(row));
  }

 private:
  bool eligible(int row, const char* stage) const;  // enabled, of that stage, and for these dtypes
  const void* tune(const kernel_row& row) const;
  void launch(const kernel_row& row, const grid& shape, const void* params, size_t bytes);

  context& context_;
  const op_table& op_;
  hipinfer_stream stream_;
  bool has_work_ = false;  // on the CPU: the launch would have run a kernel
};

// The generated entry points go through these two: the check, then the operation's own function.
struct entry {
  context& c;
  const op_table& op;
  view views[max_tensors];
  int64_t symbols[max_symbols];  // the contract's, as the tensors' shapes have them
  call work;
  entry(hipinfer_context handle, const op_table& op, const hipinfer_tensor* const* tensors, hipinfer_stream stream,
        bool shapes_only);
};
// Of a call that runs on a GPU.
void check_workspace(const call& c, const void* workspace, size_t have_bytes, size_t need_bytes);

// Copies the caller's option struct, which may be of an older or a newer version, over the defaults.
void copy_options(const char* op, void* options, size_t size, const void* given);

const op_table* const* generated_tables(int& count);
const op_table* const* all_ops(int& count);  // those, with their rows numbered

}  // namespace hipinfer
