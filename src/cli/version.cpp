#include "cli/version.h"

#include "base/json_writer.h"
#include "cli/commands.h"

#include <openssl/crypto.h>

#include <ostream>

namespace sluice::cli {
namespace {

constexpr std::string_view kCompiler = "clang " __clang_version__;

}  // namespace

int version(VersionForm form, std::ostream& out) {
  const std::string_view openssl = OpenSSL_version(OPENSSL_VERSION);  // Of what is loaded.
  if (form == VersionForm::Json) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("version", kVersion).member("openssl", openssl);
    writer.member("compiler", kCompiler).end_object();
    out << text << '\n';
    return 0;
  }
  out << "sluice " << kVersion << '\n' << openssl << '\n' << kCompiler << '\n';
  return 0;
}

}  // namespace sluice::cli
