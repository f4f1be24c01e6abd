#include "net/tls_context.h"

#include "unit/net/tls_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::net {
namespace {

using testing::HasSubstr;
using testing::Not;

const CertificateWish kServer{.common_name = "api.example", .alternative_name = "DNS:api.example"};

TEST(TlsServerContext, NamesTheFileThatIsMissing) {
  TlsWorld world;
  auto files = world.server_files(kServer);
  files.certificate = world.folder.file("nowhere.pem");
  const auto loaded = TlsServerContext::load(files);

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()->message, files.certificate + ": No such file or directory");
}

TEST(TlsServerContext, RefusesAKeyOfAnotherCertificate) {
  TlsWorld world;
  auto files = world.server_files(kServer);
  files.private_key = world.folder.write_key("other.key", make_certificate(kServer));
  const auto loaded = TlsServerContext::load(files);

  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error()->message, HasSubstr("does not belong to the certificate"));
}

TEST(TlsServerContext, RefusesAKeyBehindAPassPhraseWithoutAsking) {
  TlsWorld world;
  const Certificate made = make_certificate(kServer);
  const auto loaded =
      TlsServerContext::load({.certificate = world.folder.write_certificate("c.pem", made),
                              .private_key = world.folder.write_key("k.pem", made, "open sesame")});

  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error()->message, HasSubstr("pass phrase"));
}

TEST(TlsServerContext, NeverQuotesWhatStandsInAFile) {
  TlsWorld world;
  auto files = world.server_files(kServer);
  files.private_key = world.folder.write(
      "damaged.key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  const auto loaded = TlsServerContext::load(files);

  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error()->message, Not(HasSubstr("c2VjcmV0")));
  EXPECT_THAT(loaded.error()->message, HasSubstr("damaged.key"));
}

TEST(TlsServerContext, RefusesACertificateThatIsHalfWritten) {
  TlsWorld world;
  const auto files = world.server_files(kServer);
  std::ifstream in(files.certificate);
  const std::string whole(std::istreambuf_iterator<char>(in), {});
  world.folder.write("server.pem", whole + whole.substr(0, whole.size() / 2));

  EXPECT_FALSE(TlsServerContext::load(files));
}

TEST(TlsServerContext, RefusesAClientAuthorityWithoutCertificates) {
  TlsWorld world;
  auto files = world.server_files(kServer);
  files.client_ca = world.folder.write("empty.pem", "");
  EXPECT_FALSE(TlsServerContext::load(files));
}

TEST(TlsClientContext, RefusesAnAuthorityThatIsNoCertificate) {
  TlsWorld world;
  const auto loaded = TlsClientContext::load({.ca = world.folder.write("ca2.pem", "hello")});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error()->message, HasSubstr("ca2.pem"));
}

// What a client says about a server with such a certificate.
std::string verdict(TlsWorld& world, const CertificateWish& wish, const std::string& name,
                    bool self_signed = false) {
  Loop loop;
  const auto server = *TlsServerContext::load(world.server_files(wish, self_signed));
  TlsPair pair(loop, server, world.client(), name);
  if (pair.shake(loop) == IoStatus::Ok) return "fine";
  return pair.client->failure();
}

TEST(TlsVerification, TrustsTheRightNameOnly) {
  TlsWorld world;
  EXPECT_EQ(verdict(world, kServer, "api.example"), "fine");
  EXPECT_EQ(verdict(world, kServer, "api.example.org"), "the certificate is for another host name");
}

TEST(TlsVerification, DoesNotTakeACommonNameForAHostNameBesideOthers) {
  TlsWorld world;
  EXPECT_EQ(verdict(world, {.common_name = "api.example", .alternative_name = "DNS:other.example"},
                    "api.example"),
            "the certificate is for another host name");
}

TEST(TlsVerification, NeedsAName) {
  TlsWorld world;
  EXPECT_FALSE(world.client()->new_connection("", "peer:1"));
  EXPECT_FALSE(world.client()->new_connection(std::string(300, 'a'), "peer:1"));
}

TEST(TlsVerification, ChecksAddressesToo) {
  TlsWorld world;
  const CertificateWish wish{.common_name = "x", .alternative_name = "IP:192.0.2.1"};
  EXPECT_EQ(verdict(world, wish, "192.0.2.1"), "fine");
  EXPECT_EQ(verdict(world, wish, "192.0.2.2"), "the certificate is for another host name");
}

TEST(TlsVerification, TellsAnExpiredCertificateFromAnUnknownAuthority) {
  TlsWorld world;
  TlsWorld stranger("Another CA");
  CertificateWish expired = kServer;
  expired.valid_seconds = -60;

  EXPECT_EQ(verdict(world, expired, "api.example"), "the certificate has expired");
  EXPECT_EQ(verdict(world, kServer, "api.example", true), "the certificate is self-signed");
  Loop loop;
  TlsPair pair(loop, stranger.server(), world.client());
  EXPECT_EQ(pair.shake(loop), IoStatus::Failed);
  EXPECT_EQ(pair.client->failure(), "the certificate is signed by an unknown authority");
}

TEST(TlsVerification, DoesNotTrustAPrivateAuthorityByDefault) {
  TlsWorld world;
  Loop loop;
  TlsPair pair(loop, world.server(), *TlsClientContext::load({}));
  EXPECT_EQ(pair.shake(loop), IoStatus::Failed);
}

TEST(TlsVerification, CanBeTurnedOff) {
  TlsWorld world;
  Loop loop;
  TlsPair pair(loop, world.server(),
               *TlsClientContext::load({.verify = TlsClientContext::Verify::Off}), "any.example");
  EXPECT_EQ(pair.shake(loop), IoStatus::Ok);
}

TEST(TlsVerification, TellsThatNoVersionIsInCommon) {
  TlsWorld world;
  auto files = world.server_files(kServer);
  files.min_version = TlsVersion::Tls13;
  const auto server = *TlsServerContext::load(files);
  TlsHandle<SSL_CTX> old(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
  const auto client = std::make_shared<const TlsClientContext>(
      std::move(old), TlsClientContext::Verify::Off, nullptr);
  Loop loop;
  TlsPair pair(loop, server, client);

  EXPECT_EQ(pair.shake(loop), IoStatus::Failed);
  EXPECT_EQ(pair.client->failure(), "no protocol version in common");
  EXPECT_EQ(pair.server->failure(), "no protocol version in common");
}

struct Mutual {
  TlsWorld world;
  std::shared_ptr<const TlsServerContext> server;
  Mutual() {
    auto files = world.server_files(kServer);
    files.client_ca = world.ca;
    server = *TlsServerContext::load(files);
  }
  std::shared_ptr<const TlsClientContext> client_of(const Certificate& certificate) {
    return *TlsClientContext::load(
        {.ca = world.ca,
         .certificate = world.folder.write_certificate("us.pem", certificate),
         .private_key = world.folder.write_key("us.key", certificate)});
  }
};

TEST(MutualTls, KnowsTheClientByItsSubject) {
  Mutual mutual;
  Loop loop;
  TlsPair pair(
      loop, mutual.server,
      mutual.client_of(make_certificate({.common_name = "billing"}, &mutual.world.authority)));

  EXPECT_EQ(pair.shake(loop), IoStatus::Ok);
  EXPECT_EQ(pair.server_status, IoStatus::Ok);
  EXPECT_EQ(pair.server->peer_certificate_subject(), "CN=billing");
}

TEST(MutualTls, RefusesAClientWithoutACertificate) {
  Mutual mutual;
  Loop loop;
  TlsPair pair(loop, mutual.server, mutual.world.client());
  pair.shake(loop);

  EXPECT_EQ(pair.server_status, IoStatus::Failed);
  EXPECT_EQ(pair.server->failure(), "a client certificate is required");
}

TEST(MutualTls, RefusesAClientOfAnotherAuthority) {
  Mutual mutual;
  Loop loop;
  TlsPair pair(loop, mutual.server, mutual.client_of(make_certificate({.common_name = "billing"})));
  pair.shake(loop);

  EXPECT_EQ(pair.server_status, IoStatus::Failed);
  EXPECT_EQ(pair.server->failure(), "the certificate is self-signed");
}

}  // namespace
}  // namespace sluice::net
