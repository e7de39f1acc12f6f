// Numbers that come as lines of text while they are being measured: one line per instant, a column
// per lead.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clef {

// Turns text in pieces of any size into frames. Columns are separated by commas, semicolons, tabs
// or blanks; an empty cell, an empty line, "-" (as `clef dump` prints) and "nan" are missing
// samples. Errors: InputError with the line's number.
class SampleLines {
  public:
    // `wanted`: which of the `columns` make up a frame, in its order; every number is multiplied by
    // `factor`.
    SampleLines(std::size_t columns, std::vector<std::size_t> wanted, double factor);

    void add(std::string_view text);
    void finish();  // the last line, when it has no end of its own

    // Frames since they were last taken.
    std::vector<float> take() { return std::exchange(frames_, {}); }

  private:
    void add_line(std::string_view line);

    std::size_t columns_;
    std::vector<std::size_t> wanted_;
    double factor_;
    std::size_t line_ = 0;
    std::string rest_;  // of a line that is not complete
    std::vector<float> frames_;
};

}  // namespace clef
