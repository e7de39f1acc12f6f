// clef preprocess --augment: what a pair of views of a recording looks like.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encoder/preprocess.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

struct ViewsRequest {
    std::string config;  // a preset or a TOML file; empty: no views are asked for
    std::vector<std::string> settings;
    std::uint64_t draw = 0;
};

struct WindowSource {
    std::string record;
    ReadOptions reading;
    std::size_t window = 0;
};

// Writes 2 × samples float32, the first view and the second, and prints what was drawn.
void write_views(const Preprocessor& preprocessor, const WindowSource& source,
                 const ViewsRequest& request, const std::string& output, bool json);

}  // namespace clef
