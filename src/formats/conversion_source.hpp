// What a conversion takes from the input: the stretch asked for, as digital values or as
// millivolts.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/conversion.hpp"
#include "formats/conversion_annotations.hpp"
#include "formats/digital_recording.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/recording.hpp"

namespace clef {

class ConversionSource {
  public:
    // Leads in millivolts.
    static ConversionSource physical(const std::filesystem::path& in,
                                     const ConversionOptions& options);
    // The file's own digital values, where it is a WFDB record with one scale per lead and no other
    // resolution is asked for; else millivolts, rounded.
    static ConversionSource digital(const std::filesystem::path& in,
                                    const ConversionOptions& options);

    const EcgReader& reader() const { return *reader_; }
    const Recording& recording() const { return recording_; }
    const DigitalRecording& digital() const { return *digital_; }
    const Stretch& stretch() const { return stretch_; }
    bool is_wfdb() const { return is_wfdb_; }
    bool kept_digital() const { return kept_digital_; }
    double largest_difference() const { return largest_difference_; }
    // Signals of another rate, where no leads were named and nobody has said so yet.
    const std::vector<std::string>& left_out() const { return left_out_; }
    std::string start() const;  // of the stretch, as the header writes it: "15:08:24 15/08/1994"
    std::string unit() const;   // of the first lead

  private:
    ConversionSource(const std::filesystem::path& in, const ConversionOptions& options);
    void read_physical(const std::filesystem::path& in, const ConversionOptions& options);
    bool try_digital(const std::filesystem::path& in, const ConversionOptions& options);
    void set_stretch(double sampling_rate, std::uint64_t from, std::uint64_t samples,
                     std::uint64_t available);

    std::unique_ptr<const EcgReader> reader_;
    Recording recording_;
    std::optional<DigitalRecording> digital_;
    Stretch stretch_;
    bool is_wfdb_ = false;
    bool kept_digital_ = false;
    double largest_difference_ = 0;
    std::vector<std::string> left_out_;
};

}  // namespace clef
