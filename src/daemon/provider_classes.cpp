#include "daemon/provider_classes.h"

#include "base/log.h"
#include "config/digest.h"
#include "providers/anthropic/provider.h"
#include "providers/azure/provider.h"
#include "providers/bedrock/provider.h"
#include "providers/cohere/provider.h"
#include "providers/credentials/api_key.h"
#include "providers/credentials/aws_credentials.h"
#include "providers/credentials/entra_token.h"
#include "providers/credentials/fetch.h"
#include "providers/credentials/google_token.h"
#include "providers/gemini/provider.h"
#include "providers/ollama/provider.h"
#include "providers/openai/provider.h"
#include "providers/replicate/provider.h"
#include "providers/vertex/provider.h"

#include <utility>

namespace sluice::daemon {
namespace {

using config::ProviderSettings;
using config::Secret;

class BrokenCredential final : public Credential {
 public:
  explicit BrokenCredential(ApiError why) : why_(std::move(why)) {}
  Task<Result<void>> sign(Context&, UpstreamRequest&) const override { return fail(why_); }

 private:
  ApiError why_;
};

providers::AwsOptions aws_options(const ProviderSettings& settings) {
  providers::AwsOptions options;
  options.region = settings.region.value_or("");
  options.host = settings.base_url.authority();
  if (settings.access_key) options.access_key = settings.access_key->reveal();
  if (settings.secret_key) options.secret_key = *settings.secret_key;
  if (settings.session_token) options.session_token = *settings.session_token;
  options.profile = settings.profile.value_or("");
  if (settings.role) {
    options.role = *settings.role == config::AwsRole::Instance ? providers::AwsRole::Instance
                                                               : providers::AwsRole::Container;
  }
  return options;
}

Result<std::shared_ptr<const Credential>> make_cloud_credential(
    const ProviderSettings& settings, const providers::CredentialGround& ground) {
  if (settings.is(Api::Bedrock)) {
    return providers::make_aws_credential(aws_options(settings), ground);
  }
  if (settings.is(Api::Vertex)) {
    providers::GoogleOptions options;
    if (settings.access_token) options.access_token = *settings.access_token;
    options.credentials = settings.credentials.value_or("");
    return providers::make_google_token(options, ground);
  }
  providers::EntraOptions options{.tenant = settings.entra->tenant,
                                  .client_id = settings.entra->client_id,
                                  .client_secret = settings.entra->client_secret};
  return providers::make_entra_token(options, ground);
}

bool is_of_a_cloud(const ProviderSettings& settings) {
  if (settings.lacks_credential()) return false;
  return settings.is(Api::Bedrock) || settings.is(Api::Vertex) || settings.entra.has_value();
}

std::optional<net::Proxy> proxy_of(const ProviderSettings& settings) {
  if (!settings.proxy) return std::nullopt;
  return net::Proxy{
      .host = settings.proxy->host, .port = settings.proxy->port, .authorization = {}};
}

std::shared_ptr<const Credential> cloud_credential(const ProviderSettings& settings,
                                                   const CredentialTools& tools) {
  const providers::CredentialGround ground{
      .loop = tools.loop,
      .clock = tools.loop,
      .fetch = std::make_shared<providers::HttpFetch>(tools.loop, tools.resolver, tools.tls,
                                                      proxy_of(settings)),
      .environment = tools.environment,
      .shelf = tools.shelf};
  auto made = make_cloud_credential(settings, ground);
  if (made) return *std::move(made);
  ApiError& why = *made.error();
  log::error("providers", why.message, {{"provider", settings.name}, {"detail", why.detail}});
  return std::make_shared<BrokenCredential>(
      ApiError{.kind = ErrorKind::UpstreamUnavailable,
               .code = "upstream_auth",
               .message = "The provider \"" + settings.name + "\" has no usable credential.",
               .detail = why.message,
               .retry = Retry::OtherTarget});
}

}  // namespace

std::shared_ptr<const Provider> provider_of(const ProviderSettings& settings) {
  // Those without settings of their own serve everyone.
  static const auto openai = std::make_shared<const providers::OpenAiProvider>();
  static const auto anthropic = std::make_shared<const providers::AnthropicProvider>();
  static const auto bedrock = std::make_shared<const providers::BedrockProvider>();
  static const auto cohere = std::make_shared<const providers::CohereProvider>();
  static const auto gemini = std::make_shared<const providers::GeminiProvider>();
  static const auto ollama = std::make_shared<const providers::OllamaProvider>();
  static const auto replicate = std::make_shared<const providers::ReplicateProvider>();
  switch (settings.kind ? settings.kind->api : Api::OpenAi) {
    case Api::Azure: {
      providers::AzureOptions options{.api_version = settings.api_version.value_or(""),
                                      .deployments = {}};
      if (settings.deployments) {
        for (const config::Deployment& one : *settings.deployments) {
          options.deployments.emplace_back(one.name, one.deployment);
        }
      }
      return std::make_shared<const providers::AzureProvider>(std::move(options));
    }
    case Api::Anthropic:
      return anthropic;
    case Api::Bedrock:
      return bedrock;
    case Api::Cohere:
      return cohere;
    case Api::Gemini:
      return gemini;
    case Api::Ollama:
      return ollama;
    case Api::Replicate:
      return replicate;
    case Api::Vertex:
      return std::make_shared<const providers::VertexProvider>(settings.project.value_or(""),
                                                               settings.location.value_or(""));
    default:
      return openai;
  }
}

std::vector<std::shared_ptr<const Credential>> credentials_of(const ProviderSettings& settings,
                                                              const CredentialTools& tools) {
  const providers::KeyField field =
      providers::key_field(settings.kind ? settings.kind->key : KeyKind::Bearer);
  if (settings.keys.from_caller) return {std::make_shared<providers::CallersKey>(field)};
  std::vector<std::shared_ptr<const Credential>> credentials;
  credentials.reserve(settings.keys.list.size());
  for (const config::ProviderKey& key : settings.keys.list) {
    credentials.push_back(std::make_shared<providers::ApiKey>(key.secret.reveal(), field));
  }
  if (!credentials.empty()) return credentials;
  if (!is_of_a_cloud(settings)) return {std::make_shared<providers::NoKey>()};
  return {cloud_credential(settings, tools)};
}

std::shared_ptr<routing::KeyPool> key_pool_of(const ProviderSettings& settings,
                                              const routing::KeyPool* before) {
  using routing::KeyBlame;
  if (settings.keys.from_caller) {
    return std::make_shared<routing::KeyPool>(settings.name, KeyBlame::Nothing);
  }
  const std::string place = settings.name + '\n' + settings.base_url.text() + '\n';
  const auto identity = [&](const Secret& secret) {
    return config::to_hex(config::sha256(place + std::string(secret.reveal())));
  };
  std::vector<routing::KeyShare> shares;
  shares.reserve(settings.keys.list.size() + 1);
  for (const config::ProviderKey& key : settings.keys.list) {
    shares.push_back({.identity = identity(key.secret), .weight = key.weight});
  }
  const KeyBlame blame = shares.empty() ? KeyBlame::Limits : KeyBlame::All;
  if (shares.empty()) shares.push_back({.identity = identity({})});
  return std::make_shared<routing::KeyPool>(settings.name, blame, std::move(shares), before);
}

std::string credential_identity(const ProviderSettings& settings) {
  std::string identity;
  const auto add = [&](std::string_view text) { identity.append(text).push_back('\n'); };
  for (const auto* secret : {&settings.access_key, &settings.secret_key, &settings.session_token,
                             &settings.access_token}) {
    add(*secret ? (*secret)->reveal() : std::string_view());
  }
  for (const auto* text :
       {&settings.profile, &settings.region, &settings.credentials, &settings.project}) {
    add(text->value_or(""));
  }
  add(settings.role ? (*settings.role == config::AwsRole::Instance ? "instance" : "container")
                    : "");
  if (settings.entra) {
    add(settings.entra->tenant);
    add(settings.entra->client_id);
    add(settings.entra->client_secret.reveal());
  }
  return identity;
}

bool asks_for_tokens(const ProviderSettings& settings) {
  return settings.keys.list.empty() && is_of_a_cloud(settings) && !settings.access_key &&
         !settings.access_token;
}

}  // namespace sluice::daemon
