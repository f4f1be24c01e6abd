// Tells systemd how we are, over the socket it names in NOTIFY_SOCKET. Without it: nothing.
#pragma once

#include <string>
#include <string_view>

namespace sluice::daemon {

class Notifier {
 public:
  Notifier();
  void ready() const { send("READY=1\nSTATUS=serving"); }
  void reloading() const;
  void stopping() const { send("STOPPING=1\nSTATUS=draining"); }
  void alive() const { send("WATCHDOG=1"); }
  // How often to say so; zero: nobody listens for it.
  int watchdog_ms() const { return watchdog_ms_; }

 private:
  void send(std::string_view text) const;

  std::string path_;
  int watchdog_ms_ = 0;
};

}  // namespace sluice::daemon
