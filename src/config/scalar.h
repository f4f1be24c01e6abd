// Types of one scalar.
#pragma once

#include "base/text.h"
#include "config/type.h"

#include <charconv>
#include <cstdint>
#include <expected>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sluice::config {

// An empty error: "expected WORDS, not …". A parse never repeats the text in its error.
template <class T>
using Parsed = std::expected<T, std::string>;

template <class T>
class Scalar final : public Of<T> {
 public:
  using Parse = Parsed<T> (*)(const ScalarText&);
  using Print = Shown (*)(const T&);

  constexpr Scalar(std::string_view words, Written written, std::string_view pattern, Parse parse,
                   Print print)
      : words_(words), written_(written), pattern_(pattern), parse_(parse), print_(print) {}

  void read_value(Reader& reader, const Node& node, T& into) const override {
    const auto text = reader.scalar(node, written_, words_);
    if (!text) return;
    auto parsed = parse_(*text);
    if (parsed) {
      into = *std::move(parsed);
    } else if (parsed.error().empty()) {
      reader.expected(node, words_);
    } else {
      reader.error(node, parsed.error());
    }
  }
  Shown show_value(const T& value, Secrets) const override { return print_(value); }
  Shape shape() const override {
    return {.words = words_, .written = written_, .pattern = pattern_};
  }

 private:
  std::string_view words_;
  Written written_;
  std::string_view pattern_;
  Parse parse_;
  Print print_;
};

template <class E>
struct Choice {
  std::string_view word;
  E value;
};

// One of a few words. Those of `not_yet` are known, but not in this build.
template <class E>
class Words final : public Of<E> {
 public:
  constexpr Words(std::string_view words, std::span<const Choice<E>> choices,
                  std::span<const std::string_view> not_yet = {})
      : words_(words), choices_(choices), not_yet_(not_yet) {}

  void read_value(Reader& reader, const Node& node, E& into) const override {
    const auto text = reader.scalar(node, kText, words_);
    if (!text) return;
    std::vector<std::string_view> names;
    for (const auto& choice : choices_) {
      if (choice.word == text->text) {
        into = choice.value;
        return;
      }
      names.push_back(choice.word);
    }
    for (const auto name : not_yet_) {
      if (name == text->text) {
        return reader.error(node, "\"" + std::string(name) + "\" is not in this build yet");
      }
      names.push_back(name);
    }
    const auto near = text::nearest(text->text, names, 1);
    auto wanted = std::string(words_);
    wanted += ", not " + describe(node);
    if (!near.empty()) wanted += "; did you mean \"" + std::string(near.front()) + "\"?";
    reader.error(node, "expected " + wanted);
  }
  Shown show_value(const E& value, Secrets) const override {
    for (const auto& choice : choices_) {
      if (choice.value == value) return Shown::quoted(std::string(choice.word));
    }
    return {};
  }
  Shape shape() const override {
    Shape shape{.words = words_};
    for (const auto& choice : choices_) shape.choices.push_back({choice.word});
    for (const auto name : not_yet_) shape.choices.push_back({name, Availability::NotYet});
    return shape;
  }

 private:
  std::string_view words_;
  std::span<const Choice<E>> choices_;
  std::span<const std::string_view> not_yet_;
};

// A whole number of a range.
template <class T>
class Whole final : public Of<T> {
 public:
  constexpr Whole(std::string_view words, T least, T most)
      : words_(words), least_(least), most_(most) {}

  void read_value(Reader& reader, const Node& node, T& into) const override {
    const auto text = reader.scalar(node, kWhole, words_);
    if (!text) return;
    const auto number = text::parse_uint(text->text);
    if (number && text->text.size() > 1 && text->text.front() == '0') {
      return reader.error(node, "expected " + std::string(words_) +
                                    ", not one with a leading zero, which some read as octal");
    }
    if (!number || *number < least_ || *number > most_) return reader.expected(node, words_);
    into = static_cast<T>(*number);
  }
  Shown show_value(const T& value, Secrets) const override {
    return Shown::plain(std::to_string(value));
  }
  Shape shape() const override {
    return {.words = words_, .written = kWhole, .least = least_, .most = most_};
  }

 private:
  std::string_view words_;
  T least_;
  T most_;
};

}  // namespace sluice::config
