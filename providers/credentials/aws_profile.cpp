#include "providers/credentials/aws_profile.h"

#include "base/text.h"
#include "providers/credentials/bearer_token.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace sluice::providers {
namespace {

using Section = std::map<std::string, std::string, std::less<>>;

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

// A comment begins a line; behind a value it needs a space before it.
std::string_view without_comment(std::string_view line) {
  if (line.starts_with('#') || line.starts_with(';')) return {};
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"}) {
    line = line.substr(0, line.find(mark));
  }
  return line;
}

// The settings below [name]; of a name that stands twice the later ones hold. Lines that are
// indented belong to the setting above them, and none of those is of use here.
std::optional<Section> section_of(std::string_view file, std::string_view name) {
  std::optional<Section> found;
  bool inside = false;
  while (!file.empty()) {
    std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    if (line.starts_with(' ') || line.starts_with('\t')) continue;
    line = text::trim(without_comment(line));
    if (line.starts_with('[')) {
      const std::string_view title = text::trim(line.substr(1, line.find(']') - 1));
      inside = title == name;
      if (inside && !found) found.emplace();
      continue;
    }
    const std::size_t sign = line.find('=');
    if (!inside || sign == std::string_view::npos) continue;
    std::string key(text::trim(line.substr(0, sign)));
    std::ranges::transform(key, key.begin(), text::lower);
    found->insert_or_assign(std::move(key), std::string(text::trim(line.substr(sign + 1))));
  }
  return found;
}

std::string value_of(const Section& section, std::string_view key) {
  const auto at = section.find(key);
  return at == section.end() ? std::string() : at->second;
}

Result<Grant> keys_of(const Section& section, const std::string& where) {
  Grant grant{.secret = value_of(section, "aws_secret_access_key"),
              .access_key = value_of(section, "aws_access_key_id"),
              .session = value_of(section, "aws_session_token")};
  if (!fits_header(grant.access_key) || grant.secret.empty()) {
    return refuse(where + " lacks aws_access_key_id or aws_secret_access_key");
  }
  if (!grant.session.empty() && !fits_header(grant.session)) {
    return refuse(where + " has an aws_session_token that is none");
  }
  return grant;
}

std::string path_of(const config::Environment& environment, const std::string& variable,
                    const std::string& name) {
  if (auto path = environment.variable(variable); path && !path->empty()) return *path;
  return environment.variable("HOME").value_or("") + "/.aws/" + name;
}

}  // namespace

Result<Grant> read_aws_profile(const std::string& profile, const config::Environment& environment) {
  constexpr std::array<std::string_view, 6> kElsewhere = {
      "credential_process",      "role_arn",     "source_profile", "sso_session",
      "web_identity_token_file", "sso_start_url"};
  struct File {
    std::string path;
    std::string section;
  };
  const std::array files{
      File{path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), profile},
      File{path_of(environment, "AWS_CONFIG_FILE", "config"),
           profile == "default" ? profile : "profile " + profile}};
  std::string why;
  const std::string asked = "the profile \"" + profile + "\" in ";
  for (const auto& [path, title] : files) {
    const auto content = environment.file(path);
    const auto section = content ? section_of(*content, title) : std::nullopt;
    if (!section) continue;
    const std::string where = asked + path;
    if (section->contains("aws_access_key_id")) return keys_of(*section, where);
    for (const std::string_view key : kElsewhere) {
      if (section->contains(key))
        why = where + " wants " + std::string(key) + ", which is not done";
    }
    if (why.empty()) why = where + " has no aws_access_key_id";
  }
  if (!why.empty()) return refuse(std::move(why));
  return refuse("there is no profile \"" + profile + "\" in " + files[0].path + " or " +
                files[1].path);
}

Result<Grant> read_aws_environment(const config::Environment& environment) {
  Section section;
  for (const auto& [variable, key] : {std::pair{"AWS_ACCESS_KEY_ID", "aws_access_key_id"},
                                      std::pair{"AWS_SECRET_ACCESS_KEY", "aws_secret_access_key"},
                                      std::pair{"AWS_SESSION_TOKEN", "aws_session_token"}}) {
    section[key] = environment.variable(variable).value_or("");
  }
  if (!section["aws_access_key_id"].empty()) return keys_of(section, "the environment");
  const std::string profile = environment.variable("AWS_PROFILE").value_or("");
  return read_aws_profile(profile.empty() ? "default" : profile, environment);
}

}  // namespace sluice::providers
