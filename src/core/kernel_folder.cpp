// SPDX-License-Identifier: Apache-2.0
#include "core/kernel_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "core/error.h"
#include "core/json.h"
#include "core/sha256.h"
#include "hipinfer/hipinfer.h"

namespace hipinfer {
namespace {

constexpr uint64_t most_manifest_bytes = 16 << 20;

error refusal(const std::string& path, const std::string& why) {
  return error{HIPINFER_STATUS_NO_CODE_OBJECT, path + ": " + why + " (a folder of kernels, HIPINFER_KERNEL_PATH)"};
}

class file {
 public:
  // Not blocking: a pipe that nobody writes to is refused below, and not waited for.
  explicit file(const std::string& path) : handle_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (handle_ < 0) throw refusal(path, std::strerror(errno));
  }
  ~file() { close(handle_); }
  file(const file&) = delete;
  int handle() const { return handle_; }

 private:
  int handle_;
};

// A whole file, of which the size is known or limited before it is read.
std::vector<unsigned char> read_file(const std::string& path, uint64_t least_bytes, uint64_t most_bytes) {
  const file from(path);
  struct stat about;
  if (fstat(from.handle(), &about) != 0) throw refusal(path, std::strerror(errno));
  if (!S_ISREG(about.st_mode)) throw refusal(path, "is no regular file");
  const auto size = static_cast<uint64_t>(about.st_size);
  if (size < least_bytes || size > most_bytes) {
    throw refusal(path, std::to_string(size) + " bytes, expected " + (least_bytes == most_bytes ? "" : "at most ") +
                            std::to_string(most_bytes));
  }
  std::vector<unsigned char> bytes(size);
  for (size_t done = 0; done < size;) {
    const ssize_t n = ::read(from.handle(), bytes.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw refusal(path, n < 0 ? std::strerror(errno) : "became shorter while it was read");
    done += static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace

kernel_folder::kernel_folder(const std::string& path) : path_(path) {
  const std::string manifest = path + "/manifest.json";
  const auto bytes = read_file(manifest, 0, most_manifest_bytes);
  try {
    const json root = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const std::string &version = root.text_of("version"), own = hipinfer_version_string();
    if (version != own) throw refusal(manifest, "of version " + version + ", the library is of " + own);
    for (const json& target : root.list_of("targets")) targets_.push_back(target.word);
    for (const json& f : root.list_of("files")) files_[f.text_of("file")] = {f.number_of("bytes"), f.text_of("sha256")};
  } catch (const std::invalid_argument& problem) {
    throw refusal(manifest, problem.what());
  }
}

bool kernel_folder::has_target(const std::string& target) const {
  return std::find(targets_.begin(), targets_.end(), target) != targets_.end();
}

std::vector<unsigned char> kernel_folder::read(const std::string& name) const {
  const std::string path = path_ + "/" + name;
  const auto stated = files_.find(name);
  if (stated == files_.end()) throw refusal(path, "is not in the folder's manifest.json");
  const auto& [size, hash] = stated->second;
  auto bytes = read_file(path, size, size);
  if (sha256(bytes) != hash) throw refusal(path, "is not the file of manifest.json: its SHA-256 is another");
  return bytes;
}

}  // namespace hipinfer
