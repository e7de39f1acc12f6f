#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/npy.hpp"
#include "runtime/embedding_run.hpp"
#include "runtime/shard_note.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

struct Piece {
    fs::path values;
    fs::path table;
    fs::path skipped;
    ShardNote note;
};

Piece read_piece(const fs::path& path) {
    Piece piece{path, path, path, read_shard_note(path)};
    piece.table.replace_extension(".csv");
    piece.skipped.replace_extension(".skipped.csv");
    return piece;
}

void check_same_run(const Piece& first, const Piece& piece) {
    std::vector<std::string> different;
    for (const auto& [key, value] : first.note.run.items()) {
        if (!piece.note.run.contains(key) || piece.note.run.at(key) != value) {
            different.push_back(key);
        }
    }
    if (piece.note.dimensions != first.note.dimensions) different.push_back("dimensions");
    if (!different.empty()) {
        fail_input(
            "{}: of another run than {}: they differ in {}; merge only shards of one model, "
            "input and options",
            piece.values.string(), first.values.string(), join(different, ", "));
    }
    if (piece.note.shard.count != first.note.shard.count) {
        fail_input("{}: one of {} shards, but {} is one of {}", piece.values.string(),
                   piece.note.shard.count, first.values.string(), first.note.shard.count);
    }
}

// In the cohort's order, each once.
std::vector<Piece> gather(std::span<const fs::path> paths) {
    std::vector<Piece> pieces;
    for (const fs::path& path : paths) pieces.push_back(read_piece(path));
    if (pieces.empty()) fail_input("no shards to merge");
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
        return a.note.shard.index < b.note.shard.index;
    });
    for (const Piece& piece : pieces) check_same_run(pieces.front(), piece);
    const std::size_t count = pieces.front().note.shard.count;
    std::vector<std::string> missing;
    std::size_t next = 0;
    for (std::size_t index = 1; index <= count; ++index) {
        if (next < pieces.size() && pieces[next].note.shard.index == index) {
            ++next;
            if (next < pieces.size() && pieces[next].note.shard.index == index) {
                fail_input("{}: shard {} given twice", pieces[next].values.string(),
                           pieces[next].note.shard.text());
            }
        } else if (missing.size() < 10) {
            missing.push_back(fmt::format("{}", index));
        }
    }
    if (!missing.empty()) {
        fail_input("shards missing of {}: {}; give all of them", count, join(missing, ", "));
    }
    return pieces;
}

// The values behind the header, after checking that they are what the note says.
std::span<const std::byte> values_of(const MappedFile& file, const Piece& piece) {
    const std::string name = piece.values.string();
    const NpyHeader header = parse_npy_header(file.text(), name);
    const std::vector<std::size_t> expected = {piece.note.done.rows, piece.note.dimensions};
    const auto values = file.bytes().subspan(header.data_begins);
    const bool whole = header.type == "<f4" && !header.fortran_order && header.shape == expected &&
                       values.size() == expected[0] * expected[1] * sizeof(float);
    if (!whole) {
        fail_input("{}: expected {} rows of {} float32, as {} says; is it damaged?", name,
                   expected[0], expected[1], shard_note_path(piece.values).string());
    }
    return values;
}

// The end of the CSV record that begins at `begin`: behind its line break, or the text's end.
// Quoted cells may hold line breaks.
std::size_t record_end(std::string_view text, std::size_t begin) {
    bool quoted = false;
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] == '\n' && !quoted) return i + 1;
    }
    return text.size();
}

// Copies the table's records, their first cell (the row's number) counted on from `row`.
std::size_t append_table(AtomicFile& out, const Piece& piece, std::size_t row) {
    const MappedFile file(piece.table);
    const std::string_view text = file.text();
    const std::string header = embedding_table_header();
    if (!text.starts_with(header)) {
        fail_input("{}: not the table of a shard", piece.table.string());
    }
    const std::size_t first = row;
    for (std::size_t at = header.size(); at < text.size();) {
        const std::size_t end = record_end(text, at);
        const std::size_t comma = std::min(text.find(',', at), end);
        out.write(fmt::format("{}", row++));
        out.write(text.substr(comma, end - comma));
        at = end;
    }
    if (row - first != piece.note.done.rows) {
        fail_input("{}: {} rows, expected {}; is it damaged?", piece.table.string(), row - first,
                   piece.note.done.rows);
    }
    return row;
}

void merge_skipped(const std::vector<Piece>& pieces, std::size_t skipped, const fs::path& path) {
    if (skipped == 0) {
        std::error_code ignored;
        fs::remove(path, ignored);
        return;
    }
    AtomicFile out(path);
    bool first = true;
    for (const Piece& piece : pieces) {
        if (piece.note.done.skipped == 0) continue;
        const MappedFile file(piece.skipped);
        const std::string_view text = file.text();
        out.write(text.substr(first ? 0 : record_end(text, 0)));
        first = false;
    }
    out.commit();
}

void say_which_machines(const std::vector<Piece>& pieces) {
    const std::string& first = pieces.front().note.instruction_set;
    for (const Piece& piece : pieces) {
        if (piece.note.instruction_set == first) continue;
        note(
            fmt::format("{} was computed with {}, {} with {}: their last bits may differ from what "
                        "one machine writes",
                        pieces.front().values.string(), first, piece.values.string(),
                        piece.note.instruction_set));
        return;
    }
}

}  // namespace

EmbeddingOutput merge_shards(std::span<const fs::path> shards, const fs::path& output) {
    const std::vector<Piece> pieces = gather(shards);
    EmbeddingOutput result{output, output, output.parent_path() / "skipped.csv", {}, 0};
    result.table.replace_extension(".csv");
    result.dimensions = pieces.front().note.dimensions;
    for (const Piece& piece : pieces) {
        const EmbeddingProgress& done = piece.note.done;
        result.done.recordings += done.recordings;
        result.done.rows += done.rows;
        result.done.skipped += done.skipped;
        result.done.windows_below += done.windows_below;
        if (result.done.first_trouble.empty()) result.done.first_trouble = done.first_trouble;
    }
    if (result.done.rows == 0) {
        fail_nothing_embedded("the shards", result.done.recordings, result.done.first_trouble);
    }
    say_which_machines(pieces);
    AtomicFile values(output);
    AtomicFile table(result.table);
    values.write(npy_header({result.done.rows, result.dimensions}));
    table.write(embedding_table_header());
    std::size_t row = 0;
    {
        Progress progress("merging", pieces.size(), "shards");
        for (const Piece& piece : pieces) {
            const MappedFile file(piece.values);
            const auto bytes = values_of(file, piece);
            values.write(bytes.data(), bytes.size());
            row = append_table(table, piece, row);
            progress.add();
        }
    }
    merge_skipped(pieces, result.done.skipped, result.skipped_list);
    table.commit();
    values.commit();
    return result;
}

}  // namespace clef
