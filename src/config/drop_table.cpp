#include "config/tables.h"
#include "config/types.h"

#include <array>
#include <memory>
#include <utility>

namespace sluice::config {
namespace {

using Which = DropPolicy::Which;

constexpr std::array kWhiches = {Choice<Which>{"none", Which::None},
                                 Choice<Which>{"hints", Which::Hints},
                                 Choice<Which>{"all", Which::All}};
constexpr Words<Which> kWhich{"none, hints, all or a list of fields", kWhiches};
constexpr Through<&DropSettings::which> kWord{kWhich};
constexpr ListOf<std::string> kNames{"a list of fields", kTextType};

class DropList final : public Of<DropSettings> {
 public:
  void read_value(Reader& reader, const Node& node, DropSettings& into) const override {
    auto named = std::make_shared<DropSettings::Named>();
    kNames.read_value(reader, node, named->texts);
    named->views.assign(named->texts.begin(), named->texts.end());
    into = {.which = Which::Named, .named = std::move(named)};
  }
  Shown show_value(const DropSettings& value, Secrets secrets) const override {
    return kNames.show_value(value.named->texts, secrets);
  }
  Shape shape() const override { return kNames.shape(); }
};
constexpr DropList kList;

}  // namespace

constexpr Either<DropSettings> kDropType{"none, hints, all or a list of fields",
                                         {.scalar = &kWord, .list = &kList},
                                         [](const DropSettings& value) -> const Of<DropSettings>* {
                                           if (value.named) return &kList;
                                           return &kWord;
                                         }};

}  // namespace sluice::config
