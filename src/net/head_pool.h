// Parsed heads are a few kilobytes and live only until the request went upstream: each thread keeps
// some.
#pragma once

#include "net/http1/head.h"

#include <memory>

namespace sluice::net {

struct HeadReturn {
  void operator()(http1::RequestHead* head) const noexcept;
};
using HeadPtr = std::unique_ptr<http1::RequestHead, HeadReturn>;

HeadPtr take_head();

}  // namespace sluice::net
