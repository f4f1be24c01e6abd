#include "config/load.h"

#include "config/checks.h"
#include "config/describe.h"
#include "config/digest.h"
#include "config/ground.h"
#include "config/paths.h"
#include "config/provider_kind.h"
#include "config/tables.h"

#include <algorithm>
#include <utility>

namespace sluice::config {
namespace {

std::vector<std::string> certificate_files(const Config& config) {
  std::vector<std::string> files;
  if (const auto& tls = config.server.tls) {
    files.insert(files.end(), {tls->certificate, tls->private_key, tls->client_ca});
  }
  for (const ProviderSettings& provider : config.providers) {
    const auto& tls = provider.tls;
    files.insert(files.end(), {tls.ca, tls.certificate, tls.private_key});
  }
  std::erase(files, "");
  return files;
}

// A renewed certificate is a change, though no word of the file is; so is another price.
std::string fingerprint(const Config& config, const std::vector<std::string>& certificates,
                        const std::vector<std::string>& catalogues,
                        const Environment& environment) {
  std::string effective = to_yaml(config, Secrets::Digested);
  for (const auto& path : certificates) {
    const auto content = environment.file(path);
    effective += path + "=" + (content ? to_hex(sha256(*content)) : "unreadable") + "\n";
  }
  for (const auto& content : catalogues) effective += to_hex(sha256(content)) + "\n";
  return to_hex(sha256(effective));
}

std::vector<std::string> without_doubles(std::vector<std::string> files) {
  std::ranges::sort(files);
  const auto doubled = std::ranges::unique(files);
  files.erase(doubled.begin(), doubled.end());
  return files;
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& name, const Environment& environment,
                 LoadOptions options) {
  Findings findings(name, options.max_errors);
  if (text.size() > kMaxFileBytes) {
    findings.error({}, "the file is larger than 4MiB");
    return std::unexpected(findings.take_errors());
  }
  const auto document = Document::parse(text, findings);
  if (!document) return std::unexpected(findings.take_errors());

  Expander expander(environment, folder_of(name),
                    options.no_secrets ? Missing::Placeholder : Missing::Refuse);
  Reader reader(findings, expander, text);
  Config config;
  kConfigSection.read_value(reader, document->root(), config);
  auto ground = read_ground(config, document->root(), reader, findings, environment, options);
  // Where catalogues were not looked at, any type may be one of theirs.
  if (ground.complete) {
    settle_providers(config, document->root(), reader, *ground.ground.catalogue);
  }
  // What values say together is only worth telling once each is right by itself.
  if (!findings.failed()) check(config, document->root(), reader);
  if (findings.failed()) return std::unexpected(findings.take_errors());

  auto files = certificate_files(config);
  Snapshot::Origin origin{
      .fingerprint = fingerprint(config, files, ground.contents, environment),
      .files = {},
      .warnings = findings.take_warnings(),
  };
  files.push_back(name);
  files.insert(files.end(), ground.paths.begin(), ground.paths.end());
  files.insert(files.end(), expander.files().begin(), expander.files().end());
  origin.files = without_doubles(std::move(files));
  return std::make_shared<const Snapshot>(std::move(config), std::move(origin),
                                          std::move(ground.ground));
}

Loaded load(const std::string& path, const Environment& environment, LoadOptions options) {
  const auto text = environment.file(path);
  if (!text) {
    return std::unexpected(std::vector{Diagnostic{path, 1, 1, text.error()->message}});
  }
  return load_text(*text, path, environment, options);
}

}  // namespace sluice::config
