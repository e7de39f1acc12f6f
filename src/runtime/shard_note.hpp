// The note beside a shard's embeddings (out.shard-2-of-4.json): what it is a shard of, so that no
// two runs are mixed.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "runtime/embedding_files.hpp"
#include "runtime/shard.hpp"

namespace clef {

struct ShardNote {
    Shard shard;
    nlohmann::json run;  // everything that the bytes depend on
    EmbeddingProgress done;
    std::size_t dimensions = 0;
    std::string instruction_set;  // the best of the machine: last bits may differ between them
};

std::filesystem::path shard_note_path(const std::filesystem::path& output);
void write_shard_note(const std::filesystem::path& output, const ShardNote& note);
void remove_shard_note(const std::filesystem::path& output);
// Errors: InputError where there is none (the shard is not whole) or it cannot be read.
ShardNote read_shard_note(const std::filesystem::path& output);

}  // namespace clef
