// Line charts. Their colours can be read on white and on black.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::routing {

class SvgChart {
 public:
  struct Axis {
    std::string label;
    double from;
    double to;
    std::vector<std::pair<double, std::string>> marks;
  };

  SvgChart(std::string title, Axis across, Axis up)
      : title_(std::move(title)), across_(std::move(across)), up_(std::move(up)) {}

  void add(std::string name, std::vector<std::pair<double, double>> points) {
    lines_.emplace_back(std::move(name), std::move(points));
  }

  std::string svg() const {
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
        "font-family=\"sans-serif\" "
        "font-size=\"13\" fill=\"#808890\">\n<title>{}</title>\n",
        kWidth, kHeight, title_);
    text += fmt::format("<text x=\"{}\" y=\"20\" font-size=\"15\">{}</text>\n", kLeft, title_);
    add_axes(text);
    for (std::size_t i = 0; i < lines_.size(); ++i) add_line(text, i);
    return text + "</svg>\n";
  }

 private:
  static constexpr int kWidth = 720;
  static constexpr int kHeight = 360;
  static constexpr int kLeft = 64;
  static constexpr int kRight = 540;
  static constexpr int kTop = 40;
  static constexpr int kBottom = 310;

  double x(double value) const {
    return kLeft + (value - across_.from) / (across_.to - across_.from) * (kRight - kLeft);
  }
  double y(double value) const {
    return kBottom - (value - up_.from) / (up_.to - up_.from) * (kBottom - kTop);
  }

  void add_axes(std::string& text) const {
    for (const auto& [value, mark] : up_.marks) {
      text += fmt::format(
          "<path d=\"M{} {:.0f}H{}\" stroke=\"#808890\" stroke-opacity=\".3\"/>"
          "<text x=\"{}\" y=\"{:.0f}\" text-anchor=\"end\">{}</text>\n",
          kLeft, y(value), kRight, kLeft - 8, y(value) + 4, mark);
    }
    for (const auto& [value, mark] : across_.marks) {
      text += fmt::format("<text x=\"{:.0f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                          x(value), kBottom + 20, mark);
    }
    text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                        (kLeft + kRight) / 2, kBottom + 42, across_.label);
    text += fmt::format(
        "<text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        (kTop + kBottom) / 2, up_.label);
  }

  void add_line(std::string& text, std::size_t number) const {
    constexpr std::pair<std::string_view, std::string_view> kStrokes[] = {
        {"#2f81f7", "none"}, {"#e0701a", "7 4"}, {"#2da44e", "2 3"}, {"#a259e6", "9 3 2 3"}};
    const auto& [colour, dashes] = kStrokes[number % std::size(kStrokes)];
    const auto& [name, points] = lines_[number];
    text += fmt::format(
        "<path fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\" d=\"", colour,
        dashes);
    char command = 'M';
    for (const auto& [across, up] : points) {
      text += fmt::format("{}{:.0f} {:.0f}", command, x(across), y(up));
      command = 'L';
    }
    const std::size_t key = kTop + 10 + 24 * number;
    text += fmt::format(
        "\"/>\n<path d=\"M{} {}h28\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"/>"
        "<text x=\"{}\" y=\"{}\">{}</text>\n",
        kRight + 16, key, colour, dashes, kRight + 52, key + 4, name);
  }

  std::string title_;
  Axis across_;
  Axis up_;
  std::vector<std::pair<std::string, std::vector<std::pair<double, double>>>> lines_;
};

}  // namespace sluice::routing
