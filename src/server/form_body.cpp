#include "server/form_body.h"

#include "base/text.h"

#include <algorithm>

namespace sluice::server {
namespace {

using dialect::MultipartStep;

constexpr std::size_t kLongestValue = 4096;
constexpr std::uint64_t kFieldsBehindModel = std::uint64_t{64} * 1024;

std::unexpected<Failure> refused(std::string message, std::string_view param = {}) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = std::move(message),
                       .param = std::string(param)});
}

std::unexpected<Failure> malformed(std::string_view why) {
  return refused("The body is not a proper multipart form: " + std::string(why) + ".");
}

}  // namespace

std::optional<std::string_view> SpooledForm::value(Field field) const {
  const auto& held = values_[static_cast<std::size_t>(field)];
  if (!held) return std::nullopt;
  return *held;
}

bool SpooledForm::stream() const {
  const std::string_view text = value(Field::Stream).value_or(std::string_view());
  return text::iequals(text, "true") || text == "1";
}

// Small fields may still say something about the model's answer; a file says nothing, and is long.
bool SpooledForm::knows_enough() const {
  return model_known_ && (file_behind_model_ || scanned_ > model_end_ + kFieldsBehindModel);
}

Result<void> SpooledForm::begin_part(const MultipartStep& part) {
  open_ = Field::None;
  const auto* const name = std::ranges::find(kNames, part.data);
  if (name == kNames.end()) {
    if (part.file && model_known_) file_behind_model_ = true;
    return {};
  }
  open_ = static_cast<Field>(name - kNames.begin());
  if (part.file) return refused("This field of the form must not be a file.", *name);
  auto& held = values_[static_cast<std::size_t>(open_)];
  // Which of two counts is for each reader to say: we and the provider might not agree.
  if (held) return refused("The form has this field twice.", *name);
  held.emplace();
  return {};
}

Result<void> SpooledForm::add_content(std::string_view content) {
  if (open_ == Field::None) return {};
  const auto field = static_cast<std::size_t>(open_);
  std::string& held = *values_[field];
  if (held.size() + content.size() > kLongestValue) {
    return refused("This field of the form is too long.", kNames[field]);
  }
  const bool visible = std::ranges::none_of(
      content, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f; });
  if (!visible) return refused("This field of the form holds control characters.", kNames[field]);
  held += content;
  return {};
}

Result<void> SpooledForm::scan(std::string_view piece) {
  const std::uint64_t end = scanned_ + piece.size();
  for (;;) {
    const MultipartStep step = reader_.next(piece);
    switch (step.kind) {
      case MultipartStep::Kind::NeedMore:
        scanned_ = end;
        return {};
      case MultipartStep::Kind::Part:
        TRY_VOID(begin_part(step));
        if (open_ == Field::Model) model_at_ = end - piece.size();
        break;
      case MultipartStep::Kind::Data:
        TRY_VOID(add_content(step.data));
        break;
      case MultipartStep::Kind::PartEnd:
        if (open_ == Field::Model) {
          model_known_ = true;
          model_end_ = model_at_ + value(Field::Model)->size();
        }
        open_ = Field::None;
        break;
      case MultipartStep::Kind::End:
        break;
      case MultipartStep::Kind::Error:
        return malformed(step.data);
    }
  }
}

Result<void> SpooledForm::finish() const {
  if (reader_.done()) return {};
  return malformed("it ends before its last boundary");
}

// Of an announced length the last byte makes the request whole: it goes out only with a whole form.
Result<void> SpooledForm::check_last_byte() const {
  if (source_.size() != scanned_) return {};
  return finish();
}

Task<Result<void>> SpooledForm::read_ahead() {
  while (!knows_enough()) {
    CO_TRY(const std::string_view piece, co_await source_.next());
    if (piece.empty()) {
      source_ended_ = true;
      co_return finish();
    }
    CO_TRY_VOID(scan(piece));
    CO_TRY_VOID(spool_.append(piece));
  }
  co_return check_last_byte();
}

void SpooledForm::rename_model(std::string_view name) {
  if (model_known_) new_model_ = name;
}

std::optional<std::uint64_t> SpooledForm::size() const {
  std::optional<std::uint64_t> size = source_.size();
  if (size && new_model_) *size += new_model_->size() - (model_end_ - model_at_);
  return size;
}

Task<Result<std::string_view>> SpooledForm::next() {
  if (new_model_ && sent_ == model_at_ && !new_model_sent_) {
    new_model_sent_ = true;
    sent_ = model_end_;
    if (!new_model_->empty()) co_return std::string_view(*new_model_);
  }
  const std::uint64_t spooled = spool_.size();
  if (sent_ < spooled) {
    const std::uint64_t to = new_model_ && !new_model_sent_ ? model_at_ : spooled;
    auto piece = spool_.read(sent_, to);
    if (piece) sent_ += piece->size();
    co_return piece;
  }
  spool_.release();
  sent_ = 0;
  if (source_ended_) co_return std::string_view();
  CO_TRY(const std::string_view piece, co_await source_.next());
  if (piece.empty()) {
    source_ended_ = true;
    CO_TRY_VOID(finish());
  }
  CO_TRY_VOID(scan(piece));
  CO_TRY_VOID(check_last_byte());
  co_return piece;
}

Task<Result<std::unique_ptr<SpooledForm>>> read_form(BodySource& source,
                                                     std::string_view content_type,
                                                     const FormSettings& settings) {
  const auto boundary = dialect::multipart_boundary(content_type);
  if (!boundary) {
    co_return refused("This path takes multipart/form-data with a boundary in its content type.");
  }
  auto form = std::make_unique<SpooledForm>(source, *boundary, settings);
  CO_TRY_VOID(co_await form->read_ahead());
  co_return form;
}

}  // namespace sluice::server
