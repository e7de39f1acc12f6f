#include <array>

#include "formats/ecg_reader.hpp"
#include "formats/edf_reader.hpp"
#include "formats/npy_reader.hpp"
#include "formats/wfdb_reader.hpp"

namespace clef {

std::span<const EcgFormat> ecg_formats() {
    static const std::array formats{
        edf_format(),
        npy_format(),
        wfdb_format(),
    };
    return formats;
}

}  // namespace clef
