// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <charconv>
#include <stdexcept>

namespace hipinfer {
namespace {

constexpr int most_levels = 32;

class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  json document() {
    json root = value(0);
    skip_space();
    if (!rest_.empty()) fail("something follows its end");
    return root;
  }

 private:
  [[noreturn]] static void fail(const std::string& why) { throw std::invalid_argument("JSON: " + why); }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected ") + c + (rest_.empty() ? ", and it ends" : ""));
  }

  json value(int level) {
    if (level > most_levels) fail("nested too deeply");
    json out;
    if (take('{')) {
      out.is = json::object;
      if (take('}')) return out;
      do {
        expect('"');
        std::string name = text();
        expect(':');
        out.members.emplace_back(std::move(name), value(level + 1));
      } while (take(','));
      expect('}');
    } else if (take('[')) {
      out.is = json::list;
      if (take(']')) return out;
      do out.items.push_back(value(level + 1));
      while (take(','));
      expect(']');
    } else if (take('"')) {
      out.is = json::text;
      out.word = text();
    } else {
      const size_t n = std::min(rest_.find_first_of(" \t\r\n,]}"), rest_.size());
      out.word = rest_.substr(0, n);
      rest_.remove_prefix(n);
      const bool truth = out.word == "true" || out.word == "false";
      double x;
      const char* end = out.word.data() + out.word.size();
      if (truth)
        out.is = json::boolean;
      else if (out.word != "null" && std::from_chars(out.word.data(), end, x).ptr == end && !out.word.empty())
        out.is = json::number;
      else if (out.word != "null")
        fail("\"" + out.word.substr(0, 40) + "\" is no value");
    }
    return out;
  }

  // After the opening quote.
  std::string text() {
    std::string out;
    for (;;) {
      if (rest_.empty()) fail("a text has no end");
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < ' ') fail("a control character in a text");
      out += c == '\\' ? escaped() : c;
    }
  }
  char escaped() {
    constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
    const size_t at = rest_.empty() ? names.npos : names.find(rest_.front());
    if (at == names.npos) fail("an escape that is not read here");
    rest_.remove_prefix(1);
    return values[at];
  }

  std::string_view rest_;
};

const json& member(const json& of, std::string_view name, int kind, const char* what) {
  for (const auto& [key, value] : of.members) {
    if (key != name) continue;
    if (value.is != kind) break;
    return value;
  }
  throw std::invalid_argument("\"" + std::string(name) + "\" is no " + what);
}

}  // namespace

const std::string& json::text_of(std::string_view name) const {
  return member(*this, name, text, "text").word;
}
uint64_t json::number_of(std::string_view name) const {
  const std::string& digits = member(*this, name, number, "number").word;
  uint64_t n = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    throw std::invalid_argument("\"" + std::string(name) + "\" is no number of bytes");
  }
  return n;
}
const std::vector<json>& json::list_of(std::string_view name) const {
  return member(*this, name, list, "list").items;
}

json parse_json(std::string_view text) {
  return reader(text).document();
}

}  // namespace hipinfer
