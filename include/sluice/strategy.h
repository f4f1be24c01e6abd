// Which of the candidates is asked. Pure: the same candidates and dice give the same pick.
#pragma once

#include "sluice/request.h"

#include <optional>
#include <span>

namespace sluice {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual std::optional<std::size_t> pick(const Request& request,
                                          std::span<const Candidate> candidates,
                                          Random& random) const = 0;
};

}  // namespace sluice
