#include "cli/parse.h"

#include "cli/version.h"
#include "config/quantity.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <ostream>

namespace sluice::cli {
namespace {

constexpr const char* kNearConfig = "config/sluice.yaml";
constexpr const char* kSystemConfig = "/etc/sluice/sluice.yaml";

constexpr const char* kExamples = R"(Examples:
  sluice                                  serve config/sluice.yaml, else /etc/sluice/sluice.yaml
  sluice -c gateway.yaml                  serve another file
  sluice check --no-secrets gateway.yaml  is it good? without its secrets at hand
  sluice models -c gateway.yaml           which names may callers ask for?
  sluice simulate --port 9000             a provider to test against

SIGHUP or a changed file reloads; SIGTERM drains; a second SIGTERM ends at once.
)";

std::string default_config() {
  return ::access(kNearConfig, R_OK) == 0 ? kNearConfig : kSystemConfig;
}

std::chrono::milliseconds delay_of(const std::string& text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto delay = config::parse_duration(text);
  if (!delay) throw CLI::ValidationError("--delay", "expected a duration such as 20ms or 2s");
  return *delay;
}

class Arguments {
 public:
  Arguments() {
    app_.name("sluice");
    app_.require_subcommand(0, 1);
    app_.set_version_flag("--version", "sluice " + std::string(kVersion));
    app_.footer(kExamples);
    app_.failure_message([](const CLI::App*, const CLI::Error& error) {
      return "sluice: " + std::string(error.what()) + "\nTry: sluice --help\n";
    });
    add_config(app_);
    add_config(*add("serve", "run the gateway (without a command: this)", Command::Serve));
    add_check();
    add("schema", "print the JSON Schema of the configuration, for editors", Command::Schema);
    add("providers", "list the types of providers and what each can do", Command::Providers);
    add_config(*add("models", "list the names that callers may ask for", Command::Models));
    add_simulate();
    add_version();
  }

  Invocation parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const int code = app_.exit(error, out, err);
      asked_.command = Command::None;
      asked_.exit_code = code == 0 ? 0 : 2;
      return asked_;
    }
    if (asked_.config.empty()) asked_.config = default_config();
    return asked_;
  }

 private:
  CLI::App* add(const char* name, const char* about, Command command) {
    CLI::App* const sub = app_.add_subcommand(name, about);
    sub->footer("");  // The examples stand in the main help.
    sub->callback([this, command] { asked_.command = command; });
    return sub;
  }

  void add_config(CLI::App& to) {
    to.add_option("-c,--config", asked_.config, "the configuration")->type_name("FILE");
  }

  void add_check() {
    CLI::App* const sub = add("check", "say what is wrong with a configuration", Command::Check);
    sub->add_option("file", asked_.config, "the configuration")->type_name("FILE")->required();
    sub->add_flag("--no-secrets", asked_.no_secrets,
                  "variables and files that are not there stand open");
  }

  void add_version() {
    CLI::App* const sub = add("version", "say which build this is", Command::Version);
    sub->add_flag("--json", asked_.json, "as JSON");
  }

  void add_simulate() {
    CLI::App* const sub =
        add("simulate", "serve the simulator as a provider of its own", Command::Simulate);
    SimulateOptions& to = asked_.simulate;
    sub->add_option("--port", to.port, "0: a free one, which is printed")
        ->type_name("PORT")
        ->required();
    sub->add_option("--host", to.host, "the address to listen on")
        ->type_name("ADDRESS")
        ->capture_default_str();
    sub->add_option("--workers", to.workers, "event loops")
        ->type_name("NUMBER")
        ->check(CLI::Range(1, 256, "from 1 to 256"))
        ->capture_default_str();
    auto* const certificate =
        sub->add_option("--tls-certificate", to.tls_certificate, "speak HTTPS with this PEM");
    auto* const key = sub->add_option("--tls-key", to.tls_key, "the certificate's key");
    auto* const self_signed =
        sub->add_flag("--tls-self-signed", to.tls_self_signed, "with a certificate of its own");
    auto* const ca = sub->add_option("--ca-out", to.ca_out, "where to write that certificate");
    certificate->type_name("FILE")->needs(key)->excludes(self_signed);
    key->type_name("FILE")->needs(certificate);
    ca->type_name("FILE")->needs(self_signed);
    sub->add_option("--seed", to.seed, "other ids, another choice of what fails")
        ->type_name("NUMBER")
        ->capture_default_str();
    sub->add_option_function<std::string>(
           "--delay", [&to](const std::string& text) { to.delay = delay_of(text); },
           "before every answer, such as 20ms")
        ->type_name("DURATION");
    sub->add_option("--key", to.key, "the bearer that callers must present")->type_name("SECRET");
  }

  CLI::App app_{"A gateway to models: one API, many providers."};
  Invocation asked_;
};

}  // namespace

Invocation parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  return Arguments().parse(argc, argv, out, err);
}

}  // namespace sluice::cli
