// TensorBoard's event files, for scalars only: records of a TFRecord stream, each a protocol-buffer
// message "Event" (tensorboard/compat/proto: event.proto, summary.proto).
//   record   length (8 bytes), masked CRC-32C of those, message, masked CRC-32C of it
//   Event    1 wall_time (double), 2 step, 3 file_version, 5 summary, 7 session_log
//   Summary  1 value: 1 tag, 2 simple_value (float)
// Numbers are little-endian; masked(c) = rotate_right(c, 15) + 0xa282ead8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace clef {

// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as RFC 3720, section B.4, checks it.
std::uint32_t crc32c(std::string_view bytes);

// One file of one run's scalars. Whatever was written is in the file after each call, so that it
// can be watched while it grows. Not thread-safe.
class EventFile {
  public:
    // Makes FOLDER/events.out.tfevents.SECONDS.clef. Where a run is taken up again at `first_step`,
    // TensorBoard is told to forget what earlier files of the folder hold from there on.
    // RunError where it cannot be written.
    EventFile(const std::filesystem::path& folder, std::int64_t first_step);

    void add(std::int64_t step, std::span<const std::pair<std::string, double>> scalars);

    const std::filesystem::path& path() const { return path_; }

  private:
    void write(std::string_view event);

    std::filesystem::path path_;
    std::ofstream file_;
};

}  // namespace clef
