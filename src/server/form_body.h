// A multipart form on its way to a provider. It is read until its `model` is known; what was read
// is set aside, and the rest streams behind it. Every byte is still read as a form while it passes:
// a form that turns out malformed, or that names a second model, ends in a failure before its last
// byte.
#pragma once

#include "sluice/request.h"

#include "dialect/multipart.h"
#include "server/spool.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace sluice::server {

struct FormSettings {
  std::size_t memory = std::size_t{1} << 20;  // Set aside in memory; what is more goes to a file.
  std::string folder = "/tmp";                // For that file.
};

class SpooledForm final : public FormBody {
 public:
  SpooledForm(BodySource& source, std::string_view boundary, const FormSettings& settings)
      : source_(source), reader_(boundary), spool_(settings.memory, settings.folder) {}

  // Of what was read so far: the fields before the first file that follows the model.
  std::optional<std::string_view> model() const { return value(Field::Model); }
  std::optional<std::string_view> user() const { return value(Field::User); }
  bool stream() const;
  bool has_file() const { return spool_.has_file(); }  // More was set aside than memory may hold.

  std::optional<std::uint64_t> size() const override;
  Task<Result<std::string_view>> next() override;
  void rename_model(std::string_view name) override;

 private:
  friend Task<Result<std::unique_ptr<SpooledForm>>> read_form(BodySource& source,
                                                              std::string_view content_type,
                                                              const FormSettings& settings);
  enum class Field : std::uint8_t { Model, Stream, User, None };
  static constexpr std::array<std::string_view, 3> kNames{"model", "stream", "user"};

  std::optional<std::string_view> value(Field field) const;
  Task<Result<void>> read_ahead();
  bool knows_enough() const;
  Result<void> scan(std::string_view piece);
  Result<void> begin_part(const dialect::MultipartStep& part);
  Result<void> add_content(std::string_view content);
  Result<void> finish() const;
  Result<void> check_last_byte() const;

  BodySource& source_;
  dialect::MultipartReader reader_;
  Spool spool_;
  bool source_ended_ = false;

  // What the form says.
  std::array<std::optional<std::string>, 3> values_;
  Field open_ = Field::None;  // The field whose content is being read.
  bool model_known_ = false;
  bool file_behind_model_ = false;
  std::uint64_t scanned_ = 0;    // Bytes before the piece that is being read.
  std::uint64_t model_at_ = 0;   // Where its value stands,
  std::uint64_t model_end_ = 0;  // and where that ends.

  // What goes out.
  std::optional<std::string> new_model_;
  bool new_model_sent_ = false;
  std::uint64_t sent_ = 0;  // Of what was set aside.
};

// Fails with invalid_request when it is no form, or a malformed one. The body must live as long as
// the form.
Task<Result<std::unique_ptr<SpooledForm>>> read_form(BodySource& source,
                                                     std::string_view content_type,
                                                     const FormSettings& settings);

}  // namespace sluice::server
