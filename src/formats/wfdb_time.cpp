#include "formats/wfdb_time.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "base/text.hpp"

namespace clef {

namespace {

constexpr double day_seconds = 86400;
constexpr double longest = 1e15;  // seconds: what a header's odd rate may make of a time

// "s", "m:s" or "h:m:s", any of them with a fraction: seconds.
std::optional<double> parse_clock(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() > 3) return std::nullopt;
    double seconds = 0;
    for (const std::string_view part : parts) {
        const auto value = parse_double(part);
        if (!value || !(*value >= 0)) return std::nullopt;
        seconds = 60 * seconds + *value;
    }
    return seconds;
}

// "15/08/1994": days since 1970-01-01.
std::optional<std::int64_t> parse_date(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '/');
    if (parts.size() != 3) return std::nullopt;
    const auto day = parse_integer(parts[0]);
    const auto month = parse_integer(parts[1]);
    const auto year = parse_integer(parts[2]);
    if (!day || !month || !year || *day < 1 || *day > 31 || *month < 1 || *month > 12 ||
        *year < 1 || *year > 9999) {
        return std::nullopt;
    }
    // The first of the month plus days: the 31st of a short month runs on into the next.
    const std::chrono::year_month_day first{std::chrono::year(static_cast<int>(*year)),
                                            std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(1)};
    return std::chrono::sys_days(first).time_since_epoch().count() + *day - 1;
}

std::string date_text(std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    return fmt::format("{:02d}/{:02d}/{}", static_cast<unsigned>(date.day()),
                       static_cast<unsigned>(date.month()), static_cast<int>(date.year()));
}

struct Clock {
    std::int64_t seconds;
    int milliseconds;
};

Clock to_clock(double seconds) {
    const auto whole = static_cast<std::int64_t>(seconds);
    const int rest = static_cast<int>((seconds - static_cast<double>(whole)) * 1000 + 0.5);
    return rest == 1000 ? Clock{whole + 1, 0} : Clock{whole, rest};
}

}  // namespace

WfdbBaseTime wfdb_base_time(const WfdbHeader& header) {
    WfdbBaseTime base;
    base.milliseconds = std::round(parse_clock(header.base_time).value_or(0) * 1000);
    base.day = parse_date(header.base_date);
    return base;
}

std::string wfdb_elapsed_text(std::int64_t ticks, double ticks_per_second) {
    // Whole seconds are taken off first, in ticks: the fraction keeps its digits in long records.
    const double size = std::min(std::abs(static_cast<double>(ticks)), longest * ticks_per_second);
    const double whole = std::floor(size / ticks_per_second);
    const int rest =
        static_cast<int>((size - whole * ticks_per_second) * 1000 / ticks_per_second + 0.5);
    const std::int64_t seconds = static_cast<std::int64_t>(whole) + (rest == 1000 ? 1 : 0);
    const int milliseconds = rest % 1000;
    const std::int64_t hours = seconds / 3600;
    const std::string tail = fmt::format("{:02d}.{:03d}", seconds % 60, milliseconds);
    if (hours == 0) return fmt::format("   {:2d}:{}", seconds / 60, tail);
    return fmt::format("{:2d}:{:02d}:{}", hours, seconds / 60 % 60, tail);
}

std::string wfdb_time_text(std::int64_t ticks, double ticks_per_second, const WfdbBaseTime& base) {
    if (!base.is_known() || ticks < 0) return wfdb_elapsed_text(ticks, ticks_per_second);
    const double milliseconds =
        base.milliseconds + static_cast<double>(ticks) * 1000.0 / ticks_per_second;
    const Clock clock = to_clock(std::min(milliseconds / 1000.0, longest));
    const auto days = static_cast<std::int64_t>(static_cast<double>(clock.seconds) / day_seconds);
    const std::int64_t second = clock.seconds % static_cast<std::int64_t>(day_seconds);
    std::string date;
    if (base.day) {
        date = fmt::format(" {}", date_text(*base.day + days));
    } else if (days > 0) {
        date = fmt::format(" {}", days);
    }
    return fmt::format("[{:02d}:{:02d}:{:02d}.{:03d}{}]", second / 3600, second / 60 % 60,
                       second % 60, clock.milliseconds, date);
}

std::optional<std::uint64_t> parse_sample_position(std::string_view text, double sampling_rate) {
    constexpr double limit = 9007199254740992.0;  // 2^53: counted exactly by a double
    if (text.starts_with('s')) {
        const auto sample = parse_integer(text.substr(1));
        if (!sample || *sample < 0) return std::nullopt;
        return static_cast<std::uint64_t>(*sample);
    }
    const auto seconds = parse_clock(text);
    if (!seconds || *seconds * sampling_rate >= limit) return std::nullopt;
    return static_cast<std::uint64_t>(*seconds * sampling_rate + 0.5);
}

}  // namespace clef
