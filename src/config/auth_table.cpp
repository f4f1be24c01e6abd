#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr std::array kOperations = {Choice<Operation>{"chat", Operation::Chat},
                                    Choice<Operation>{"embeddings", Operation::Embeddings},
                                    Choice<Operation>{"images", Operation::Images},
                                    Choice<Operation>{"audio", Operation::Audio},
                                    Choice<Operation>{"files", Operation::Files},
                                    Choice<Operation>{"raw", Operation::Raw}};
constexpr Words<Operation> kOperationType{"chat, embeddings, images, audio, files or raw",
                                          kOperations};
constexpr ListOf<Operation> kOperationList{"a list of operations", kOperationType};

class OperationsType final : public Of<Operations> {
 public:
  void read_value(Reader& reader, const Node& node, Operations& into) const override {
    std::vector<Operation> list;
    kOperationList.read_value(reader, node, list);
    into = {};
    for (const Operation operation : list) into.add(operation);
  }
  Shown show_value(const Operations& value, Secrets secrets) const override {
    std::vector<Operation> list;
    for (const auto& choice : kOperations) {
      if (value.contains(choice.value)) list.push_back(choice.value);
    }
    return kOperationList.show_value(list, secrets);
  }
  Shape shape() const override { return kOperationList.shape(); }
};
constexpr OperationsType kOperationsType;

constexpr ListOf<std::string> kPatternsType{"a list of model names", kPatternType};

constexpr std::array kKeyFields = {
    field<&ClientKey::name>("name", kTextType, "what logs and metrics call it", Need::Required),
    field<&ClientKey::secret>("secret", kSecretType, "the key itself", Need::Required),
    field<&ClientKey::user>("user", kTextType, "whose it is"),
    field<&ClientKey::models>("models", kPatternsType,
                              "which names it may ask for; one star at the end stands for any end"),
    field<&ClientKey::may>("may", kOperationsType,
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
