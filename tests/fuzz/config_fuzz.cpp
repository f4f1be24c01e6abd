// The reader of the configuration: whatever the text, it answers with a snapshot or with findings.
#include "config/describe.h"
#include "config/load.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace sluice;
using namespace sluice::config;

class FuzzEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override {
    if (name == "KEY") return "sk-1";
    if (name == "EMPTY") return "";
    if (name == "ODD") return "a/../b@c#\r\n";
    return std::nullopt;
  }
  Result<std::string> file(const std::string& path) const override {
    if (path.ends_with("key")) return "sk-2\n";
    return fail(ErrorKind::NotFound, "not_found", "no such file");
  }
  Result<std::vector<std::string>> folder(const std::string& path) const override {
    return std::vector<std::string>{path + "/key.yaml"};
  }
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const FuzzEnvironment environment;
  const auto loaded = load_text(text, "/etc/sluice.yaml", environment);
  if (!loaded) {
    require(!loaded.error().empty() && loaded.error().size() <= 20);
    for (const auto& error : loaded.error()) require(error.line >= 1 && error.column >= 1);
    return 0;
  }
  const Snapshot& snapshot = **loaded;
  Arena arena;
  for (const auto name : snapshot.models().names())
    require(snapshot.models().find(name, arena).has_value());
  for (const auto name : snapshot.models().wildcards()) snapshot.models().find(name, arena);
  for (const auto& key : snapshot.config().auth.keys) {
    const Principal* found = snapshot.keys().find(sha256(key.secret.reveal()));
    require(found && found->id == key.name);
  }
  // What is effective can be written and read again, and means the same.
  const auto written = to_yaml(snapshot.config(), Secrets::Digested);
  const auto again = load_text(written, "/etc/sluice.yaml", environment);
  require(again.has_value());
  require(to_yaml((*again)->config(), Secrets::Masked) ==
          to_yaml(snapshot.config(), Secrets::Masked));
  return 0;
}
