#include "formats/conversion_annotations.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/file.hpp"
#include "formats/wfdb_annotations.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_reader.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> chosen_sets(const fs::path& in,
                                     const std::vector<std::string>& annotators) {
    return annotators.empty() ? annotation_extensions(in) : annotators;
}

// read_annotations() names those there are when this one is absent.
WfdbAnnotationFile read_set(const fs::path& in, const std::string& extension) {
    const fs::path path = annotation_path(in, extension);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) read_annotations(in, extension);
    return read_wfdb_annotation_file(path);
}

void cut(std::vector<Annotation>& annotations, const Stretch& stretch) {
    const auto from = static_cast<std::int64_t>(stretch.from);
    const auto samples = static_cast<std::int64_t>(stretch.samples);
    for (Annotation& annotation : annotations) {
        annotation.sample -= from;
        annotation.seconds -= static_cast<double>(stretch.from) / stretch.sampling_rate;
    }
    std::erase_if(annotations, [&](const Annotation& annotation) {
        return annotation.sample < 0 || annotation.sample >= samples;
    });
}

// In ticks of the file's own, so that nothing is rounded that need not be.
void cut(WfdbAnnotationFile& file, const Stretch& stretch, double header_rate) {
    const double ticks = file.ticks_per_second > 0 ? file.ticks_per_second : header_rate;
    const double per_sample = ticks / stretch.sampling_rate;
    const auto first =
        static_cast<std::int64_t>(std::llround(static_cast<double>(stretch.from) * per_sample));
    const auto length =
        static_cast<std::int64_t>(std::llround(static_cast<double>(stretch.samples) * per_sample));
    for (WfdbAnnotation& annotation : file.annotations) annotation.tick -= first;
    std::erase_if(file.annotations, [&](const WfdbAnnotation& annotation) {
        return annotation.tick < 0 || annotation.tick >= length;
    });
}

// Ends the head, so that notes at time 0 stay annotations.
void close_head(WfdbAnnotationFile& file) {
    if (file.head.empty() || file.head.back().code != 0) file.head.emplace_back();
}

}  // namespace

std::vector<NamedAnnotations> annotations_within(const fs::path& in, const EcgReader& reader,
                                                 const std::vector<std::string>& annotators,
                                                 const Stretch& stretch) {
    std::vector<NamedAnnotations> sets;
    if (!find_wfdb_header(in).empty()) {
        for (const std::string& extension : chosen_sets(in, annotators)) {
            WfdbAnnotationFile file = read_set(in, extension);
            if (file.ticks_per_second == 0) {
                file.ticks_per_second = read_wfdb_header(find_wfdb_header(in)).sampling_rate;
            }
            sets.push_back({extension, to_annotations(file, stretch.sampling_rate)});
        }
    } else {
        if (!annotators.empty()) {
            fail_input("{}: no annotation file '{}': only WFDB records have annotators",
                       in.string(), annotators.front());
        }
        sets.push_back({"", reader.annotations()});
        for (Annotation& annotation : sets.back().annotations) {
            annotation.sample =
                static_cast<std::int64_t>(std::llround(annotation.seconds * stretch.sampling_rate));
        }
    }
    if (!stretch.is_whole) {
        for (NamedAnnotations& set : sets) cut(set.annotations, stretch);
    }
    std::erase_if(sets, [](const NamedAnnotations& set) { return set.annotations.empty(); });
    return sets;
}

std::vector<fs::path> copy_wfdb_annotations(const fs::path& in, const fs::path& out,
                                            const std::vector<std::string>& annotators,
                                            const Stretch& stretch, std::size_t& count) {
    const double rate = read_wfdb_header(find_wfdb_header(in)).sampling_rate;
    std::vector<fs::path> files;
    for (const std::string& extension : chosen_sets(in, annotators)) {
        WfdbAnnotationFile file = read_set(in, extension);
        fs::path path = out;
        path += "." + extension;
        const bool same_times = file.ticks_per_second > 0 || rate == stretch.sampling_rate;
        if (stretch.is_whole && same_times) {
            write_file(path, read_text_file(annotation_path(in, extension)));
        } else {
            if (!stretch.is_whole) cut(file, stretch, rate);
            if (!same_times) {
                WfdbAnnotation note;
                note.code = wfdb_note_code;
                note.text = fmt::format("## time resolution: {}", rate);
                file.head.insert(file.head.begin(), note);
            }
            if (!file.annotations.empty() && file.annotations.front().tick == 0) close_head(file);
            write_file(path, encode_wfdb_annotations(file, path.string()));
        }
        count += file.annotations.size();
        files.push_back(path);
    }
    return files;
}

}  // namespace clef
