#include "net/tls_bio.h"

#include <openssl/bio.h>

#include <array>

namespace sluice::net {
namespace {

Transport& transport_of(BIO* bio) {
  return *static_cast<Transport*>(BIO_get_data(bio));
}

// OpenSSL asks afterwards whether nothing came because the stream has ended.
constexpr int kEnded = BIO_FLAGS_MEM_RDONLY;  // A flag that only memory BIOs use otherwise.

int read_bio(BIO* bio, char* into, std::size_t size, std::size_t* moved) {
  BIO_clear_retry_flags(bio);
  const IoResult result = transport_of(bio).read({into, size});
  *moved = result.bytes;
  if (result.status == IoResult::Status::Done) return 1;
  if (result.status == IoResult::Status::End) BIO_set_flags(bio, kEnded);
  if (result.status == IoResult::Status::WantRead) BIO_set_retry_read(bio);
  return 0;
}

int write_bio(BIO* bio, const char* from, std::size_t size, std::size_t* moved) {
  BIO_clear_retry_flags(bio);
  const std::string_view piece(from, size);
  const IoResult result = transport_of(bio).write({&piece, 1});
  *moved = result.bytes;
  if (result.bytes > 0) return 1;  // A part of it: OpenSSL comes back with the rest.
  if (result.status == IoResult::Status::WantWrite) BIO_set_retry_write(bio);
  return 0;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, kEnded) != 0;
  return command == BIO_CTRL_FLUSH;  // Nothing is kept back.
}

const BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* blank = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");
    BIO_meth_set_read_ex(blank, read_bio);
    BIO_meth_set_write_ex(blank, write_bio);
    BIO_meth_set_ctrl(blank, control);
    return blank;
  }();
  return made;
}

}  // namespace

TlsHandle<bio_st> make_transport_bio(Transport& transport) {
  TlsHandle<bio_st> bio(BIO_new(method()));
  if (!bio) return nullptr;
  BIO_set_data(bio.get(), &transport);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace sluice::net
