#include "runtime/shard_note.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

namespace clef {

namespace {

constexpr int note_version = 1;
constexpr std::uintmax_t largest_note = 1 << 20;

}  // namespace

std::filesystem::path shard_note_path(const std::filesystem::path& output) {
    std::filesystem::path path = output;
    return path.replace_extension(".json");
}

void write_shard_note(const std::filesystem::path& output, const ShardNote& note) {
    const nlohmann::json json = {{"version", note_version},
                                 {"shard", note.shard.index},
                                 {"shards", note.shard.count},
                                 {"run", note.run},
                                 {"recordings", note.done.recordings},
                                 {"rows", note.done.rows},
                                 {"skipped", note.done.skipped},
                                 {"windows_below_min_quality", note.done.windows_below},
                                 {"first_trouble", note.done.first_trouble},
                                 {"dimensions", note.dimensions},
                                 {"instruction_set", note.instruction_set}};
    write_file(shard_note_path(output), json.dump(2) + "\n");
}

void remove_shard_note(const std::filesystem::path& output) {
    std::error_code ignored;
    std::filesystem::remove(shard_note_path(output), ignored);
}

ShardNote read_shard_note(const std::filesystem::path& output) {
    const std::filesystem::path path = shard_note_path(output);
    if (!std::filesystem::exists(path)) {
        fail_input(
            "{}: no {} beside it: not a shard, or one that is not finished (the same "
            "`clef embed --shard` goes on with it)",
            output.string(), path.filename().string());
    }
    try {
        const auto json = nlohmann::json::parse(read_text_file(path, largest_note));
        if (json.at("version") != note_version) {
            fail_input("{}: written by another version of clef", path.string());
        }
        ShardNote note;
        note.shard = {json.at("shard").get<std::size_t>(), json.at("shards").get<std::size_t>()};
        const Shard& shard = note.shard;
        if (shard.index < 1 || shard.index > shard.count || shard.count > most_shards) {
            fail_input("{}: shard {} cannot be", path.string(), shard.text());
        }
        note.run = json.at("run");
        note.done = {json.at("recordings").get<std::size_t>(), json.at("rows").get<std::size_t>(),
                     json.at("skipped").get<std::size_t>(),
                     json.at("windows_below_min_quality").get<std::size_t>(),
                     json.at("first_trouble").get<std::string>()};
        note.dimensions = json.at("dimensions").get<std::size_t>();
        note.instruction_set = json.at("instruction_set").get<std::string>();
        return note;
    } catch (const nlohmann::json::exception&) {
        fail_input("{}: not the note of a shard", path.string());
    }
}

}  // namespace clef
