// What `clef embed` does: a cohort, or one machine's shard of it, embedded into files that grow as
// it goes and outlive interruptions (embedding_files.hpp); and the shards put together again.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "runtime/embedding_files.hpp"
#include "runtime/shard.hpp"

namespace clef {

struct EmbeddingRun {
    std::filesystem::path output;  // out.npy; a shard writes out.shard-2-of-4.npy
    std::optional<Shard> shard = std::nullopt;
    std::function<std::string()> model_digest;  // what stands for the weights; asked when needed
    double checkpoint_seconds = 2;
    bool restart = false;
};

// What was written.
struct EmbeddingOutput {
    std::filesystem::path output;
    std::filesystem::path table;
    std::filesystem::path skipped_list;  // there only where something was skipped
    EmbeddingProgress done;
    std::size_t dimensions = 0;
};

// Goes on where an interrupted run of the same kind has left off, and says so. A whole run writes
// the skipped recordings into skipped.csv in the output's folder, a shard into
// out.shard-2-of-4.skipped.csv; a shard writes out.shard-2-of-4.json too, which says what it is of.
// The same bytes for any number of threads and interruptions.
// Errors: as embed_recordings and EmbeddingFiles; InputError where nothing could be embedded (but
// not for a shard: the others may have something).
EmbeddingOutput embed_to_files(const Cohort& cohort, const Session& session,
                               const Preprocessor& preprocessor, const EmbedOptions& options,
                               const EmbeddingRun& run);

// Puts out.shard-1-of-n.npy … (in any order) together: the bytes that one machine writes, where all
// have the same instruction sets. Memory does not depend on their size. Errors: InputError where
// one is missing, double, not whole, or of another model, input or option than the first.
EmbeddingOutput merge_shards(std::span<const std::filesystem::path> shards,
                             const std::filesystem::path& output);

}  // namespace clef
