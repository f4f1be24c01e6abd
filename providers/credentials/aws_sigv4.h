// AWS Signature Version 4, for services that are signed as all but S3 are.
//
//   request = method LF path LF query LF *(name ":" value LF) LF names LF hex(sha256(body))
//   text    = "AWS4-HMAC-SHA256" LF date LF scope LF hex(sha256(request))
//   scope   = day "/" region "/" service "/aws4_request"
//
// The path is escaped once more than it is sent; so what has no escapes is signed escaped, and what
// is sent as %3A is signed as %253A.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "providers/credentials/digests.h"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace sluice::providers {

struct AwsKeys {
  std::string_view access_key;
  std::string_view secret_key;
};

// The key of one day.
Sha256Digest aws_signing_key(std::string_view secret_key, std::string_view day,
                             std::string_view region, std::string_view service);

// "20150830T123600Z"; a year has four digits.
std::string_view aws_date(std::chrono::system_clock::time_point wall, Arena& arena);

struct AwsMessage {
  std::string_view method;
  std::string_view target;               // Path and query, as they are sent.
  std::span<const Field> signed_fields;  // With `host` and `x-amz-date`; in any order and case.
  std::string_view date;                 // Of aws_date().
  std::string_view body_digest;          // In hex.
};

// Remembers the key of the day: not for several threads.
class AwsSigner {
 public:
  AwsSigner(std::string region, std::string service)
      : region_(std::move(region)), service_(std::move(service)) {}

  // The value of the Authorization header, in the arena.
  std::string_view authorization(const AwsKeys& keys, const AwsMessage& message, Arena& arena);

 private:
  const Sha256Digest& key_of(std::string_view secret_key, std::string_view day);

  std::string region_;
  std::string service_;
  std::string day_;
  std::string secret_key_;
  Sha256Digest key_{};
};

}  // namespace sluice::providers
