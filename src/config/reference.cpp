#include "config/describe.h"
#include "config/tables.h"

#include <string>

namespace sluice::config {
namespace {

constexpr std::string_view kHead = R"(# Configuration

Sluice reads one YAML file. This page is written from the same table that reads the file:
`sluice schema` prints that table as a JSON Schema for editors, `sluice check FILE` tells what is
wrong with a file and where.

An unknown or doubled key, a wrong type or a bad value is an error that names file, line and column,
says what was expected and, where there is one, the nearest valid spelling.

| written | means |
| --- | --- |
| `250ms` `10s` `5m` `1h` `30d` | a duration |
| `512B` `64KiB` `32MiB` `1GiB` | a size |
| `200` `5k` `2M` | a count |
| `true` `false` | a boolean; `yes`, `on` and the like are text |
| `"1.2"` | text that looks like a number or a boolean needs quotes |

`${NAME}`, `${NAME:-default}` and `${NAME:?message}` read the environment, `${file:/run/secrets/x}`
reads a file; both only in values and only after the YAML was read, so that what they hold cannot
change what the file says. `$${` is a literal `${`. An empty secret is an error, except the key of a
provider, which then counts as absent. Secrets are never shown again. Relative paths start at the
folder of the file. Aliases (`*name`) work; merge keys, tags and a second document are refused.

In the tables `NAME` stands for a name that you choose, `[]` for each item of a list. Keys marked
*not yet* are known and refused by this build.
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string default_text(const Shown* shown) {
  if (!shown || shown->kind == Shown::Kind::Absent) return "–";
  if (shown->kind == Shown::Kind::Map) return shown->items.empty() ? "`{}`" : "";
  if (shown->kind != Shown::Kind::List) return "`" + shown->text + "`";
  std::string list;
  for (const Shown& item : shown->items) list += (list.empty() ? "" : ", ") + item.text;
  return "`[" + list + "]`";
}

class Page {
 public:
  void section(const Type& type, const std::string& path, const Shown& defaults) {
    const Shape shape = type.shape();
    for (std::size_t i = 0; i < shape.field_count; ++i) {
      row(shape.fields[i], path + std::string(shape.fields[i].name), defaults);
    }
  }

  void row(const Field& field, const std::string& path, const Shown& defaults) {
    const bool not_yet = field.availability == Availability::NotYet;
    const Shown* shown = defaults.find(field.name);
    text_ += "| `" + path + "` | " + escaped(field.type->shape().words) + " | ";
    if (field.need == Need::Required) {
      text_ += "required";
    } else if (!field.default_words.empty()) {
      text_ += escaped(field.default_words);
    } else if (!not_yet) {
      text_ += default_text(shown);
    }
    text_ += std::string(" | ") + (not_yet ? "*not yet*: " : "") + escaped(field.doc) + " |\n";
    if (!not_yet) inside(*field.type, path, shown);
  }

  // What can be written below a key.
  void inside(const Type& type, const std::string& path, const Shown* defaults) {
    const Shape shape = type.shape();
    switch (shape.kind) {
      case Shape::Kind::Scalar:
      case Shape::Kind::Any:
        break;
      case Shape::Kind::List:
        inside(*shape.element, path + "[]", nullptr);
        break;
      case Shape::Kind::Map:
        inside(*shape.element, path + ".NAME", nullptr);
        break;
      case Shape::Kind::Section: {
        const auto own = defaults ? *defaults : type.show_default();
        // An absent section shows what its keys would be if only some are written.
        section(type, path + ".", own.kind == Shown::Kind::Absent ? type.show_default() : own);
        break;
      }
      case Shape::Kind::Either:
        for (const Type* form : shape.either) {
          if (shape.mapping_not_yet.empty()) inside(*form, path, nullptr);
        }
        break;
    }
  }

  void heading(const Field& field) {
    text_ += "\n## " + std::string(field.name) + "\n\n";
    text_ += "| key | expects | default | meaning |\n| --- | --- | --- | --- |\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_{kHead};
};

void collect(const Type& type, const std::string& path, std::vector<NotYet>& found) {
  const Shape shape = type.shape();
  for (const Word& choice : shape.choices) {
    if (choice.availability == Availability::NotYet)
      found.push_back({path, std::string(choice.word)});
  }
  if (shape.kind == Shape::Kind::List) collect(*shape.element, path + "[]", found);
  if (shape.kind == Shape::Kind::Map) collect(*shape.element, path + ".*", found);
  for (std::size_t i = 0; i < shape.field_count; ++i) {
    const Field& field = shape.fields[i];
    const auto inner = path + (path.empty() ? "" : ".") + std::string(field.name);
    if (field.availability == Availability::NotYet) {
      found.push_back({inner, ""});
    } else {
      collect(*field.type, inner, found);
    }
  }
  if (!shape.mapping_not_yet.empty()) {
    found.push_back({path, std::string(shape.mapping_not_yet)});
    return;
  }
  for (const Type* form : shape.either) collect(*form, path, found);
}

}  // namespace

std::string reference_markdown() {
  Page page;
  const Shown defaults = kConfigSection.show_default();
  for (const Field& field : config_fields()) {
    page.heading(field);
    page.row(field, std::string(field.name), defaults);
  }
  return page.take();
}

std::vector<NotYet> not_in_this_build() {
  std::vector<NotYet> found;
  collect(kConfigSection, "", found);
  return found;
}

}  // namespace sluice::config
