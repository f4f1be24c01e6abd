#include "golden/cases.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sluice::golden {
namespace {

namespace files = std::filesystem;

std::string read(const files::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return file ? text.str() : std::string();
}

Dialect dialect_of(std::string_view api) {
  if (api == "chat.completions") return Dialect::Chat;
  if (api == "completions") return Dialect::Completions;
  if (api == "responses") return Dialect::Responses;
  if (api == "messages") return Dialect::Messages;
  if (api == "generateContent") return Dialect::Gemini;
  if (api == "converse" || api == "converse-stream") return Dialect::Converse;
  if (api == "v2.chat") return Dialect::Cohere;
  if (api == "ollama.chat") return Dialect::Ollama;
  return Dialect::Opaque;
}

std::string from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : text) {
    const std::size_t value = kAlphabet.find(byte);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return bytes;
}

void read_answer(const files::path& folder, Case& one) {
  if (files::exists(folder / "stream.sse")) {
    one.framing = Framing::Sse;
    one.answer = read(folder / "stream.sse");
  } else if (files::exists(folder / "stream.ndjson")) {
    one.framing = Framing::Lines;
    one.answer = read(folder / "stream.ndjson");
  } else if (files::exists(folder / "stream.b64")) {
    one.framing = Framing::AwsEvents;
    one.answer = from_base64(read(folder / "stream.b64"));
  } else {
    one.answer = read(folder / "response.json");
  }
}

std::vector<Case> load() {
  std::vector<files::path> found;
  for (const auto& entry :
       files::recursive_directory_iterator(files::path(SLUICE_SOURCE_DIR) / "providers")) {
    if (entry.path().filename() == "meta.json") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  std::vector<Case> cases;
  for (const files::path& path : found) {
    const Json meta = Json::parse(read(path));
    Case one;
    one.dialect = dialect_of(meta["api"].get<std::string>());
    if (one.dialect == Dialect::Opaque) continue;
    one.name = meta["case"].get<std::string>();
    if (meta.contains("model") && meta["model"].is_string())
      one.model = meta["model"].get<std::string>();
    one.status = meta["status"].get<int>();
    one.request = read(path.parent_path() / "request.json");
    read_answer(path.parent_path(), one);
    const std::string says = read(path.parent_path() / "says.json");
    if (!says.empty()) one.says = Json::parse(says);
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = load();
  return cases;
}

std::string_view name_of(Dialect dialect) {
  constexpr std::array<std::string_view, kDialects> kNames{
      "opaque",   "openai", "completions", "chat",   "responses",
      "messages", "gemini", "converse",    "cohere", "ollama"};
  return kNames[static_cast<std::size_t>(dialect)];
}

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

std::string test_name(std::string_view name) {
  std::string plain(name);
  for (char& byte : plain) {
    if (std::isalnum(static_cast<unsigned char>(byte)) == 0) byte = '_';
  }
  return plain;
}

}  // namespace sluice::golden
