#include <array>

#include "formats/ecg_reader.hpp"
#include "formats/wfdb_reader.hpp"

namespace clef {

std::span<const EcgFormat> ecg_formats() {
    static const std::array formats{
        wfdb_format(),
    };
    return formats;
}

}  // namespace clef
