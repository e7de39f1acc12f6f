#include "formats/npy_reader.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "formats/matrix_layout.hpp"
#include "formats/matrix_signals.hpp"
#include "formats/npy.hpp"
#include "formats/settled_reader.hpp"

namespace clef {

namespace {

class NpyReader final : public EcgReader {
  public:
    NpyReader(const std::filesystem::path& path, const ReadOptions& options) : file_(path) {
        const std::string name = path.string();
        const NpyHeader header = parse_npy_header(file_.text(), name);
        const auto type = parse_number_type(header.type);
        if (!type) {
            fail_input(
                "{}: values of type '{}'; expected integers, float32 or float64 (numpy.astype)",
                name, header.type);
        }
        if (header.shape.empty() || header.shape.size() > 2) {
            fail_input("{}: {} dimensions; expected one (one lead) or two (leads × samples)", name,
                       header.shape.size());
        }
        const auto data = file_.bytes().subspan(header.data_begins);
        count_npy_values(header, data.size(), type->bytes, name);
        const bool flat = header.shape.size() == 1;
        const std::size_t rows = flat ? 1 : header.shape[0];
        const std::size_t columns = header.shape.back();
        const MatrixLayout layout = matrix_layout(rows, columns, name);
        const std::uint64_t row_stride = header.fortran_order ? 1 : columns;
        const std::uint64_t column_stride = header.fortran_order ? rows : 1;
        numbers_ = {data.data(), *type, layout.leads_are_rows ? row_stride : column_stride,
                    layout.leads_are_rows ? column_stride : row_stride};
        const std::vector<std::string> unknown(static_cast<std::size_t>(layout.leads));
        settled_ =
            settle_signals({"NPY", std::nullopt, unknown, unknown, layout.samples}, options, name);
    }

    const RecordingInfo& info() const override { return settled_.info; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        return read_matrix(numbers_, settled_, signals, from, to);
    }

  private:
    MappedFile file_;
    MatrixNumbers numbers_;
    SettledSignals settled_;
};

bool recognises(const FormatCandidate& candidate) {
    const std::string_view text(reinterpret_cast<const char*>(candidate.beginning.data()),
                                candidate.beginning.size());
    return text.starts_with("\x93NUMPY");
}

std::unique_ptr<const EcgReader> open(const std::filesystem::path& path,
                                      const ReadOptions& options) {
    return std::make_unique<NpyReader>(path, options);
}

}  // namespace

EcgFormat npy_format() {
    return {"NPY", "NumPy arrays: one lead, or leads × samples", recognises, open, false};
}

}  // namespace clef
