#include "encoder/import.hpp"

#include <map>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "encoder/mapped_pages.hpp"

namespace clef {

namespace {

std::string recognition_text(const Checkpoint& checkpoint, const Recognition& recognition) {
    std::string text =
        fmt::format("{}, {}: {} with {} lead{}, {} tensors", checkpoint.format,
                    place_text(*recognition.group), recognition.architecture->name,
                    recognition.leads, recognition.leads == 1 ? "" : "s", recognition.matched);
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
    const bool kept = keep_precision && tensor.type != ElementType::float64;
    if (kept || expected != ElementType::float32) return tensor;
    return to_float32(std::move(tensor), what);
}

}  // namespace

Imported import_model(const MappedFile& file, const std::string& source,
                      const ImportOptions& options) {
    const Checkpoint checkpoint = read_checkpoint(file.bytes(), source);
    const Recognition recognition = recognise(checkpoint, source);
    Imported result;
    if (!recognition.complete() && !options.allow_partial) {
        fail_input("{}: {}\n  --allow-partial of `clef model import` loads the rest", source,
                   mismatch_text(recognition));
    }
    if (!recognition.complete()) result.partial = mismatch_text(recognition);
    result.recognised = recognition_text(checkpoint, recognition);
    Model& model = result.model;
    model = recognition.complete()
                ? empty_model(recognition.architecture->name, recognition.leads)
                : random_model(recognition.architecture->name, recognition.leads, 0);
    model.provenance = provenance_of(source, checkpoint, recognition);
    if (!recognition.complete()) model.provenance["partial"] = result.partial;
    for (const TensorSpec& spec : recognition.specs) {
        const auto it = recognition.group->tensors.find(spec.name);
        if (it == recognition.group->tensors.end() || it->second.shape != spec.shape ||
            !stands_for(*it->second.type, spec.type)) {
            continue;
        }
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
