// SPDX-License-Identifier: Apache-2.0
// A folder of code objects in place of the built-in ones, as src/gen/folder.py lays it out: <target>/<module>.hsaco or
// .cubin, and manifest.json, which states the version, the targets, and each file's size and SHA-256.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hipinfer {

class kernel_folder {
 public:
  // Reads the manifest. Throws NO_CODE_OBJECT when there is none, or one of another version.
  explicit kernel_folder(const std::string& path);

  bool has_target(const std::string& target) const;
  // The bytes of "gfx942/rmsnorm.hsaco". Throws NO_CODE_OBJECT when they are not those of the manifest.
  std::vector<unsigned char> read(const std::string& file) const;

 private:
  struct entry {
    uint64_t bytes;
    std::string sha256;
  };
  std::string path_;
  std::vector<std::string> targets_;
  std::map<std::string, entry> files_;
};

}  // namespace hipinfer
