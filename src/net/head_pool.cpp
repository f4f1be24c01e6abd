#include "net/head_pool.h"

#include <vector>

namespace sluice::net {
namespace {

constexpr std::size_t kKept = 64;

thread_local std::vector<std::unique_ptr<http1::RequestHead>> kept;

}  // namespace

HeadPtr take_head() {
  if (kept.empty()) return HeadPtr(new http1::RequestHead);
  HeadPtr head(kept.back().release());
  kept.pop_back();
  return head;
}

void HeadReturn::operator()(http1::RequestHead* head) const noexcept {
  std::unique_ptr<http1::RequestHead> owned(head);
  if (kept.size() < kKept) kept.push_back(std::move(owned));
}

}  // namespace sluice::net
