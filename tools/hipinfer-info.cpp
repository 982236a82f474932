// SPDX-License-Identifier: Apache-2.0
// hipinfer-info: what this library is, what it finds on this machine, and which kernels would serve.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "hipinfer/hipinfer.h"

namespace {

constexpr const char* usage =
    "Usage: hipinfer-info [--target TARGET] [--kernels]\n"
    "\n"
    "Prints the library's version, the GPU targets it holds code for, the devices of this machine, and the kernels\n"
    "that serve each operation there, in the order in which they are tried.\n"
    "\n"
    "  --target TARGET  show the kernels for a target that need not be here: gfx942, sm_90, cpu, ...\n"
    "  --kernels        also print each kernel's condition\n"
    "  --help           this text\n"
    "\n"
    "HIPINFER_DEVICE, HIPINFER_HIP_LIBRARY and HIPINFER_DISABLE act as in any program.\n";

bool matches(const hipinfer_kernel_info& kernel, const std::string& code_target) {
  if (std::strcmp(kernel.targets, "cpu") == 0) return code_target.empty();
  if (std::strcmp(kernel.targets, "*") == 0) return !code_target.empty();
  for (const char* word = kernel.targets; *word != '\0';) {
    const size_t n = std::strcspn(word, " ");
    if (code_target.compare(0, n, word, n) == 0) return true;
    word += n + (word[n] == ' ');
  }
  return false;
}

void print_kernels(const hipinfer_device_info& device, bool conditions) {
  for (int32_t o = 0; hipinfer_op_name(o) != nullptr; ++o) {
    std::string line;
    for (int32_t k = 0; k < hipinfer_kernel_count(); ++k) {
      hipinfer_kernel_info kernel{};
      kernel.struct_size = sizeof kernel;
      if (hipinfer_kernel_get(k, &kernel) != HIPINFER_STATUS_OK || std::strcmp(kernel.op, hipinfer_op_name(o)) != 0)
        continue;
      if (std::strcmp(kernel.stage, "main") != 0 || !matches(kernel, device.code_target)) continue;
      if (!line.empty()) line += ", then ";
      line += kernel.kernel;
      if (conditions && *kernel.condition != '\0') line += std::string(" if ") + kernel.condition;
    }
    std::printf("    %-34s %s\n", hipinfer_op_name(o), line.empty() ? "none" : line.c_str());
  }
}

// False when the context could not be made.
bool show(const hipinfer_context_options& options, bool conditions) {
  hipinfer_context context = nullptr;
  if (hipinfer_context_create(&options, &context) != HIPINFER_STATUS_OK) {
    std::printf("  %s\n", hipinfer_last_error());
    return false;
  }
  hipinfer_device_info info{};
  info.struct_size = sizeof info;
  const bool ok = hipinfer_context_device_info(context, &info) == HIPINFER_STATUS_OK;
  if (ok) {
    const char* kind = info.device.device_type == HIPINFER_DEVICE_HIP    ? "hip"
                       : info.device.device_type == HIPINFER_DEVICE_CUDA ? "cuda"
                                                                         : "cpu";
    std::printf("  %s:%d  %s\n    target %s", kind, info.device.device_id, info.name, info.target);
    if (*info.code_target != '\0') std::printf(", served by the code for %s", info.code_target);
    std::printf("; %d %s, waves of %d, %lld KiB LDS, %.1f GiB memory\n", info.compute_units,
                info.device.device_type == HIPINFER_DEVICE_CPU ? "threads" : "compute units", info.wave_size,
                static_cast<long long>(info.lds_bytes / 1024), static_cast<double>(info.memory_bytes) / (1ull << 30));
    print_kernels(info, conditions);
  }
  hipinfer_context_destroy(context);
  return ok;
}

}  // namespace

int main(int argc, char** argv) {
  const char* target = nullptr;
  bool conditions = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0) {
      std::fputs(usage, stdout);
      return 0;
    } else if (std::strcmp(argv[i], "--kernels") == 0) {
      conditions = true;
    } else if (std::strcmp(argv[i], "--target") == 0 && i + 1 < argc) {
      target = argv[++i];
    } else {
      std::fprintf(stderr, "hipinfer-info: unknown argument %s\n\n%s", argv[i], usage);
      return 2;
    }
  }
  std::printf("hipinfer %s\nTargets inside:", hipinfer_version_string());
  for (int32_t i = 0; hipinfer_target_name(i) != nullptr; ++i) std::printf(" %s", hipinfer_target_name(i));
  std::printf("%s\n", hipinfer_target_count() == 0 ? " none" : "");
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  if (target != nullptr) {
    std::printf("Kernels for %s:\n", target);
    options.target = target;
    options.flags = HIPINFER_CONTEXT_VALIDATE_ONLY;
    return show(options, conditions) ? 0 : 1;
  }
  std::printf("Devices:\n");
  int failures = 0;
  const std::pair<const char*, int32_t> kinds[] = {
      {"hip", HIPINFER_DEVICE_HIP}, {"cuda", HIPINFER_DEVICE_CUDA}, {"cpu", HIPINFER_DEVICE_CPU}};
  for (const auto& [name, type] : kinds) {
    const int32_t count = hipinfer_device_count(type);
    if (count == 0) {
      // Making one anyway gives the reason: no driver, no device, no permission.
      const std::string device = std::string(name) + ":0";
      options.device = device.c_str();
      hipinfer_context context = nullptr;
      if (hipinfer_context_create(&options, &context) != HIPINFER_STATUS_OK)
        std::printf("  %s\n", hipinfer_last_error());
      hipinfer_context_destroy(context);
    }
    for (int32_t i = 0; i < count; ++i) {
      const std::string device = std::string(name) + ":" + std::to_string(i);
      options.device = device.c_str();
      failures += !show(options, conditions);
    }
  }
  return failures == 0 ? 0 : 1;
}
