#include "base/text.h"
#include "config/node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace sluice::config {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::uint32_t kMaxWeight = 200'000;
constexpr std::size_t kFewEntries = 12;

// Ends the parse. yaml-cpp lets what its handlers throw pass through.
struct Stop {
  Position at;
  std::string message;
};

Position position_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* start = const_cast<char*>(text.data());  // Only read from.
    setg(start, start, start + text.size());
  }
};

// yaml-cpp guesses UTF-16 and UTF-32 and passes broken UTF-8 on: so it only sees what is clean.
std::optional<Position> first_bad_byte(std::string_view text) {
  Position at;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      at = {at.line + 1, 1};
      ++i;
      continue;
    }
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7f;
    const auto length = byte < 0x80 ? 1 : text::utf8_sequence(text, i);
    if (control || length == 0) return at;
    at.column += static_cast<int>(length);
    i += length;
  }
  return std::nullopt;
}

}  // namespace

class DocumentBuilder final : public YAML::EventHandler {
 public:
  DocumentBuilder(Document& document, Findings& findings)
      : document_(document), findings_(findings) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (document_.root_)
      throw Stop{position_of(mark), "a second document; expected only one in the file"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Position at = awaits_value() ? open_.back().key_at : position_of(mark);
    place(create(Node::Kind::Null, at, anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{position_of(mark), path() + "an alias inside the value that it names"};
    }
    if (awaits_key()) throw Stop{position_of(mark), path() + "expected a key, not an alias"};
    place(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Position at = position_of(mark);
    const bool quoted = tag == "!";
    if (!quoted) refuse_tag(tag, at);
    if (awaits_key()) return take_key(value, quoted, at);
    Node* node = create(Node::Kind::Scalar, at, anchor);
    node->quoted = quoted;
    node->text = document_.texts_->keep(value);
    place(node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::List, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::Map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node* node;
    YAML::anchor_t anchor;
    bool has_key = false;
    bool doubled = false;  // The pending key stood here before: its value is read and left out.
    std::string_view key;
    Position key_at;
    std::unordered_set<std::string_view> keys;  // Only once there are many.
  };

  bool awaits_key() const {
    return !open_.empty() && open_.back().node->kind == Node::Kind::Map && !open_.back().has_key;
  }
  bool awaits_value() const { return !open_.empty() && open_.back().has_key; }

  // "providers.openai: ", where the parse stands; empty at the top.
  std::string path() const {
    std::string joined;
    for (const Open& level : open_) {
      if (level.node->kind == Node::Kind::List) {
        joined += "[" + std::to_string(level.node->entries.size()) + "]";
      } else if (level.has_key) {
        if (!joined.empty()) joined += ".";
        joined += level.key;
      }
    }
    if (!joined.empty()) joined += ": ";
    return joined;
  }

  void refuse_tag(const std::string& tag, Position at) const {
    if (tag.empty() || tag == "?") return;
    throw Stop{at, path() + "tags (!…) are not read here"};
  }

  Node* create(Node::Kind kind, Position at, YAML::anchor_t anchor) {
    if (awaits_key()) throw Stop{at, path() + "expected a key that is one line of text"};
    if (document_.nodes_.size() >= kMaxWeight) throw Stop{at, "too many values in one file"};
    Node& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.at = at;
    if (anchor && kind <= Node::Kind::Scalar) anchors_[anchor] = &node;
    return &node;
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    const Position at = position_of(mark);
    refuse_tag(tag, at);
    if (open_.size() >= kMaxDepth) throw Stop{at, "more than 32 levels deep"};
    open_.push_back(
        {.node = create(kind, at, anchor), .anchor = anchor, .key = {}, .key_at = {}, .keys = {}});
  }

  void close() {
    const Open closed = std::move(open_.back());
    open_.pop_back();
    // Known only from here on: so an alias cannot name what it stands in.
    if (closed.anchor) anchors_[closed.anchor] = closed.node;
    place(closed.node);
  }

  void take_key(const std::string& key, bool quoted, Position at) {
    constexpr std::size_t kLongestKey = 255;
    if (key.size() > kLongestKey) throw Stop{at, path() + "a key of more than 255 bytes"};
    Open& level = open_.back();
    if (key == "<<" && !quoted) {
      throw Stop{
          at, path() + "merge keys (<<) are not read here; name the value with an alias instead"};
    }
    level.key = document_.texts_->keep(key);
    level.key_at = at;
    level.has_key = true;
    level.doubled = false;
    if (const auto first = first_of(level)) {
      findings_.error(
          at, path() + "stands here twice; the first is on line " + std::to_string(first->line));
      level.doubled = true;
    }
  }

  // Where the pending key stood before.
  static std::optional<Position> first_of(Open& level) {
    const auto& entries = level.node->entries;
    if (entries.size() >= kFewEntries) {
      if (level.keys.empty()) {
        for (const auto& entry : entries) level.keys.insert(entry.key);
      }
      if (level.keys.insert(level.key).second) return std::nullopt;
    }
    const auto* first = level.node->find_entry(level.key);
    return first ? std::optional(first->key_at) : std::nullopt;
  }

  void place(const Node* value) {
    if (open_.empty()) {
      document_.root_ = value;
      return;
    }
    Open& level = open_.back();
    level.node->weight += value->weight;
    if (level.node->weight > kMaxWeight) {
      throw Stop{value->at, path() + "aliases write out to too many values"};
    }
    if (!level.doubled) level.node->entries.push_back({level.key, level.key_at, value});
    level.has_key = false;
  }

  Document& document_;
  Findings& findings_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, const Node*> anchors_;
};

const Node::Entry* Node::find_entry(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Entry* entry = kind == Kind::Map ? find_entry(key) : nullptr;
  return entry ? entry->value : nullptr;
}

std::optional<Document> Document::parse(std::string_view text, Findings& findings) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const auto bad = first_bad_byte(text)) {
    findings.error(*bad, "not text: expected UTF-8 without control characters");
    return std::nullopt;
  }
  Document document;
  DocumentBuilder builder(document, findings);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stop) {
    findings.error(stop.at, stop.message);
    return std::nullopt;
  } catch (const YAML::Exception& problem) {
    findings.error(position_of(problem.mark), "not valid YAML: " + problem.msg);
    return std::nullopt;
  } catch (const std::exception&) {
    findings.error({}, "not valid YAML");
    return std::nullopt;
  }
  if (!document.root_ || document.root_->kind == Node::Kind::Null) {
    // A file cut short by a writer looks like this, too.
    findings.error({}, "the file is empty; expected settings");
    return std::nullopt;
  }
  return document;
}

}  // namespace sluice::config
