#include "formats/matrix_signals.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace clef {

namespace {

std::uint64_t bits_at(const std::byte* data, const NumberType& type) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < type.bytes; ++i) {
        const std::size_t place = type.big_endian ? i : type.bytes - 1 - i;
        bits = bits << 8 | std::to_integer<std::uint64_t>(data[place]);
    }
    return bits;
}

}  // namespace

std::optional<NumberType> parse_number_type(const std::string& descr) {
    constexpr std::array known{"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"};
    if (descr.size() != 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
        return std::nullopt;
    for (const char* type : known) {
        if (descr.substr(1) != type) continue;
        return NumberType{type[0], static_cast<std::size_t>(type[1] - '0'), descr[0] == '>'};
    }
    return std::nullopt;
}

double number_at(const std::byte* data, const NumberType& type) {
    const std::uint64_t bits = bits_at(data, type);
    if (type.kind == 'u') return static_cast<double>(bits);
    if (type.kind == 'i') {
        // Shifted to the top and back down, so that the sign comes along.
        const int unused = static_cast<int>(64 - 8 * type.bytes);
        return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
    }
    if (type.bytes == 8) return std::bit_cast<double>(bits);
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
}

std::vector<Lead> read_matrix(const MatrixNumbers& numbers, const SettledSignals& settled,
                              std::span<const std::size_t> signals, std::uint64_t from,
                              std::uint64_t to) {
    std::vector<Lead> leads;
    for (const std::size_t position : signals) {
        const SignalInfo& info = settled.info.signals[position];
        const UnitScale& scale = settled.scales[position];
        Lead lead{info.name, info.label, info.unit, scale.in_millivolts, {}};
        lead.samples.resize(static_cast<std::size_t>(to - from));
        for (std::uint64_t i = from; i < to; ++i) {
            const std::uint64_t place = position * numbers.lead_stride + i * numbers.sample_stride;
            const double value =
                number_at(numbers.data + place * numbers.type.bytes, numbers.type) * scale.factor;
            // An infinity is no sample either; and what no float holds would become one.
            const bool good =
                std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
            lead.samples[i - from] =
                good ? static_cast<float>(value) : std::numeric_limits<float>::quiet_NaN();
        }
        leads.push_back(std::move(lead));
    }
    return leads;
}

}  // namespace clef
