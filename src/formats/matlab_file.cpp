#include "formats/matlab_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/isolated.hpp"
#include "base/text.hpp"
#include "formats/matio_library.hpp"
#include "formats/matlab_elements.hpp"

namespace clef {

namespace {

constexpr std::size_t most_variables = 1000;
constexpr std::size_t longest_text = 64;

// In the child, which is forked when the parent has loaded it: no thread of the parent's can hold a
// lock of the loader's then.
const MatioLibrary& matio() {
    return matio_library("MATLAB");
}

struct Closer {
    void operator()(mat_t* file) const { matio().close(file); }
    void operator()(matvar_t* variable) const { matio().free_variable(variable); }
};
using File = std::unique_ptr<mat_t, Closer>;
using Variable = std::unique_ptr<matvar_t, Closer>;

File open_file(const std::filesystem::path& path) {
    File file(matio().open(path.c_str(), MAT_ACC_RDONLY));
    if (!file) fail_input("{}: not a MATLAB file, or a damaged one", path.string());
    return file;
}

bool is_number_class(matio_classes type) {
    return type >= MAT_C_DOUBLE && type <= MAT_C_UINT64;
}

bool is_single_structure(const matvar_t& variable) {
    return variable.class_type == MAT_C_STRUCT && variable.rank == 2 && variable.dims[0] == 1 &&
           variable.dims[1] == 1;
}

// Names are made of letters, digits and '_' where MATLAB made them.
std::string safe_name(const char* name) {
    std::string text = name == nullptr ? "" : name;
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7E) c = '?';
    }
    return text;
}

void check_whole(const std::filesystem::path& path) {
    const MappedFile file(path);
    if (!is_matlab(file.bytes())) fail_input("{}: not a MATLAB file", path.string());
    check_matlab_elements(file.bytes(), path.string());
}

template <typename Number>
double number_at(const void* data, std::size_t index) {
    Number value;
    std::memcpy(&value, static_cast<const char*>(data) + index * sizeof value, sizeof value);
    return static_cast<double>(value);
}

struct NumberClass {
    matio_classes type;
    std::size_t bytes;
    double (*at)(const void* data, std::size_t index);
};

constexpr std::array number_classes{
    NumberClass{MAT_C_DOUBLE, 8, number_at<double>},
    NumberClass{MAT_C_SINGLE, 4, number_at<float>},
    NumberClass{MAT_C_INT8, 1, number_at<std::int8_t>},
    NumberClass{MAT_C_UINT8, 1, number_at<std::uint8_t>},
    NumberClass{MAT_C_INT16, 2, number_at<std::int16_t>},
    NumberClass{MAT_C_UINT16, 2, number_at<std::uint16_t>},
    NumberClass{MAT_C_INT32, 4, number_at<std::int32_t>},
    NumberClass{MAT_C_UINT32, 4, number_at<std::uint32_t>},
    NumberClass{MAT_C_INT64, 8, number_at<std::int64_t>},
    NumberClass{MAT_C_UINT64, 8, number_at<std::uint64_t>},
};

const NumberClass& find_class(matio_classes type) {
    return *std::find_if(number_classes.begin(), number_classes.end(),
                         [&](const NumberClass& candidate) { return candidate.type == type; });
}

// Runs in the child. One line per variable: rows, columns, matrix?, number, name, text; by tabs.
class Lister {
  public:
    Lister(mat_t* file, IsolatedOutput& output) : file_(file), output_(output) {}

    void list(matvar_t& variable, const std::string& prefix) {
        if (++count_ > most_variables) return;
        const std::string name = prefix + safe_name(variable.name);
        if (is_single_structure(variable) && prefix.empty()) {
            const unsigned fields = matio().number_of_fields(&variable);
            for (unsigned i = 0; i < fields; ++i) {
                matvar_t* field = matio().field_by_index(&variable, i, 0);
                if (field != nullptr) list(*field, name + ".");
            }
            return;
        }
        if (variable.rank != 2) return;
        const std::uint64_t rows = variable.dims[0];
        const std::uint64_t columns = variable.dims[1];
        const bool matrix = is_number_class(variable.class_type) && variable.isComplex == 0;
        const bool small = rows == 1 && columns <= longest_text;
        std::string number;
        std::string text;
        if (small && matrix && columns == 1) number = read_number(variable);
        if (small && variable.class_type == MAT_C_CHAR) text = read_text(variable);
        output_.write(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", rows, columns, matrix ? 1 : 0, number,
                                  name, text));
    }

  private:
    std::string read_number(matvar_t& variable) {
        std::array<char, 8> buffer{};
        if (matio().read_linear(file_, &variable, buffer.data(), 0, 1, 1) != 0) return "";
        return fmt::format("{}", find_class(variable.class_type).at(buffer.data(), 0));
    }

    std::string read_text(matvar_t& variable) {
        if (variable.data == nullptr && matio().read_all(file_, &variable) != 0) return "";
        if (variable.data == nullptr) return "";
        const bool wide = variable.data_size == 2;
        std::string text;
        for (std::size_t i = 0; i < variable.nbytes / (wide ? 2 : 1) && i < longest_text; ++i) {
            const double code = wide ? number_at<std::uint16_t>(variable.data, i)
                                     : number_at<std::uint8_t>(variable.data, i);
            const bool micro = code == 0xB5 || code == 0x3BC;
            text += micro ? 'u' : code >= 0x20 && code < 0x7F ? static_cast<char>(code) : '?';
        }
        return text;
    }

    mat_t* file_;
    IsolatedOutput& output_;
    std::size_t count_ = 0;
};

MatlabVariable parse_line(std::string_view line) {
    const std::vector<std::string_view> cells = split(line, '\t');
    MatlabVariable variable;
    if (cells.size() < 6) return variable;
    // Numbers of 64 bit that a damaged file may hold do not all fit; such a matrix is none.
    const auto rows = parse_integer(cells[0]);
    const auto columns = parse_integer(cells[1]);
    variable.rows = static_cast<std::uint64_t>(rows.value_or(0));
    variable.columns = static_cast<std::uint64_t>(columns.value_or(0));
    variable.is_matrix = rows && columns && cells[2] == "1";
    variable.number = parse_double(cells[3]);
    variable.name = cells[4];
    variable.text = trim(cells[5]);
    return variable;
}

void write_part(const std::filesystem::path& path, const std::string& name, const MatlabPart& part,
                IsolatedOutput& output) {
    const File file = open_file(path);
    const std::size_t dot = name.find('.');
    const Variable whole(matio().read_info(file.get(), name.substr(0, dot).c_str()));
    matvar_t* variable = whole.get();
    if (variable != nullptr && dot != std::string::npos) {
        variable = matio().field_by_name(variable, name.substr(dot + 1).c_str(), 0);
    }
    if (variable == nullptr) fail_input("{}: no variable {}", path.string(), name);
    const bool in_range =
        variable->rank == 2 && is_number_class(variable->class_type) &&
        part.lead < (part.leads_are_rows ? variable->dims[0] : variable->dims[1]) &&
        part.to <= (part.leads_are_rows ? variable->dims[1] : variable->dims[0]) &&
        static_cast<double>(variable->dims[0]) * static_cast<double>(variable->dims[1]) <=
            std::numeric_limits<int>::max();
    if (!in_range) fail_input("{}: {}: not the matrix it was", path.string(), name);
    const NumberClass& type = find_class(variable->class_type);
    const auto count = static_cast<std::size_t>(part.to - part.from);
    std::vector<char> data(count * type.bytes);
    // Columns lie one behind the other. (Mat_VarReadData, which takes a rectangle, reads the first
    // column of an uncompressed level 5 matrix whatever column it is asked for.)
    const std::uint64_t rows = variable->dims[0];
    const std::uint64_t start =
        part.leads_are_rows ? part.from * rows + part.lead : part.lead * rows + part.from;
    const std::uint64_t stride = part.leads_are_rows ? rows : 1;
    if (matio().read_linear(file.get(), variable, data.data(), static_cast<int>(start),
                            static_cast<int>(stride), static_cast<int>(count)) != 0) {
        fail_input("{}: the numbers of {} cannot be read; is the file damaged or cut off?",
                   path.string(), name);
    }
    std::array<double, 4096> block{};
    for (std::size_t done = 0; done < count; done += block.size()) {
        const std::size_t size = std::min(block.size(), count - done);
        for (std::size_t i = 0; i < size; ++i) block[i] = type.at(data.data(), done + i);
        output.write(block.data(), size * sizeof(double));
    }
}

}  // namespace

std::vector<MatlabVariable> list_matlab_variables(const std::filesystem::path& path) {
    matio_library(path.string());
    std::string lines;
    run_isolated(
        path.string(), {},
        [&](IsolatedOutput& output) {
            check_whole(path);
            const File file = open_file(path);
            Lister lister(file.get(), output);
            while (const Variable variable{matio().read_next_info(file.get())}) {
                lister.list(*variable, "");
            }
        },
        [&](std::span<const std::byte> bytes) {
            lines.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        });
    std::vector<MatlabVariable> variables;
    for (const std::string_view line : split(lines, '\n')) {
        if (!line.empty()) variables.push_back(parse_line(line));
    }
    return variables;
}

void read_matlab_part(const std::filesystem::path& path, const std::string& variable,
                      const MatlabPart& part,
                      const std::function<void(std::span<const double>)>& take) {
    matio_library(path.string());
    std::vector<std::byte> rest;  // of a number that came in two pieces
    std::vector<double> numbers;
    std::uint64_t received = 0;
    run_isolated(
        path.string(), {},
        [&](IsolatedOutput& output) { write_part(path, variable, part, output); },
        [&](std::span<const std::byte> bytes) {
            rest.insert(rest.end(), bytes.begin(), bytes.end());
            numbers.resize(rest.size() / sizeof(double));
            std::memcpy(numbers.data(), rest.data(), numbers.size() * sizeof(double));
            rest.erase(rest.begin(),
                       rest.begin() + static_cast<std::ptrdiff_t>(numbers.size() * sizeof(double)));
            received += numbers.size();
            take(numbers);
        });
    if (received != part.to - part.from) {
        fail_input("{}: {} numbers of {} arrived, {} expected", path.string(), received, variable,
                   part.to - part.from);
    }
}

}  // namespace clef
