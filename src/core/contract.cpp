// SPDX-License-Identifier: Apache-2.0
#include "core/contract.h"

#include <algorithm>

namespace hipinfer {
namespace {

constexpr int64_t unbound = -1;

struct state {
  const contract& c;
  const hipinfer_tensor* const* tensors;
  view* views;
  int64_t value[max_symbols];
  int bound_by[max_symbols];
  int alternative = -1;   // chosen by the first argument that has several; the others must follow, but for one number
  int any_shape_of = -1;  // the argument that fixed the shape of those without a stated one
  bool in_double = false;
};

// Shape "1": one number is meant. A tensor with exactly one element holds it, whatever its dimensions.
constexpr int64_t one[] = {1};
bool is_one_number(const shape_alternative& a) {
  return a.rank == 1 && a.dims[0].symbol < 0 && a.dims[0].offset == 1;
}
bool has_one_element(const hipinfer_tensor& t) {
  return std::all_of(t.shape, t.shape + t.ndim, [](int64_t extent) { return extent == 1; });
}

std::string shape_text(const int64_t* shape, int rank) {
  std::string text = "[";
  for (int i = 0; i < rank; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string dim_text(const state& s, const dim& d) {
  if (d.symbol < 0) return std::to_string(d.offset);
  std::string text = d.multiple == 1 ? "" : std::to_string(d.multiple) + "*";
  text += s.c.symbols[d.symbol];
  if (d.offset != 0) text += (d.offset > 0 ? "+" : "") + std::to_string(d.offset);
  return text;
}

// "[T, N] with N = 4096 (from input)"
std::string expectation(const state& s, const shape_alternative& a) {
  if (is_one_number(a)) return "one element";
  std::string text = "[", where;
  uint32_t named = 0;
  for (int i = 0; i < a.rank; ++i) {
    const dim& d = a.dims[i];
    if (i != 0) text += ", ";
    text += dim_text(s, d);
    if (d.symbol < 0 || s.value[d.symbol] == unbound || (named >> d.symbol & 1)) continue;
    named |= 1u << d.symbol;
    where += (where.empty() ? " with " : ", ") + std::string(s.c.symbols[d.symbol]) + " = " +
             std::to_string(s.value[d.symbol]) + " (from " + s.c.tensors[s.bound_by[d.symbol]].name + ")";
  }
  return text + "]" + where;
}

error complaint(const state& s, int argument, int32_t status, const std::string& text) {
  return error{status, std::string(s.c.op) + ": " + s.c.tensors[argument].name + ": " + text};
}

// Chooses among alternatives, and makes of one number the [1] that launch and reference see. Gives the alternative's number.
int check_rank(state& s, int argument, hipinfer_tensor& t) {
  const tensor_contract& tc = s.c.tensors[argument];
  if (t.ndim < 0 || t.ndim > max_rank) {
    throw complaint(s, argument, HIPINFER_STATUS_INVALID_RANK,
                    std::to_string(t.ndim) + " dimensions, expected at most " + std::to_string(max_rank));
  }
  if (t.ndim > 0 && t.shape == nullptr) throw complaint(s, argument, HIPINFER_STATUS_NULL_POINTER, "shape is NULL");
  if (tc.alternatives == 0) {
    if (t.ndim == 0) throw complaint(s, argument, HIPINFER_STATUS_INVALID_RANK, "0 dimensions, expected 1 or more");
    return 0;
  }
  // One number, the last, is a tensor's own choice.
  const int ranked = tc.alternatives - is_one_number(tc.shapes[tc.alternatives - 1]);
  if (ranked < tc.alternatives && has_one_element(t)) {
    t.ndim = 1, t.shape = one, t.strides = nullptr;
    return ranked;
  }
  std::string expected;
  for (int k = 0; k < tc.alternatives; ++k) {
    const bool shared = ranked > 1 && k < ranked;
    if (shared && s.alternative >= 0 && s.alternative != k) continue;
    if (tc.shapes[k].rank == t.ndim) {
      if (shared) s.alternative = k;
      return k;
    }
    expected += (expected.empty() ? "" : " or ") + expectation(s, tc.shapes[k]);
  }
  throw complaint(
      s, argument, HIPINFER_STATUS_INVALID_RANK,
      "shape " + shape_text(t.shape, t.ndim) + " has " + std::to_string(t.ndim) + " dimensions, expected " + expected);
}

// f64 is the oracle's type: on the CPU an operation runs in double where all its floating-point tensors are f64.
bool all_in_double(const state& s) {
  bool any = false;
  for (int i = 0; i < s.c.tensor_count; ++i) {
    if (s.tensors[i] == nullptr) continue;
    const dtype type = dtype_from(s.tensors[i]->dtype);
    if (type == dtype::f32 || type == dtype::f16 || type == dtype::bf16) return false;
    any |= type == dtype::f64;
  }
  return any;
}

void check_dtype(state& s, int argument, const hipinfer_tensor& t, bound_dtypes& dtypes) {
  const int variable = s.c.tensors[argument].dtype_variable;
  const dtype_variable& v = s.c.dtypes[variable];
  const dtype type = dtype_from(t.dtype);
  uint32_t allowed = v.allowed;
  if (s.in_double && (allowed & bit(dtype::f32))) allowed |= bit(dtype::f64);
  dtype& bound = dtypes.of[variable];
  if (bound != dtype::unknown) {
    allowed = bit(bound);
  } else if (v.same_as >= 0) {
    const dtype other = dtypes.of[v.same_as];
    allowed |= other != dtype::unknown ? bit(other) : s.c.dtypes[v.same_as].allowed;
  } else {
    // An input that may share the type of an inout comes before it: what it took by that right binds.
    for (int i = 0; i < s.c.dtype_count; ++i) {
      const dtype taken = dtypes.of[i];
      const bool own = taken == dtype::unknown || taken == dtype::f64 || (s.c.dtypes[i].allowed & bit(taken));
      if (s.c.dtypes[i].same_as == variable && !own) allowed = bit(taken);
    }
  }
  if (type == dtype::unknown || (allowed & bit(type)) == 0) {
    std::string came = type == dtype::unknown
                           ? "code " + std::to_string(t.dtype.code) + " with " + std::to_string(t.dtype.bits) +
                                 " bits and " + std::to_string(t.dtype.lanes) + " lanes"
                           : std::string(dtype_name(type));
    throw complaint(s, argument, HIPINFER_STATUS_INVALID_DTYPE, "dtype " + came + ", expected " + dtype_names(allowed));
  }
  bound = type;
}

bool match(state& s, int argument, const dim& d, int64_t extent) {
  if (d.symbol < 0) return extent == d.offset;
  int64_t& value = s.value[d.symbol];
  if (extent < d.offset || (extent - d.offset) % d.multiple != 0) return false;
  const int64_t found = (extent - d.offset) / d.multiple;
  if (value != unbound) return found == value;
  value = found;
  s.bound_by[d.symbol] = argument;
  return true;
}

void check_shape(state& s, int argument, const hipinfer_tensor& t, int alternative) {
  const tensor_contract& tc = s.c.tensors[argument];
  for (int i = 0; i < t.ndim; ++i) {
    if (t.shape[i] < 0) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_SHAPE,
                      "shape " + shape_text(t.shape, t.ndim) + " has a negative extent");
    }
  }
  int64_t product = 1;
  for (int i = 0; i < t.ndim; ++i) {
    if (t.shape[i] == 0) continue;
    if (product > most_reach / t.shape[i]) {
      throw complaint(
          s, argument, HIPINFER_STATUS_OVERFLOW,
          "shape " + shape_text(t.shape, t.ndim) + ", expected extents that multiply to at most 2^60, zeros left out");
    }
    product *= t.shape[i];
  }
  if (tc.alternatives == 0) {
    if (s.any_shape_of < 0) {
      s.any_shape_of = argument;
      return;
    }
    const hipinfer_tensor& first = *s.tensors[s.any_shape_of];
    bool same = first.ndim == t.ndim;
    for (int i = 0; same && i < t.ndim; ++i) same = first.shape[i] == t.shape[i];
    if (same) return;
    throw complaint(s, argument, first.ndim == t.ndim ? HIPINFER_STATUS_INVALID_SHAPE : HIPINFER_STATUS_INVALID_RANK,
                    "shape " + shape_text(t.shape, t.ndim) + ", expected " + shape_text(first.shape, first.ndim) +
                        " (the shape of " + s.c.tensors[s.any_shape_of].name + ")");
  }
  const shape_alternative& a = tc.shapes[alternative];
  for (int i = 0; i < a.rank; ++i) {
    if (!match(s, argument, a.dims[i], t.shape[i])) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_SHAPE,
                      "shape " + shape_text(t.shape, t.ndim) + ", expected " + expectation(s, a));
    }
  }
}

// Fills the view's strides, and proves that every element's offset is within most_reach. The stride of a dimension of one
// element is never used, nor are those of a tensor without elements: whatever the caller wrote there, the view has the
// compact stride, and strides of 0.
void check_strides(state& s, int argument, const hipinfer_tensor& t, view& v) {
  if (v.elements() == 0) return;
  const layout wanted = s.c.tensors[argument].strides;
  int64_t low = 0, high = 0, compact = 1;
  bool overflow = false;
  for (int i = t.ndim - 1; i >= 0; compact *= t.shape[i--]) {
    v.stride[i] = t.strides != nullptr && t.shape[i] > 1 ? t.strides[i] : compact;
    if (t.shape[i] == 1) continue;
    if (wanted == layout::compact && v.stride[i] != compact) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_STRIDE,
                      "stride " + std::to_string(v.stride[i]) + " in dimension " + std::to_string(i) + ", expected " +
                          std::to_string(compact) + " of a compact row-major tensor");
    }
    if (wanted == layout::rows && i == t.ndim - 1 && v.stride[i] != 1) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_STRIDE,
                      "stride " + std::to_string(v.stride[i]) + " in the last dimension, expected 1");
    }
    if (v.stride[i] == 0 && s.c.tensors[argument].output) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_STRIDE,
                      "stride 0 in dimension " + std::to_string(i) + " of an output");
    }
    int64_t reach;
    overflow |= __builtin_mul_overflow(v.stride[i], t.shape[i] - 1, &reach);
    int64_t& bound = reach < 0 ? low : high;
    overflow |= __builtin_add_overflow(bound, reach, &bound);
  }
  const int64_t most = most_reach / block_bytes(v.type) * block_elements(v.type);
  if (overflow || low < -most || high > most) {
    throw complaint(s, argument, HIPINFER_STATUS_OVERFLOW,
                    "shape " + shape_text(t.shape, t.ndim) + " with strides " + shape_text(v.stride, t.ndim) +
                        " reaches past 2^60 bytes");
  }
}

// Rows of a dtype whose elements are stored in blocks are whole blocks, one after the other.
void check_blocks(state& s, int argument, const hipinfer_tensor& t, const view& v) {
  if (!is_block(v.type)) return;
  const std::string block = std::to_string(block_elements(v.type)) + ", the block of " + dtype_name(v.type);
  if (t.ndim == 0) {
    throw complaint(s, argument, HIPINFER_STATUS_INVALID_RANK,
                    "0 dimensions, expected a last one of multiples of " + block);
  }
  const int last = t.ndim - 1;
  if (t.shape[last] % block_elements(v.type) != 0) {
    throw complaint(
        s, argument, HIPINFER_STATUS_INVALID_SHAPE,
        "shape " + shape_text(t.shape, t.ndim) + ", expected a last dimension that is a multiple of " + block);
  }
  if (v.elements() == 0) return;
  if (v.stride[last] != 1) {
    throw complaint(s, argument, HIPINFER_STATUS_INVALID_STRIDE,
                    "stride " + std::to_string(v.stride[last]) + " in the last dimension, expected 1");
  }
  for (int i = 0; i < last; ++i) {
    if (v.shape[i] > 1 && v.stride[i] % block_elements(v.type) != 0) {
      throw complaint(s, argument, HIPINFER_STATUS_INVALID_STRIDE,
                      "stride " + std::to_string(v.stride[i]) + " in dimension " + std::to_string(i) +
                          ", expected a multiple of " + block);
    }
  }
}

bool on_device(hipinfer_device have, hipinfer_device want) {
  if (want.device_type == HIPINFER_DEVICE_CPU) {
    return have.device_type == HIPINFER_DEVICE_CPU || have.device_type == HIPINFER_DEVICE_CUDA_HOST ||
           have.device_type == HIPINFER_DEVICE_HIP_HOST;
  }
  if (want.device_type == HIPINFER_DEVICE_CUDA && have.device_type == HIPINFER_DEVICE_CUDA_MANAGED) return true;
  return have.device_type == want.device_type && have.device_id == want.device_id;
}

// The bytes before and after a tensor's first one that its elements reach.
struct span {
  int64_t before, after;
};
span span_of(const view& v) {
  int64_t low = 0, high = 0;
  for (int i = 0; i < v.rank; ++i) (v.stride[i] < 0 ? low : high) += v.stride[i] * (v.shape[i] - 1);
  return {-offset_bytes(v.type, low), offset_bytes(v.type, high) + block_bytes(v.type)};
}

void check_data(state& s, int argument, const hipinfer_tensor& t, hipinfer_device device, bool shapes_only, view& v) {
  if (v.elements() == 0) {
    v.data = no_elements;
    return;
  }
  if (!shapes_only && !on_device(t.device, device)) {
    throw complaint(s, argument, HIPINFER_STATUS_INVALID_DEVICE,
                    "device (" + std::to_string(t.device.device_type) + ", " + std::to_string(t.device.device_id) +
                        "), the context's is (" + std::to_string(device.device_type) + ", " +
                        std::to_string(device.device_id) + ") in DLPack's numbers");
  }
  if (t.data == nullptr) {
    if (shapes_only) return;
    throw complaint(s, argument, HIPINFER_STATUS_NULL_POINTER, "data is NULL");
  }
  const auto [before, after] = span_of(v);
  uintptr_t first, bound;
  if (__builtin_add_overflow(reinterpret_cast<uintptr_t>(t.data), t.byte_offset, &first) ||
      first < static_cast<uintptr_t>(before) || __builtin_add_overflow(first, static_cast<uintptr_t>(after), &bound)) {
    throw complaint(s, argument, HIPINFER_STATUS_OVERFLOW,
                    "byte_offset " + std::to_string(t.byte_offset) + " and strides lead out of the address space");
  }
  v.data = reinterpret_cast<void*>(first);
  const int alignment = block_alignment(v.type);
  if (reinterpret_cast<uintptr_t>(v.data) % alignment != 0) {
    throw complaint(s, argument, HIPINFER_STATUS_MISALIGNED,
                    is_block(v.type) ? "data is not aligned to " + std::to_string(alignment) +
                                           " bytes, as the blocks of " + dtype_name(v.type) + " are"
                                     : "data is not aligned to its " + std::to_string(alignment) + "-byte elements");
  }
}

void check_aliasing(state& s) {
  for (int i = 0; i < s.c.tensor_count; ++i) {
    const tensor_contract& out = s.c.tensors[i];
    if (!out.output || s.views[i].data == nullptr || s.views[i].elements() == 0) continue;
    for (int j = 0; j < s.c.tensor_count; ++j) {
      const view& other = s.views[j];
      if (j == i || other.data != s.views[i].data || other.elements() == 0) continue;
      const char* name = s.c.tensors[j].name;
      if ((out.aliases >> j & 1) == 0 && (s.c.tensors[j].aliases >> i & 1) == 0) {
        throw complaint(s, i, HIPINFER_STATUS_ALIASING, std::string("is the same memory as ") + name);
      }
      for (int k = 0; k < other.rank && k < s.views[i].rank; ++k) {
        if (other.shape[k] > 1 && other.stride[k] != s.views[i].stride[k]) {
          throw complaint(s, i, HIPINFER_STATUS_ALIASING,
                          std::string("starts where ") + name + " does, but with other strides");
        }
      }
    }
  }
}

}  // namespace

void check(const contract& c, const hipinfer_tensor* const* tensors, hipinfer_device device, bool shapes_only,
           view* views, bound_dtypes& dtypes, int64_t (&symbols)[max_symbols]) {
  state s{c, tensors, views, {}, {}};
  for (int64_t& v : s.value) v = unbound;
  for (dtype& d : dtypes.of) d = dtype::unknown;
  s.in_double = device.device_type == HIPINFER_DEVICE_CPU && all_in_double(s);
  // Inputs first, so that a message compares an output with its inputs and not the other way round.
  for (const bool outputs : {false, true}) {
    for (int i = 0; i < c.tensor_count; ++i) {
      if (c.tensors[i].output != outputs) continue;
      views[i] = view{};
      if (tensors[i] == nullptr) {
        if (c.tensors[i].optional) continue;
        throw complaint(s, i, HIPINFER_STATUS_NULL_POINTER, "is NULL");
      }
      hipinfer_tensor t = *tensors[i];
      const int alternative = check_rank(s, i, t);
      check_dtype(s, i, t, dtypes);
      check_shape(s, i, t, alternative);
      view& v = views[i];
      v.type = dtype_from(t.dtype);
      v.rank = t.ndim;
      for (int k = 0; k < t.ndim; ++k) v.shape[k] = t.shape[k];
      check_strides(s, i, t, v);
      check_blocks(s, i, t, v);
      check_data(s, i, t, device, shapes_only, v);
    }
  }
  // What no tensor of the call bound is that of the variable it may follow.
  for (int i = 0; i < c.dtype_count; ++i) {
    if (dtypes[i] == dtype::unknown && c.dtypes[i].same_as >= 0) dtypes.of[i] = dtypes[c.dtypes[i].same_as];
  }
  if (!shapes_only) check_aliasing(s);
  std::copy(s.value, s.value + max_symbols, symbols);
}

void check_range(const char* op, const char* argument, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "%s: %s: %.9g, expected a value from %.9g to %.9g", op, argument, value,
             low, high);
}

}  // namespace hipinfer
