// The one table of a pretraining run's settings, which reading, setting and writing share: where
// each is kept, what it is called and what it means.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pretraining/options.hpp"

namespace clef {

using OptionTarget = std::variant<std::string*, std::vector<std::string>*, double*, int*,
                                  std::int64_t*, std::uint64_t*, bool*>;

struct OptionField {
    const char* section;
    const char* key;
    OptionTarget target;
    const char* comment;
    std::string name() const { return std::string(section) + "." + key; }
};

// Pointers into `options`, in the order in which they are written.
std::vector<OptionField> option_fields(PretrainOptions& options);

}  // namespace clef
