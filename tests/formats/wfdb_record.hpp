// Records written by a test: headers and signal files given as text.
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/wfdb_segments.hpp"
#include "shared.hpp"

namespace clef::testing {

inline std::string bytes_of(std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) bytes += static_cast<char>(value);
    return bytes;
}

// A folder with the header "x.hea" and whatever else a test puts there.
class TestRecord {
  public:
    explicit TestRecord(const std::string& header) { with("x.hea", header); }
    TestRecord& with(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
        return *this;
    }
    std::filesystem::path header_path() const { return folder_.path() / "x.hea"; }
    Recording read(const ReadOptions& options = {}) const {
        return read_ecg(folder_.path() / "x", options);
    }
    std::vector<std::vector<std::int32_t>> digital(std::vector<std::size_t> signals,
                                                   std::uint64_t from = 0,
                                                   std::uint64_t to = UINT64_MAX) const {
        return read_wfdb_digital(read_wfdb_header(header_path()), signals, from, to);
    }
    void fails(std::initializer_list<std::string> words, const ReadOptions& options = {}) const {
        expect_input_error([&] { read(options); }, words);
    }

  private:
    TemporaryFolder folder_;
};

}  // namespace clef::testing
