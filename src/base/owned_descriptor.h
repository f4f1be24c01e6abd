// A descriptor that is closed with its owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace sluice::base {

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int number) : number_(number) {}
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  ~OwnedDescriptor() { close(); }

  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }
  // False: what was written may be lost.
  bool close() {
    const int closed = std::exchange(number_, -1);
    return closed < 0 || ::close(closed) == 0;
  }

 private:
  int number_;
};

}  // namespace sluice::base
