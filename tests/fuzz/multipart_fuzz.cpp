// Multipart bodies: cuts change nothing, no content is invented, and what is written by the book is
// read back.
#include "dialect/multipart.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::dialect {
namespace {

using Kind = MultipartStep::Kind;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::string story;  // Every step but for the cuts of the content.
  std::size_t content = 0;
  bool failed = false;
  bool done = false;
  bool operator==(const Read&) const = default;
};

template <class NextSize>
Read read(std::string_view body, std::string_view boundary, NextSize next_size) {
  MultipartReader reader(boundary);
  Read result;
  while (!body.empty() && !result.failed) {
    std::string_view input = body.substr(0, next_size());
    body.remove_prefix(input.size());
    for (bool more = true; more;) {
      const std::size_t before = input.size();
      const MultipartStep step = reader.next(input);
      require(input.size() <= before);
      switch (step.kind) {
        case Kind::NeedMore:
          require(input.empty());
          more = false;
          break;
        case Kind::Part:
          result.story += step.file ? "\nF" : "\nP";
          result.story += step.data;
          result.story += '\n';
          break;
        case Kind::Data:
          require(!step.data.empty());
          result.story += step.data;
          result.content += step.data.size();
          break;
        case Kind::PartEnd:
          result.story += "\nE";
          break;
        case Kind::End:
          result.story += "\n.";
          break;
        case Kind::Error:
          result.failed = true;
          more = false;
          break;
      }
    }
  }
  result.done = reader.done();
  return result;
}

}  // namespace
}  // namespace sluice::dialect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::dialect;
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto in_pieces = [&] {
    seed = seed * 1664525U + 1013904223U;
    return std::size_t{1} + (seed >> 24U) % 20;
  };

  // A content type in the first line, or the boundary of the seeds.
  const std::size_t line = text.find('\n');
  const auto given = multipart_boundary(text.substr(0, line));
  const std::string_view boundary = given.value_or("XX");
  const std::string_view body =
      given && line != std::string_view::npos ? text.substr(line + 1) : text;
  require(!boundary.empty() && boundary.size() <= 70);

  const Read whole = read(body, boundary, [] { return SIZE_MAX; });
  require(whole.content <= body.size());
  require(read(body, boundary, [] { return std::size_t{1}; }) == whole);
  require(read(body, boundary, in_pieces) == whole);

  // The same bytes as a file's content, unless they hold the boundary.
  const std::string inner = "\r\n" + std::string(text);
  if (inner.find("\r\n--XX") != std::string::npos) return 0;
  std::string form = "--XX\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n";
  form += text;
  form += "\r\n--XX--\r\n";
  const Read back = read(form, "XX", in_pieces);
  require(!back.failed && back.done);
  require(back.story == "\nFf\n" + std::string(text) + "\nE\n.");
  return 0;
}
