// PTB-XL's diagnostic statements: the cell `scp_codes` and the table scp_statements.csv.
//
// A record's classes follow the rule of the data set's own example code (Wagner et al., "PTB-XL, a
// large publicly available electrocardiography dataset", Sci. Data 7:154, 2020): every statement of
// the record counts, whatever its likelihood (form and rhythm statements carry 0), and maps to the
// classes of scp_statements.csv. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clef {

// Parses a Python dictionary of texts and numbers: {'NORM': 100.0, "SR": 0.0}. Order is kept.
// `place` ("file: line 3: column 'scp_codes'") opens the InputError that says what is wrong where.
std::vector<std::pair<std::string, double>> parse_scp_codes(std::string_view text,
                                                            const std::string& place);

// One statement's classes; empty where the statement is not of that kind.
struct ScpStatement {
    std::string diagnostic, subdiagnostic, superdiagnostic, form, rhythm;
};

// code → classes. An InputError names a missing column.
std::map<std::string, ScpStatement> read_scp_statements(const std::filesystem::path& path);

}  // namespace clef
