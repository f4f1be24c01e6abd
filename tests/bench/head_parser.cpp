// What reading and writing one head costs.
#include "base/sse.h"
#include "net/http1/chunk.h"
#include "net/http1/head.h"
#include "net/http1/head_writer.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::net::http1 {
namespace {

// What the Python SDK of OpenAI sends: 16 fields, about 600 bytes.
constexpr std::string_view kSdkRequest =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: gateway.internal.example:8080\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Connection: keep-alive\r\n"
    "Accept: application/json\r\n"
    "Content-Type: application/json\r\n"
    "User-Agent: OpenAI/Python 1.109.1\r\n"
    "X-Stainless-Lang: python\r\n"
    "X-Stainless-Package-Version: 1.109.1\r\n"
    "X-Stainless-OS: Linux\r\n"
    "X-Stainless-Arch: x64\r\n"
    "X-Stainless-Runtime: CPython\r\n"
    "X-Stainless-Runtime-Version: 3.11.2\r\n"
    "Authorization: Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
    "X-Stainless-Retry-Count: 0\r\n"
    "x-stainless-read-timeout: 600\r\n"
    "Content-Length: 1234\r\n"
    "\r\n";

// Twelve fields, about 600 bytes.
constexpr std::string_view kPlainRequest =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: gateway.internal.example:8080\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
    "Accept: text/event-stream, application/json\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Connection: keep-alive\r\n"
    "Content-Type: application/json\r\n"
    "Authorization: Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
    "X-Request-Id: 0191e0c7-7a4c-7d52-9d3e-1c1a2b3c4d5e\r\n"
    "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
    "OpenAI-Organization: org-0123456789\r\n"
    "Idempotency-Key: 5f1d7a84-6a0e-4c55-8a2e-5f3a6e7f1b11\r\n"
    "Content-Length: 1234\r\n"
    "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "Date: Mon, 02 Nov 2026 10:00:00 GMT\r\n"
    "Content-Type: text/event-stream; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n"
    "openai-organization: org-0123456789\r\n"
    "openai-processing-ms: 223\r\n"
    "openai-version: 2020-10-01\r\n"
    "x-ratelimit-limit-requests: 10000\r\n"
    "x-ratelimit-limit-tokens: 30000000\r\n"
    "x-ratelimit-remaining-requests: 9999\r\n"
    "x-ratelimit-remaining-tokens: 29999976\r\n"
    "x-ratelimit-reset-requests: 6ms\r\n"
    "x-ratelimit-reset-tokens: 0s\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\n"
    "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"
    "cf-cache-status: DYNAMIC\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Server: cloudflare\r\n"
    "CF-RAY: 0123456789abcdef-FRA\r\n"
    "alt-svc: h3=\":443\"; ma=86400\r\n"
    "\r\n";

void parse_request(benchmark::State& state, std::string_view text) {
  RequestHead head;
  HeadError error;
  for (auto _ : state) {
    std::size_t scanned = 0;
    if (parse_request_head(text, {}, head, error, scanned) != HeadState::Complete) std::abort();
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(parse_request, twelve_fields, kPlainRequest);
BENCHMARK_CAPTURE(parse_request, openai_sdk, kSdkRequest);

void parse_request_byte_by_byte(benchmark::State& state) {
  RequestHead head;
  HeadError error;
  for (auto _ : state) {
    std::size_t scanned = 0;
    for (std::size_t size = 1; size <= kPlainRequest.size(); ++size) {
      parse_request_head(kPlainRequest.substr(0, size), {}, head, error, scanned);
    }
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(parse_request_byte_by_byte);

void parse_response(benchmark::State& state) {
  ResponseHead head;
  HeadError error;
  for (auto _ : state) {
    std::size_t scanned = 0;
    if (parse_response_head(kResponse, {}, head, error, scanned) != HeadState::Complete) {
      std::abort();
    }
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kResponse.size()));
}
BENCHMARK(parse_response);

void write_request(benchmark::State& state) {
  std::array<char, 1024> buffer;
  for (auto _ : state) {
    HeadWriter writer(buffer);
    writer.request_line(Method::Post, "/v1/chat/completions");
    writer.field(HeaderId::Host, "api.openai.com");
    writer.field(HeaderId::ContentType, "application/json");
    writer.field(HeaderId::Accept, "application/json");
    writer.field(HeaderId::AcceptEncoding, "identity");
    writer.field(HeaderId::Authorization,
                 "Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef");
    writer.field(HeaderId::ContentLength, std::uint64_t{1234});
    writer.end();
    benchmark::DoNotOptimize(writer.view());
  }
}
BENCHMARK(write_request);

// Twenty frames of a chat stream, as one read brings them.
std::string chat_frames() {
  std::string frames;
  for (int i = 0; i < 20; ++i) {
    frames +=
        "data: {\"id\":\"chatcmpl-0123456789\",\"object\":\"chat.completion.chunk\",\"created\":"
        "1761000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\","
        "\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\" token\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";
  }
  return frames;
}

void decode_chunks(benchmark::State& state) {
  const auto frame = chat_frames().substr(0, 290);
  std::string body;
  for (int i = 0; i < 20; ++i) {
    std::array<char, kMaxChunkHead> head;
    body.append(head.data(), write_chunk_head(head.data(), frame.size()));
    body += frame;
    body += kChunkEnd;
  }
  body += kLastChunk;
  for (auto _ : state) {
    ChunkDecoder decoder;
    std::string_view input = body;
    while (decoder.next(input).kind == ChunkStep::Kind::Data) {
    }
    if (!decoder.done()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 20);
}
BENCHMARK(decode_chunks);

void split_frames(benchmark::State& state) {
  const auto frames = chat_frames();
  for (auto _ : state) {
    sse::Splitter splitter(1 << 20);
    std::string_view input = frames;
    sse::Frame frame;
    while (splitter.next(input, frame) == sse::Splitter::Step::Frame) {
      benchmark::DoNotOptimize(frame);
    }
    if (!input.empty()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 20);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frames.size()));
}
BENCHMARK(split_frames);

}  // namespace
}  // namespace sluice::net::http1

BENCHMARK_MAIN();
