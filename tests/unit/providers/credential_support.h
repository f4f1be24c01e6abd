// Whom credentials ask, and what they read, as the test says.
#pragma once

#include "net/loop.h"
#include "providers/credentials/bearer_token.h"
#include "support/fake_clock.h"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::providers {

using std::chrono::minutes;
using std::chrono::seconds;

// Answers one after the other, and keeps what it was asked.
class FakeFetch final : public Fetch {
 public:
  Task<Result<FetchReply>> fetch(FetchRequest request, Instant) override {
    requests.push_back(std::move(request));
    if (held) co_await Gate{*this};
    if (replies.empty()) {
      co_return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                              .code = "upstream_error",
                              .message = "no connection"});
    }
    FetchReply reply = std::move(replies.front());
    replies.pop_front();
    co_return reply;
  }

  void release() {
    held = false;
    for (const auto waiting : std::exchange(waiting_, {})) waiting.resume();
  }

  std::vector<FetchRequest> requests;
  std::deque<FetchReply> replies;
  bool held = false;  // Answers wait for release().

 private:
  struct Gate {
    FakeFetch& owner;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) const { owner.waiting_.push_back(caller); }
    void await_resume() const noexcept {}
  };
  std::vector<std::coroutine_handle<>> waiting_;
};

class FakeEnvironment final : public config::Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  }
  Result<std::string> file(const std::string& path) const override {
    const auto at = files.find(path);
    if (at == files.end()) return fail(ErrorKind::NotFound, "not_found", "cannot read it: gone");
    return at->second;
  }
  Result<std::vector<std::string>> folder(const std::string&) const override {
    return fail(ErrorKind::NotFound, "not_found", "there are no folders here");
  }

  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
};

// What signing added to a request, or the words of its failure.
struct Signed {
  std::map<std::string, std::string> fields;
  std::string code;
  std::string words;  // Of everything that anybody may read.
};

class CredentialScene {
 public:
  ~CredentialScene() { loop.abandon_all(); }

  CredentialGround ground() {
    return {
        .loop = loop, .clock = clock, .fetch = fetch, .environment = environment, .shelf = shelf};
  }

  Task<void> sign_into(const Credential& credential, Instant deadline, std::string path,
                       std::string body, std::optional<Signed>& out) {
    Arena arena;
    Arena draft;
    Context context(arena, draft, clock);
    context.deadline = deadline;
    const std::string_view piece = body;
    UpstreamRequest request{
        .path = path, .fields = FieldList(draft, 4), .pieces = {&piece, 1}, .size = body.size()};
    request.fields.add("content-type", "application/json");
    auto result = co_await credential.sign(context, request);
    Signed seen;
    if (!result) {
      seen.code = result.error()->code;
      seen.words = result.error()->message + "|" + result.error()->detail;
    }
    for (const Field& field : request.fields.all()) {
      seen.fields.emplace(field.name, field.value);
    }
    out = std::move(seen);
  }

  Signed sign(const Credential& credential, std::string path = "/x", std::string body = "{}") {
    std::optional<Signed> out;
    loop.spawn(sign_into(credential, kNever, std::move(path), std::move(body), out));
    while (!out) loop.run_once(std::chrono::milliseconds(50));
    return *out;
  }

  std::string authorization(const Credential& credential) {
    Signed seen = sign(credential);
    return seen.code.empty() ? seen.fields["authorization"] : seen.code;
  }

  net::Loop loop;
  FakeClock clock;
  std::shared_ptr<FakeFetch> fetch = std::make_shared<FakeFetch>();
  std::shared_ptr<FakeEnvironment> environment = std::make_shared<FakeEnvironment>();
  std::shared_ptr<GrantShelf> shelf = std::make_shared<GrantShelf>();
};

inline FetchReply token_reply(const std::string& token, int lifetime = 3600) {
  return {.status = 200,
          .body = R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(lifetime) +
                  R"(,"token_type":"Bearer"})"};
}

// The value of one field of a form, unescaped.
inline std::string form_field(const std::string& body, const std::string& name) {
  const std::string all = "&" + body;
  const auto at = all.find("&" + name + "=");
  if (at == std::string::npos) return "(absent)";
  const auto from = at + name.size() + 2;
  std::string value;
  for (std::size_t i = from; i < all.size() && all[i] != '&'; ++i) {
    if (all[i] == '%') {
      value += static_cast<char>(std::stoi(all.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      value += all[i];
    }
  }
  return value;
}

}  // namespace sluice::providers
