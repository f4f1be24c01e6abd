#include "config/tables.h"
#include "config/types.h"

#include <algorithm>
#include <array>

namespace sluice::config {
namespace {

constexpr Whole<std::uint32_t> kWeightType{"a weight from 1 to 1000", 1, 1000};
constexpr std::array kKeyFields = {
    field<&ProviderKey::secret>("secret", kProviderSecretType, "the key itself", Need::Required),
    field<&ProviderKey::weight>("weight", kWeightType, "its share of the requests"),
};
constexpr Section<ProviderKey> kKeySection{kKeyFields};
constexpr Through<&ProviderKey::secret> kKeyWord{kProviderSecretType};
constexpr Either<ProviderKey> kKeyType{
    "a key or { secret, weight }",
    {.scalar = &kKeyWord, .map = &kKeySection},
    [](const ProviderKey&) -> const Of<ProviderKey>* { return &kKeySection; }};

constexpr std::array kCaller = {Choice<bool>{"caller", true}};
constexpr Words<bool> kCallerType{"a list of keys, or caller", kCaller};
constexpr Through<&ProviderKeys::from_caller> kKeysWord{kCallerType};
constexpr ListOf<ProviderKey> kKeyList{"a list of keys", kKeyType};

// Leaves the empty ones out and says so: a variable that is not set is no mistake here.
class KeyList final : public Of<ProviderKeys> {
 public:
  void read_value(Reader& reader, const Node& node, ProviderKeys& into) const override {
    kKeyList.read_value(reader, node, into.list);
    for (std::size_t i = 0; i < into.list.size(); ++i) {
      if (!into.list[i].secret.empty()) continue;
      Reader::Step step(reader, i);
      reader.warning(node.entries[i].value->at, "is empty and counts as absent");
    }
    const auto empty =
        std::erase_if(into.list, [](const ProviderKey& key) { return key.secret.empty(); });
    into.absent = static_cast<std::uint32_t>(empty);
    if (into.all_absent()) {
      reader.warning(node.at, "none is left: this provider answers 503 until one is set");
    }
  }
  Shown show_value(const ProviderKeys& value, Secrets secrets) const override {
    auto shown = kKeyList.show_value(value.list, secrets);
    // Keys that are wanted and missing are not the same as none wanted.
    for (std::uint32_t i = 0; i < value.absent; ++i) shown.add("", Shown::quoted(""));
    return shown;
  }
  Shape shape() const override { return kKeyList.shape(); }
};
constexpr KeyList kKeyListType;
constexpr Either<ProviderKeys> kKeysType{"a list of keys, or caller",
                                         {.scalar = &kKeysWord, .list = &kKeyListType},
                                         [](const ProviderKeys& keys) -> const Of<ProviderKeys>* {
                                           if (keys.from_caller) return &kKeysWord;
                                           return &kKeyListType;
                                         }};

constexpr Through<&FixedHeader::value> kHeaderValue{kSecretType};
std::optional<std::string> header_name(Reader& reader, const Node::Entry& entry) {
  auto name = parse_header_name({entry.key, {}, {}});
  if (name) return *std::move(name);
  const auto& why = name.error();
  reader.error(entry.key_at, why.empty() ? "expected the name of a header" : why);
  return std::nullopt;
}
constexpr MapOf<FixedHeader> kHeadersType{"a mapping from headers to values", header_name,
                                          kHeaderValue};

constexpr Through<&Tag::value> kTagValue{kTextType};
std::optional<std::string> any_name(Reader& reader, const Node::Entry& entry) {
  if (entry.key.empty()) reader.error(entry.key_at, "expected a name, not nothing");
  return std::string(entry.key);
}

constexpr std::array kTimeoutFields = {
    field<&ProviderTimeouts::connect>("connect", kDurationType, "until the connection stands"),
    field<&ProviderTimeouts::first_token>("first_token", kDurationType, "until the first content"),
    field<&ProviderTimeouts::between_tokens>("between_tokens", kDurationType,
                                             "the longest pause inside an answer"),
    field<&ProviderTimeouts::total>("total", kDurationType, "one attempt from begin to end"),
};
constexpr Section<ProviderTimeouts> kTimeouts{kTimeoutFields};

constexpr std::array kConnectionFields = {
    field<&ConnectionSettings::max>("max", kCountType, "open connections at once"),
    field<&ConnectionSettings::idle>("idle", kDurationType,
                                     "how long an unused one is kept for the next request"),
};
constexpr Section<ConnectionSettings> kConnections{kConnectionFields};

constexpr std::array kTlsFields = {
    field<&ProviderTlsSettings::ca>("ca", kPathType,
                                    "whom to trust, PEM; the system's when absent"),
    field<&ProviderTlsSettings::verify>("verify", kBooleanType,
                                        "false: any certificate will do; for tests only"),
    field<&ProviderTlsSettings::server_name>("server_name", kTextType,
                                             "the name in the certificate; the host when absent"),
    field<&ProviderTlsSettings::certificate>("certificate", kPathType, "to show who we are, PEM"),
    field<&ProviderTlsSettings::private_key>("private_key", kPathType, "of that certificate, PEM"),
};
void settle_tls(Reader& reader, const Node& node, ProviderTlsSettings& tls) {
  if (!tls.verify) reader.warning(node.at, "verify is off: anyone may pose as this provider");
  if (!node.find("certificate") == !node.find("private_key")) return;
  reader.error(node, "expected certificate and private_key together, not one alone");
}
constexpr Section<ProviderTlsSettings> kTls{kTlsFields, settle_tls};

constexpr MaybeOf<Url> kProxy{kUrlType};

constexpr std::array kStreamUsages = {Choice<StreamUsage>{"auto", StreamUsage::Auto},
                                      Choice<StreamUsage>{"option", StreamUsage::Option},
                                      Choice<StreamUsage>{"always", StreamUsage::Always},
                                      Choice<StreamUsage>{"none", StreamUsage::None}};
constexpr Words<StreamUsage> kStreamUsageType{"auto, option, always or none", kStreamUsages};

constexpr MaybeOf<DropSettings> kMaybeDrop{kDropType};

constexpr Through<&Deployment::deployment> kDeployment{kTextType};
constexpr MapOf<Deployment> kDeployments{"a mapping from models to deployments", any_name,
                                         kDeployment};
constexpr MaybeOf<std::vector<Deployment>> kMaybeDeployments{kDeployments};
constexpr std::array kEntraFields = {
    field<&EntraSettings::tenant>("tenant", kTextType, "its name or number", Need::Required),
    field<&EntraSettings::client_id>("client_id", kTextType, "of the application", Need::Required),
    field<&EntraSettings::client_secret>("client_secret", kProviderSecretType,
                                         "of the application; an empty one counts as absent",
                                         Need::Required),
};
constexpr Section<EntraSettings> kEntra{kEntraFields};
constexpr MaybeOf<EntraSettings> kMaybeEntra{kEntra};
constexpr std::array kRoles = {Choice<AwsRole>{"instance", AwsRole::Instance},
                               Choice<AwsRole>{"container", AwsRole::Container}};
constexpr Words<AwsRole> kRoleType{"instance or container", kRoles};
constexpr MaybeOf<AwsRole> kMaybeRole{kRoleType};
constexpr MaybeOf<std::string> kMaybeText{kTextType};
constexpr MaybeOf<std::string> kMaybePath{kPathType};
constexpr MaybeOf<Secret> kMaybeSecret{kProviderSecretType};

constexpr Scalar<std::string> kTypeType{"a type of provider such as openai", kText, "", parse_text,
                                        show_text};

constexpr std::array kProviderFields = {
    field<&ProviderSettings::type>("type", kTypeType, "one of `sluice providers`", Need::Required),
    field<&ProviderSettings::base_url>("base_url", kUrlType,
                                       "where it is; required where the type does not say it",
                                       Need::Optional, "that of the type"),
    field<&ProviderSettings::keys>(
        "keys", kKeysType,
        "spread by weight; an empty one counts as absent (none left: 503 when asked); "
        "[]: none needed; caller: the caller's own credential is passed on"),
    field<&ProviderSettings::headers>("headers", kHeadersType, "added to every request"),
    field<&ProviderSettings::timeouts>("timeouts", kTimeouts, "how long each step may take"),
    field<&ProviderSettings::connections>("connections", kConnections, "the pool of connections"),
    field<&ProviderSettings::tls>("tls", kTls, "how its certificate is checked, and ours"),
    field<&ProviderSettings::proxy>("proxy", kProxy, "an HTTP proxy on the way"),
    field<&ProviderSettings::stream_usage>(
        "stream_usage", kStreamUsageType,
        "how usage is got from streams; auto asks, and remembers a refusal"),
    field<&ProviderSettings::tags>("tags", kTagsType, "for rules and residency"),
    field<&ProviderSettings::limits>("limits", kGrantedLimits, "what the provider grants"),
    field<&ProviderSettings::health>("health", kHealthSection,
                                     "active probes; what requests show always counts"),
    field<&ProviderSettings::breaker>(
        "breaker", kBreakerSection,
        "when a target that fails rests: after so many failures, or at such a share of them; 4xx, "
        "429 and 401/403 do not count"),
    field<&ProviderSettings::cancel>(
        "cancel", kCancelType,
        "its call when the caller leaves: auto (as the catalogue says it bills), cancel or drain"),
    field<&ProviderSettings::drop>("drop", kMaybeDrop, "as `server.drop`, for this provider"),
    field<&ProviderSettings::api_version>("api_version", kMaybeText, "of azure", Need::Optional,
                                          "2024-10-21"),
    field<&ProviderSettings::deployments>(
        "deployments", kMaybeDeployments,
        "of azure: model to deployment; the same name when absent"),
    field<&ProviderSettings::entra>("entra", kMaybeEntra, "of azure: in place of keys"),
    field<&ProviderSettings::region>("region", kMaybeText, "of bedrock, such as us-east-1"),
    field<&ProviderSettings::access_key>("access_key", kMaybeSecret,
                                         "of bedrock, with `secret_key`; an empty one counts as "
                                         "absent"),
    field<&ProviderSettings::secret_key>("secret_key", kMaybeSecret, "of bedrock"),
    field<&ProviderSettings::session_token>("session_token", kMaybeSecret,
                                            "of bedrock, where the key has one"),
    field<&ProviderSettings::profile>("profile", kMaybeText,
                                      "of bedrock: one of the AWS files, in place of the keys"),
    field<&ProviderSettings::role>("role", kMaybeRole,
                                   "of bedrock: instance or container, in place of the keys"),
    field<&ProviderSettings::project>("project", kMaybeText, "of vertex"),
    field<&ProviderSettings::location>("location", kMaybeText,
                                       "of vertex, such as europe-west1 or global"),
    field<&ProviderSettings::credentials>("credentials", kMaybePath,
                                          "of vertex: the file of a service account"),
    field<&ProviderSettings::access_token>("access_token", kMaybeSecret,
                                           "of vertex, in place of `credentials`"),
};

constexpr Section<ProviderSettings> kProvider{kProviderFields};

std::optional<std::string> provider_name(Reader& reader, const Node::Entry& entry) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (entry.key == "prompt") {
    reader.error(entry.key_at, "\"prompt\" is a reserved name");
  } else if (entry.key.empty() || entry.key == "." || entry.key == ".." ||
             entry.key.find_first_not_of(kCharacters) != std::string_view::npos) {
    reader.error(entry.key_at, "expected a name of letters, digits, dots, - and _");
  }
  return std::string(entry.key);
}

}  // namespace

constexpr MapOf<ProviderSettings> kProvidersType{"a mapping from names to providers", provider_name,
                                                 kProvider};
constexpr MapOf<Tag> kTagsType{"a mapping from tags to values", any_name, kTagValue};

}  // namespace sluice::config
