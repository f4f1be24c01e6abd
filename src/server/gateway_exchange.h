// One request of a caller, from its head to its settlement.
#pragma once

#include "server/form_body.h"
#include "server/gateway.h"
#include "server/realtime.h"
#include "server/reply_writer.h"

namespace sluice::server {

class GatewayExchange final : private HeadFields, private CallerHead {
 public:
  GatewayExchange(Gateway& gateway, net::HttpExchange& exchange);
  ~GatewayExchange() override;

  // Everything that may be cut short.
  Task<void> run();
  // And what is said when it was.
  Task<void> interrupted(net::Interrupt why);

 private:
  Task<Result<void>> answer();
  Result<void> check_way();
  Task<Result<void>> refuse_with(Failure failure);
  Task<Result<void>> answer_preflight();
  Task<Result<void>> ask();
  Result<void> admit();
  Result<void> check_head();
  void wait_no_longer(Duration timeout);
  Result<void> read_caller();
  Task<Result<void>> read_request();
  Task<Result<void>> read_form_request();
  Task<Result<void>> converse();
  Task<Result<void>> respond_locally();
  Task<void> refuse(const ApiError& error);
  static ApiError shutting_down();
  bool is_preflight();

  std::span<const Field> fields() override;
  std::optional<std::string_view> field(std::string_view name) const override;
  void add_own_fields(FieldList& list);
  Task<void> say_last(const ApiError& error);
  void abandon();
  void time_out();
  bool bills_on() const;
  Task<void> drain();
  void estimate_usage();

  Gateway& gateway_;
  net::HttpExchange& exchange_;
  std::shared_ptr<Epoch> epoch_;
  Context context_;
  Request request_;
  Endpoint endpoint_;
  std::optional<net::IpAddress> address_;  // The caller's; none over a unix socket.
  std::string_view origin_;                // Of a browser that may read our answers.
  std::string_view asked_headers_;         // That it wants to send.
  bool preflight_ = false;
  std::unique_ptr<SpooledForm> form_;
  bool event_stream_ = false;
  bool counted_ = false;
  Settlement settlement_;
  // What may go on without the caller: kept here, and not where it is waited for.
  Task<Result<Reply>> chain_;
  Pull pull_;
};

}  // namespace sluice::server
