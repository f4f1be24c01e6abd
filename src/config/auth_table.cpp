#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr std::array kPermissions = {Choice<Permission>{"chat", Permission::Chat},
                                     Choice<Permission>{"embeddings", Permission::Embeddings},
                                     Choice<Permission>{"images", Permission::Images},
                                     Choice<Permission>{"audio", Permission::Audio},
                                     Choice<Permission>{"files", Permission::Files},
                                     Choice<Permission>{"raw", Permission::Raw}};
constexpr Words<Permission> kPermissionType{"chat, embeddings, images, audio, files or raw",
                                            kPermissions};
constexpr ListOf<Permission> kPermissionList{"a list of operations", kPermissionType};

class PermissionSetType final : public Of<PermissionSet> {
 public:
  void read_value(Reader& reader, const Node& node, PermissionSet& into) const override {
    std::vector<Permission> list;
    kPermissionList.read_value(reader, node, list);
    into = {};
    for (const Permission permission : list) into.add(permission);
  }
  Shown show_value(const PermissionSet& value, Secrets secrets) const override {
    std::vector<Permission> list;
    for (const auto& choice : kPermissions) {
      if (value.has(choice.value)) list.push_back(choice.value);
    }
    return kPermissionList.show_value(list, secrets);
  }
  Shape shape() const override { return kPermissionList.shape(); }
};
constexpr PermissionSetType kPermissionSetType;

constexpr ListOf<std::string> kPatternsType{"a list of model names", kPatternType};

constexpr std::array kKeyFields = {
    field<&ClientKey::name>("name", kTextType, "what logs and metrics call it", Need::Required),
    field<&ClientKey::secret>("secret", kSecretType, "the key itself", Need::Required),
    field<&ClientKey::user>("user", kTextType, "whose it is"),
    field<&ClientKey::models>("models", kPatternsType,
                              "which names it may ask for; one star at the end stands for any end"),
    field<&ClientKey::may>("may", kPermissionSetType,
                           "what it may do; raw: /providers/NAME/ paths that Sluice cannot read"),
    not_yet("team", kTextType, "a team below"),
    not_yet("limits", kRateLimits, "its own limits"),
    not_yet("budget", kBudget, "its own budget"),
};
constexpr Section<ClientKey> kKey{kKeyFields};
constexpr ListOf<ClientKey> kKeys{"a list of keys", kKey};

constexpr ListOf<Network> kNetworks{"a list of networks", kNetworkType};
constexpr std::array kIpFields = {
    field<&IpRules::allow>("allow", kNetworks, "who may reach the port's API"),
    field<&IpRules::deny>("deny", kNetworks, "who may not, whatever allow says"),
};
constexpr Section<IpRules> kIp{kIpFields};

constexpr std::array kAuthFields = {
    field<&AuthSettings::required>("required", kBooleanType, "false: anyone who reaches the port"),
    field<&AuthSettings::keys>("keys", kKeys, "fixed keys of clients"),
    not_yet("jwt", kJwtType, "tokens of an identity provider"),
    field<&AuthSettings::ip>("ip", kIp, "by address"),
};

}  // namespace

constexpr Section<AuthSettings> kAuthSection{kAuthFields};

}  // namespace sluice::config
