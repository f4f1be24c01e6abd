#include "net/transport_tls.h"

#include "net/tls_bio.h"
#include "net/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace sluice::net {
namespace {

using Status = IoResult::Status;

constexpr std::size_t kRecord = 16384;

// The bytes of the next record. How many depends only on how many are left, not on how they are cut
// into pieces: a record that could not be sent must be offered again at no smaller length.
std::string_view next_record(std::span<const std::string_view> pieces, std::size_t offset,
                             std::size_t left) {
  thread_local std::array<char, kRecord> scratch;
  const std::size_t size = std::min(left, kRecord);
  const std::string_view first = pieces.front().substr(offset);
  if (first.size() >= size) return first.substr(0, size);

  std::size_t filled = 0;
  for (std::string_view piece : pieces) {
    piece.remove_prefix(offset);
    offset = 0;
    const std::size_t taken = std::min(piece.size(), size - filled);
    if (taken > 0) std::memcpy(scratch.data() + filled, piece.data(), taken);
    filled += taken;
    if (filled == size) break;
  }
  return {scratch.data(), size};
}

std::string subject_of_peer(SSL* connection) {
  const TlsHandle<x509_st> certificate(SSL_get1_peer_certificate(connection));
  if (!certificate) return {};
  const TlsHandle<bio_st> text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
  char* start = nullptr;
  const long size = BIO_get_mem_data(text.get(), &start);
  return {start, static_cast<std::size_t>(size)};
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(std::unique_ptr<Transport> plain, TlsHandle<SSL> tls,
               std::shared_ptr<const TlsClientContext> client)
      : plain_(std::move(plain)), client_(std::move(client)), tls_(std::move(tls)) {
    TlsHandle<bio_st> bio = tls_ ? make_transport_bio(*plain_) : nullptr;
    if (!bio) throw std::bad_alloc();
    SSL_set0_rbio(tls_.get(), bio.get());
    BIO_up_ref(bio.get());
    SSL_set0_wbio(tls_.get(), bio.release());
  }

  ~TlsTransport() override {
    // Else OpenSSL takes the end for an attack and forgets the session.
    SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ERR_clear_error();
  }

  IoResult handshake() override {
    if (ended()) return {end_, 0};
    ERR_clear_error();
    const int outcome = SSL_do_handshake(tls_.get());
    if (outcome != 1) return {trouble(outcome), 0};
    if (client_) {
      client_->connected(*tls_);
    } else {
      subject_ = subject_of_peer(tls_.get());
    }
    return {};
  }

  IoResult read(std::span<char> into) override {
    if (ended()) return {end_, 0};
    // OpenSSL holds nothing back after it asked for more: no need to ask it again.
    if (starved_ && !plain_->descriptor().can_read()) return {Status::WantRead, 0};
    starved_ = false;
    std::size_t filled = 0;
    do {
      ERR_clear_error();
      std::size_t bytes = 0;
      const int outcome =
          SSL_read_ex(tls_.get(), into.data() + filled, into.size() - filled, &bytes);
      if (outcome != 1) {
        const Status status = trouble(outcome);
        starved_ = status == Status::WantRead;
        return {filled > 0 ? Status::Done : status, filled};
      }
      filled += bytes;
    } while (filled < into.size() && SSL_has_pending(tls_.get()) == 1);
    return {Status::Done, filled};
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    if (end_ == Status::Failed) return {end_, 0};
    std::size_t left = 0;
    for (const std::string_view piece : pieces) left += piece.size();
    std::size_t written = 0;
    std::size_t offset = 0;  // In the first piece.
    while (left > 0) {
      const std::string_view record = next_record(pieces, offset, left);
      ERR_clear_error();
      std::size_t bytes = 0;
      const int outcome = SSL_write_ex(tls_.get(), record.data(), record.size(), &bytes);
      if (outcome != 1) return {trouble(outcome), written};
      written += bytes;
      left -= bytes;
      offset += bytes;
      while (!pieces.empty() && offset >= pieces.front().size()) {
        offset -= pieces.front().size();
        pieces = pieces.subspan(1);
      }
    }
    return {Status::Done, written};
  }

  void finish() override {
    if (end_ != Status::Failed && SSL_is_init_finished(tls_.get()) == 1) {
      SSL_shutdown(tls_.get());
      ERR_clear_error();
    }
    plain_->finish();
  }

  Descriptor& descriptor() override { return plain_->descriptor(); }
  std::string_view peer_certificate_subject() const override { return subject_; }
  std::string failure() const override { return failure_; }

 private:
  bool ended() const { return end_ != Status::Done; }

  Status trouble(int outcome) {
    switch (SSL_get_error(tls_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
        return Status::WantRead;
      case SSL_ERROR_WANT_WRITE:
        return Status::WantWrite;
      case SSL_ERROR_ZERO_RETURN:
        return end_ = Status::End;
      default:
        failure_ = handshake_failure(tls_.get());
        return end_ = Status::Failed;
    }
  }

  std::unique_ptr<Transport> plain_;
  std::shared_ptr<const TlsClientContext> client_;  // Null: we are the server.
  TlsHandle<SSL> tls_;
  bool starved_ = false;
  Status end_ = Status::Done;  // How the stream ended, once it did.
  std::string subject_;
  std::string failure_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_server_transport(std::unique_ptr<Transport> plain,
                                                     const TlsServerContext& context) {
  return std::make_unique<TlsTransport>(std::move(plain), context.new_connection(), nullptr);
}

std::unique_ptr<Transport> make_tls_client_transport(
    std::unique_ptr<Transport> plain, std::shared_ptr<const TlsClientContext> context,
    const std::string& server_name, const std::string& peer) {
  TlsHandle<SSL> tls = context->new_connection(server_name, peer);
  if (!tls) return nullptr;
  return std::make_unique<TlsTransport>(std::move(plain), std::move(tls), std::move(context));
}

}  // namespace sluice::net
