// Heads: what is read in pieces is what is read whole, and what is taken is what the rules allow.
#include "net/http1/grammar.h"
#include "net/http1/head.h"
#include "net/http1/head_writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::net::http1 {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool within(std::string_view view, std::string_view text) {
  return view.empty() ||
         (view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size());
}

bool same(const HeaderTable& a, const HeaderTable& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].name != b[i].name || a[i].value != b[i].value || a[i].id != b[i].id) return false;
  }
  return true;
}

void check_fields(const HeaderTable& fields, std::string_view text) {
  std::vector<char> buffer(text.size() + 256);
  for (const auto field : fields) {
    require(within(field.name, text) && within(field.value, text));
    require(valid_field_name(field.name) && valid_field_value(field.value));
    require(trim(field.value) == field.value);
    require(header_id(field.name) == field.id);
    require(fields.find(field.name).has_value());
    HeadWriter writer(buffer);
    writer.field(field.name, field.value);
    require(!writer.overflow() && !writer.refused());
  }
}

template <class Head>
bool same_framing(const Head& a, const Head& b) {
  return a.size == b.size && a.minor_version == b.minor_version && a.chunked == b.chunked &&
         a.content_length == b.content_length && a.keep_alive == b.keep_alive &&
         same(a.fields, b.fields);
}

void check(const RequestHead& head, std::string_view text) {
  require(valid_target(head.target) && within(head.target, text));
  require(method_name(head.method) == head.method_text);
  require(!head.chunked || (!head.content_length && head.minor_version == 1));
  require(head.fields.count(HeaderId::Host) <= 1 &&
          head.fields.count(HeaderId::ContentLength) <= 1);
}

void check(const ResponseHead& head, std::string_view text) {
  require(head.status >= 100 && head.status <= 599);
  require(valid_field_value(head.reason) && within(head.reason, text));
  require(!head.chunked || !head.content_length);
}

template <class Head, class Parse>
void try_both_ways(std::string_view text, std::uint32_t seed, const HeadLimits& limits,
                   Parse parse) {
  Head whole;
  HeadError error;
  std::size_t scanned = 0;
  const auto state = parse(text, limits, whole, error, scanned);
  if (state == HeadState::Complete) {
    require(whole.size <= text.size() && whole.size <= limits.max_head);
    check_fields(whole.fields, text);
    check(whole, text);
  } else if (state == HeadState::Failed) {
    require(error.status >= 400 && error.status < 600 && !error.code.empty());
  }

  Head grown;
  auto step = HeadState::Incomplete;
  scanned = 0;
  std::string moving;
  for (std::size_t size = 0; size < text.size() && step == HeadState::Incomplete;) {
    seed = seed * 1664525U + 1013904223U;
    size = std::min<std::size_t>(text.size(), size + 1 + (seed >> 24U) % 90);
    moving = std::string(text.substr(0, size));
    step = parse(moving, limits, grown, error, scanned);
  }
  if (step == HeadState::Incomplete && state == HeadState::Failed) {
    // A bad line further down may go unnoticed until the head ends, but no longer.
    moving = std::string(text) + "\r\n\r\n";
    step = parse(moving, limits, grown, error, scanned);
  }
  require(step == state);
  if (state == HeadState::Complete) require(same_framing(whole, grown));
}

}  // namespace
}  // namespace sluice::net::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::net::http1;
  if (size < 2) return 0;
  // The first byte seeds where the rest is cut; the second chooses small limits now and then.
  HeadLimits limits;
  if (data[1] % 4 == 1) {
    limits = {.max_head = 300, .max_line = 60, .max_target = 80, .max_fields = 4};
  }
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  try_both_ways<RequestHead>(text, data[0], limits, parse_request_head);
  try_both_ways<ResponseHead>(text, data[0], limits, parse_response_head);
  return 0;
}
