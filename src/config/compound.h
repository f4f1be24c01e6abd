// Types made of others: lists, mappings, sections, and values that may be written in several forms.
#pragma once

#include "config/type.h"

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

template <class T>
class ListOf final : public Of<std::vector<T>> {
 public:
  constexpr ListOf(std::string_view words, const Of<T>& element, std::size_t least = 0)
      : words_(words), element_(element), least_(least) {}

  void read_value(Reader& reader, const Node& node, std::vector<T>& into) const override {
    if (node.kind != Node::Kind::List) return reader.expected(node, words_);
    if (node.entries.size() < least_) {
      return reader.error(node, "expected " + std::string(words_) + ", not an empty list");
    }
    into.clear();
    into.reserve(node.entries.size());
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      Reader::Step step(reader, i);
      element_.read_value(reader, *node.entries[i].value, into.emplace_back());
    }
  }
  Shown show_value(const std::vector<T>& value, Secrets secrets) const override {
    Shown shown{.kind = Shown::Kind::List};
    shown.items.reserve(value.size());
    for (const T& each : value) shown.add("", element_.show_value(each, secrets));
    return shown;
  }
  Shape shape() const override {
    return {.kind = Shape::Kind::List, .words = words_, .element = &element_};
  }

 private:
  std::string_view words_;
  const Of<T>& element_;
  std::size_t least_;
};

// A mapping from names to T, which has a member `name`. What else T has is read by `element`.
template <class T>
class MapOf final : public Of<std::vector<T>> {
 public:
  // The name as it is kept, or nullopt: the finding was told.
  using Name = std::optional<std::string> (*)(Reader&, const Node::Entry&);

  constexpr MapOf(std::string_view words, Name name, const Of<T>& element)
      : words_(words), name_(name), element_(element) {}

  void read_value(Reader& reader, const Node& node, std::vector<T>& into) const override {
    if (node.kind != Node::Kind::Map) return reader.expected(node, words_);
    into.clear();
    into.reserve(node.entries.size());
    for (const auto& entry : node.entries) {
      Reader::Step step(reader, entry.key);
      T& added = into.emplace_back();
      if (auto name = name_(reader, entry)) added.name = *std::move(name);
      element_.read_value(reader, *entry.value, added);
    }
  }
  Shown show_value(const std::vector<T>& value, Secrets secrets) const override {
    Shown shown{.kind = Shown::Kind::Map};
    shown.items.reserve(value.size());
    for (const T& each : value) {
      shown.add(each.name, element_.show_value(each, secrets));
    }
    return shown;
  }
  Shape shape() const override {
    return {.kind = Shape::Kind::Map, .words = words_, .element = &element_};
  }

 private:
  std::string_view words_;
  Name name_;
  const Of<T>& element_;
};

// A list, a mapping and a value of any type that are only checked.
class UnkeptList final : public Of<Unkept> {
 public:
  constexpr UnkeptList(std::string_view words, const Type& element)
      : words_(words), element_(element) {}

  void read_value(Reader& reader, const Node& node, Unkept&) const override;
  Shown show_value(const Unkept&, Secrets) const override { return {}; }
  Shape shape() const override {
    return {.kind = Shape::Kind::List, .words = words_, .element = &element_};
  }

 private:
  std::string_view words_;
  const Type& element_;
};

class UnkeptMap final : public Of<Unkept> {
 public:
  constexpr UnkeptMap(std::string_view words, const Type& element)
      : words_(words), element_(element) {}

  void read_value(Reader& reader, const Node& node, Unkept&) const override;
  Shown show_value(const Unkept&, Secrets) const override { return {}; }
  Shape shape() const override {
    return {.kind = Shape::Kind::Map, .words = words_, .element = &element_};
  }

 private:
  std::string_view words_;
  const Type& element_;
};

void read_section(Reader& reader, const Node& node, std::span<const Field> fields, void* into,
                  std::string_view words);
Shown show_section(std::span<const Field> fields, const void* value, Secrets secrets);

// A mapping with keys of its own. `settle` checks what several of them say together.
template <class T>
class Section final : public Of<T> {
 public:
  using Settle = void (*)(Reader&, const Node&, T&);

  explicit constexpr Section(std::span<const Field> fields, Settle settle = nullptr,
                             std::string_view words = "a mapping")
      : fields_(fields), settle_(settle), words_(words) {}

  void read_value(Reader& reader, const Node& node, T& into) const override {
    read_section(reader, node, fields_, &into, words_);
    if (settle_ && node.kind == Node::Kind::Map) settle_(reader, node, into);
  }
  Shown show_value(const T& value, Secrets secrets) const override {
    return show_section(fields_, &value, secrets);
  }
  Shape shape() const override {
    return {.kind = Shape::Kind::Section,
            .words = words_,
            .fields = fields_.data(),
            .field_count = fields_.size()};
  }

 private:
  std::span<const Field> fields_;
  Settle settle_;
  std::string_view words_;
};

// Absent unless it is written.
template <class T>
class MaybeOf final : public Of<std::optional<T>> {
 public:
  explicit constexpr MaybeOf(const Of<T>& inner) : inner_(inner) {}

  void read_value(Reader& reader, const Node& node, std::optional<T>& into) const override {
    inner_.read_value(reader, node, into.emplace());
  }
  Shown show_value(const std::optional<T>& value, Secrets secrets) const override {
    return value ? inner_.show_value(*value, secrets) : Shown{};
  }
  // What it would be if it were there.
  Shown show_default() const override { return inner_.show_default(); }
  Shape shape() const override { return inner_.shape(); }

 private:
  const Of<T>& inner_;
};

template <auto Member>
struct MemberPointer;
template <class S, class M, M S::* Member>
struct MemberPointer<Member> {
  using Struct = S;
  using Value = M;
};

// A struct that is written as one of its members alone.
template <auto Member>
class Through final : public Of<typename MemberPointer<Member>::Struct> {
  using Struct = typename MemberPointer<Member>::Struct;

 public:
  explicit constexpr Through(const Of<typename MemberPointer<Member>::Value>& inner)
      : inner_(inner) {}

  void read_value(Reader& reader, const Node& node, Struct& into) const override {
    inner_.read_value(reader, node, into.*Member);
  }
  Shown show_value(const Struct& value, Secrets secrets) const override {
    return inner_.show_value(value.*Member, secrets);
  }
  Shape shape() const override { return inner_.shape(); }

 private:
  const Of<typename MemberPointer<Member>::Value>& inner_;
};

// A value whose form in the file decides how it is read.
template <class T>
struct Forms {
  const Of<T>* scalar = nullptr;
  const Of<T>* list = nullptr;
  const Of<T>* map = nullptr;
  std::string_view mapping_not_yet{};  // Its name, when this build only checks the mapping.
};

template <class T>
class Either final : public Of<T> {
 public:
  using ShownAs = const Of<T>* (*)(const T&);

  constexpr Either(std::string_view words, Forms<T> forms, ShownAs shown_as)
      : words_(words), forms_(forms), shown_as_(shown_as) {}

  void read_value(Reader& reader, const Node& node, T& into) const override {
    if (node.kind == Node::Kind::Scalar && forms_.scalar) {
      return forms_.scalar->read_value(reader, node, into);
    }
    if (node.kind == Node::Kind::List && forms_.list) {
      return forms_.list->read_value(reader, node, into);
    }
    if (node.kind != Node::Kind::Map || !forms_.map) return reader.expected(node, words_);
    if (!forms_.mapping_not_yet.empty()) {
      reader.error(node, std::string(forms_.mapping_not_yet) + " is not in this build yet");
    }
    forms_.map->read_value(reader, node, into);
  }
  Shown show_value(const T& value, Secrets secrets) const override {
    const Of<T>* form = shown_as_ ? shown_as_(value) : nullptr;
    return form ? form->show_value(value, secrets) : Shown{};
  }
  Shape shape() const override {
    Shape shape{.kind = Shape::Kind::Either, .words = words_};
    for (const Of<T>* form : {forms_.scalar, forms_.list, forms_.map}) {
      if (form) shape.either.push_back(form);
    }
    shape.mapping_not_yet = forms_.mapping_not_yet;
    return shape;
  }

 private:
  std::string_view words_;
  Forms<T> forms_;
  ShownAs shown_as_;
};

template <auto Member>
constexpr Field field(std::string_view name, const Of<typename MemberPointer<Member>::Value>& type,
                      std::string_view doc, Need need = Need::Optional,
                      std::string_view default_words = {}) {
  using Struct = typename MemberPointer<Member>::Struct;
  void* (*member)(void*) = [](void* object) -> void* {
    return &(static_cast<Struct*>(object)->*Member);
  };
  return {.name = name,
          .doc = doc,
          .type = &type,
          .member = member,
          .need = need,
          .default_words = default_words};
}

// A key that this build knows, checks and refuses.
constexpr Field not_yet(std::string_view name, const Type& type, std::string_view doc) {
  return {.name = name, .doc = doc, .type = &type, .availability = Availability::NotYet};
}

// A key inside one that is not in this build.
constexpr Field checked(std::string_view name, const Type& type) {
  return {.name = name, .type = &type};
}

}  // namespace sluice::config
