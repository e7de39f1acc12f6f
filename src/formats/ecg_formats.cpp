#include <array>

#include "formats/csv_reader.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/edf_reader.hpp"
#include "formats/matlab_reader.hpp"
#include "formats/npy_reader.hpp"
#include "formats/wfdb_reader.hpp"

namespace clef {

std::span<const EcgFormat> ecg_formats() {
    static const std::array formats{
        edf_format(),
        npy_format(),
        csv_format(),
        wfdb_format(),  // before MATLAB: a matrix with a header beside it is a WFDB record's signal
                        // file
        matlab_format(),
    };
    return formats;
}

}  // namespace clef
