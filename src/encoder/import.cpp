#include "encoder/import.hpp"

#include <map>
#include <optional>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "encoder/mapped_pages.hpp"
#include "encoder/model_note.hpp"

namespace clef {

namespace {

std::string recognition_text(const Checkpoint& checkpoint, const Recognition& recognition) {
    std::string text =
        fmt::format("{}, {}: {} with {} lead{}, {} tensors", checkpoint.format,
                    place_text(*recognition.group), recognition.name, recognition.leads,
                    recognition.leads == 1 ? "" : "s", recognition.matched);
    if (!checkpoint.note.empty()) text += "; recipe, labels and provenance from its clef.json";
    if (recognition.left_out > 0) {
        text += fmt::format("; {} others left out", recognition.left_out);
    }
    return text;
}

// "float16 (250), int64 (7)": what the file held, where it is not simply float32.
std::string types_text(const Recognition& recognition) {
    std::map<std::string, std::size_t> counts;
    for (const TensorSpec& spec : recognition.specs) {
        const auto it = recognition.group->tensors.find(spec.name);
        if (it == recognition.group->tensors.end() || spec.type != ElementType::float32) continue;
        ++counts[it->second.type_name];
    }
    std::string text;
    for (const auto& [type, count] : counts) {
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", type, count);
    }
    return text;
}

nlohmann::json provenance_of(const std::string& source, const Checkpoint& checkpoint,
                             const Recognition& recognition) {
    return {{"objective", "imported weights"},
            {"imported_from", std::filesystem::path(source).filename().string()},
            {"imported_format", checkpoint.format},
            {"imported_place", place_text(*recognition.group)},
            {"imported_types", types_text(recognition)},
            {"cohort", "not known (imported)"},
            {"program", CLEF_VERSION}};
}

Tensor load(const MappedFile& file, const StoredTensor& stored, ElementType expected,
            const std::string& what, bool keep_precision) {
    Tensor tensor = read_tensor(stored, what);
    drop_pages(file, stored.storage);
    if (expected == ElementType::int64) return to_int64(std::move(tensor), what);
    const bool kept = keep_precision && tensor.type != ElementType::float64;
    if (kept || expected != ElementType::float32) return tensor;
    return to_float32(std::move(tensor), what);
}

// What clef wrote beside the tensors (an exported .pth): the model is that one.
std::optional<Model> noted_model(const Checkpoint& checkpoint, const std::string& source) {
    if (checkpoint.note.empty()) return std::nullopt;
    const std::string where = source + ": clef.json";
    return model_of_note(parse_note(checkpoint.note, where), where);
}

Model started_model(const Checkpoint& checkpoint, const Recognition& recognition,
                    const std::string& source, const std::string& partial) {
    Model model = partial.empty() ? empty_model(recognition.name, recognition.leads)
                                  : random_model(recognition.name, recognition.leads, 0);
    model.provenance = provenance_of(source, checkpoint, recognition);
    if (!partial.empty()) model.provenance["partial"] = partial;
    return model;
}

void refuse_unless_partial(const Recognition& recognition, const std::optional<Model>& noted,
                           const ImportOptions& options, const std::string& source) {
    if (noted) fail_input("{}: {}", source, mismatch_text(recognition));
    if (options.allow_partial) return;
    fail_input("{}: {}\n  --allow-partial of `clef model import` loads the rest", source,
               mismatch_text(recognition));
}

}  // namespace

Imported import_model(const MappedFile& file, const std::string& source,
                      const ImportOptions& options) {
    const Checkpoint checkpoint = read_checkpoint(file.bytes(), source);
    PartChecker checker(file, checkpoint.parts, source);
    checker.check_heads();
    const std::optional<Model> noted = noted_model(checkpoint, source);
    const Recognition recognition =
        noted ? compare_with(*noted, checkpoint) : recognise(checkpoint, source);
    if (!recognition.complete()) refuse_unless_partial(recognition, noted, options, source);
    Imported result;
    if (!recognition.complete()) result.partial = mismatch_text(recognition);
    result.recognised = recognition_text(checkpoint, recognition);
    Model& model = result.model;
    model = noted ? *noted : started_model(checkpoint, recognition, source, result.partial);
    for (const TensorSpec& spec : recognition.specs) {
        const auto it = recognition.group->tensors.find(spec.name);
        if (it == recognition.group->tensors.end() || it->second.shape != spec.shape ||
            !stands_for(*it->second.type, spec.type)) {
            continue;
        }
        checker.check_around(it->second.storage);
        model.tensors[spec.name] =
            load(file, it->second, spec.type, fmt::format("{}: tensor '{}'", source, spec.name),
                 options.keep_precision);
    }
    check_tensors(model, source);
    return result;
}

std::string check_published(const MappedFile& file, const std::filesystem::path& path) {
    const PublishedFile* published = find_published_file(path.filename().string());
    if (published == nullptr) return "";
    if (published->md5.empty()) {
        return fmt::format("{}: no checksum was published for this file ({}), nothing to compare",
                           path.string(), published->where);
    }
    constexpr std::size_t piece = std::size_t{8} << 20;
    Md5 digest;
    const auto bytes = file.bytes();
    Progress progress("checking the MD5", bytes.size() >> 20, "MiB");
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
        const auto part = bytes.subspan(begin, std::min(piece, bytes.size() - begin));
        digest.update(part);
        drop_pages(file, part);
        progress.add(part.size() >> 20);
    }
    const std::string found = digest.hex();
    if (found != published->md5) {
        fail_input(
            "{}: MD5 {}, but the published file of this name ({}, {}) has {}: the download is "
            "damaged, or this is another file; rename it to import it as it is, unchecked",
            path.string(), found, published->where, published->size, published->md5);
    }
    return fmt::format("{}: MD5 agrees with the published file ({})", path.string(),
                       published->where);
}

std::string tensor_digest(const Tensor& tensor) {
    return sha256(tensor.data);
}

}  // namespace clef
