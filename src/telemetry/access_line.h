// An access record as a line of text.
#pragma once

#include "base/log.h"
#include "telemetry/access_record.h"

#include <cstddef>
#include <cstdint>

namespace sluice::telemetry {

// No line is longer: every byte of every text may become six.
inline constexpr std::size_t kLongestLine =
    (kAccessTexts.size() + 3 * AccessRecord::kMostAttempts) * AccessRecord::kLongestText * 6 + 2048;

// Bytes that the writer needs at most for the record's line.
std::size_t room_for(const AccessRecord& record);

// Remembers the second it wrote last: most lines share it.
class AccessLineWriter {
 public:
  // Writes the line with its line feed at `at`, where room_for() it is free; returns its end. Only
  // odd texts (what JSON escapes, the detail of an error) make it allocate.
  char* write(const AccessRecord& record, log::Format format, char* at);

 private:
  char* write_json(const AccessRecord& record, char* at);
  char* write_text(const AccessRecord& record, char* at);
  char* write_time(std::chrono::system_clock::time_point time, char* at);

  static constexpr std::size_t kSecondSize = sizeof "2000-01-01T00:00:00" - 1;
  std::int64_t second_ = -1;
  char second_text_[kSecondSize + 1] = {};
};

}  // namespace sluice::telemetry
