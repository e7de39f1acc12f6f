#include "pretraining/event_file.hpp"

#include <chrono>

#include "base/error.hpp"
#include "base/file.hpp"
#include "encoder/little_endian.hpp"
#include "encoder/onnx/wire.hpp"

namespace clef {

namespace {

using onnx::WireMessage;

constexpr int wall_time_field = 1, step_field = 2, version_field = 3, summary_field = 5,
              session_field = 7;
constexpr int value_field = 1, tag_field = 1, simple_value_field = 2, status_field = 1;
constexpr std::int64_t session_start = 1;

double now() {
    const std::chrono::duration<double> time = std::chrono::system_clock::now().time_since_epoch();
    return time.count();
}

std::uint32_t masked_crc(std::string_view bytes) {
    const std::uint32_t crc = crc32c(bytes);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

WireMessage event_at(std::int64_t step) {
    WireMessage event;
    event.add_double(wall_time_field, now());
    event.add_integer(step_field, step);
    return event;
}

std::filesystem::path fresh_path(const std::filesystem::path& folder) {
    for (auto second = static_cast<std::int64_t>(now());; ++second) {
        auto path = folder / fmt::format("events.out.tfevents.{}.clef", second);
        if (!std::filesystem::exists(path)) return path;
    }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    }
    return ~crc;
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step) {
    make_folder(folder);
    path_ = fresh_path(folder);
    file_.open(path_, std::ios::binary);
    WireMessage version = event_at(first_step);
    version.add_text(version_field, "brain.Event:2");
    write(version.bytes());
    if (first_step == 0) return;
    WireMessage start = event_at(first_step);
    WireMessage session;
    session.add_integer(status_field, session_start);
    start.add_message(session_field, std::move(session));
    write(start.bytes());
}

void EventFile::add(std::int64_t step, std::span<const std::pair<std::string, double>> scalars) {
    WireMessage summary;
    for (const auto& [tag, number] : scalars) {
        WireMessage value;
        value.add_text(tag_field, tag);
        value.add_float(simple_value_field, static_cast<float>(number));
        summary.add_message(value_field, std::move(value));
    }
    WireMessage event = event_at(step);
    event.add_message(summary_field, std::move(summary));
    write(event.bytes());
}

void EventFile::write(std::string_view event) {
    std::string record;
    append_little_endian(record, std::uint64_t{event.size()});
    append_little_endian(record, masked_crc(record));
    record += event;
    append_little_endian(record, masked_crc(event));
    file_ << record << std::flush;
    if (!file_) fail_run("{}: cannot be written (is the disk full?)", path_.string());
}

}  // namespace clef
