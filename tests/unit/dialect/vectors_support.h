// What the tests of embeddings and rankings share: a request on its way to a provider, and the
// answer on its way back.
#pragma once

#include "dialect/answer_encoder.h"
#include "dialect/translate.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::vectors_test {

using Json = nlohmann::json;
namespace files = std::filesystem;

inline std::string read_file(const files::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline files::path recording(std::string_view provider, std::string_view name) {
  return files::path(SLUICE_SOURCE_DIR) / "providers" / provider / "transcripts" / name;
}

// Recorded answers of these APIs that are no refusals.
inline std::vector<std::string> recorded(const std::vector<std::string>& apis) {
  std::vector<std::string> found;
  for (const auto& entry :
       files::recursive_directory_iterator(files::path(SLUICE_SOURCE_DIR) / "providers")) {
    if (entry.path().filename() != "meta.json") continue;
    const Json meta = Json::parse(read_file(entry.path()));
    if (std::ranges::find(apis, meta.value("api", "")) == apis.end()) continue;
    if (meta["status"] == 200) found.push_back(entry.path().parent_path());
  }
  std::ranges::sort(found);
  return found;
}

inline std::string case_name(const testing::TestParamInfo<std::string>& info) {
  const files::path folder(info.param);
  std::string name =
      folder.parent_path().parent_path().filename().string() + "_" + folder.filename().string();
  std::ranges::replace_if(
      name, [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

class Translation {
 public:
  Translation(Operation operation, std::string body)
      : context_(arena_, draft_, clock_), body_(std::move(body)) {
    request_.operation = operation;
    request_.json.text = body_;
  }

  // What the provider is sent; null: it was refused.
  Json asked(Dialect spoken, std::string_view model) {
    const Target target{.provider = "p", .model = model, .base_path = "", .headers = {}};
    const auto body = write_body(context_, request_, target, spoken);
    if (!body) {
      refused = body.error()->param;
      return nullptr;
    }
    return Json::parse(*body);
  }

  // What the caller reads of this answer; null: it is none.
  Json answered(Dialect spoken, std::string_view answer) {
    Meaning meaning;
    const auto decoder = answer_decoder(context_, request_, spoken);
    const auto read = decoder->body(answer, &meaning);
    if (!read) {
      failure = read.error()->code;
      return nullptr;
    }
    usage = decoder->usage();
    const auto encoder =
        answer_encoder(request_.operation, arena_, {.id = "req", .model = "asked-for"});
    std::string out;
    encoder->say(meaning.events, out);
    encoder->end(out);
    return Json::parse(out);
  }

  std::vector<std::string> dropped() const {
    return {context_.dropped.begin(), context_.dropped.end()};
  }
  void drop(DropPolicy::Which which) { context_.drop.which = which; }

  std::string refused;
  std::string failure;
  std::optional<Usage> usage;

 private:
  Arena arena_;
  Arena draft_;
  FakeClock clock_;
  Context context_;
  std::string body_;
  Request request_;
};

}  // namespace sluice::dialect::vectors_test
