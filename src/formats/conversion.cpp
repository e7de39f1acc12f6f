#include "formats/conversion.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/conversion_annotations.hpp"
#include "formats/conversion_source.hpp"
#include "formats/csv_writer.hpp"
#include "formats/edf_writer.hpp"
#include "formats/npy.hpp"
#include "formats/wfdb_annotations.hpp"
#include "formats/wfdb_reader.hpp"
#include "formats/wfdb_writer.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

struct TargetName {
    const char* name;
    ConversionTarget target;
};
constexpr std::array target_names{
    TargetName{"wfdb16", ConversionTarget::wfdb16},
    TargetName{"wfdb212", ConversionTarget::wfdb212},
    TargetName{"wfdb516", ConversionTarget::wfdb516},
    TargetName{"edf", ConversionTarget::edf},
    TargetName{"csv", ConversionTarget::csv},
    TargetName{"npy", ConversionTarget::npy},
};

bool is_wfdb(ConversionTarget target) {
    return target == ConversionTarget::wfdb16 || target == ConversionTarget::wfdb212 ||
           target == ConversionTarget::wfdb516;
}

WfdbFormat wfdb_format_of(ConversionTarget target) {
    if (target == ConversionTarget::wfdb212) return WfdbFormat::format_212;
    if (target == ConversionTarget::wfdb516) return WfdbFormat::format_516;
    return WfdbFormat::format_16;
}

fs::path record_path(fs::path out) {
    const std::string ending = out.extension().string();
    if (ending == ".hea" || ending == ".dat") out.replace_extension();
    return out;
}

fs::path with_ending(fs::path path, const char* ending) {
    return path.replace_extension(ending);
}

void refuse_the_input_itself(const fs::path& in, const fs::path& out, ConversionTarget target) {
    std::error_code ignored;
    const fs::path header = find_wfdb_header(in);
    fs::path written = out;
    if (is_wfdb(target)) {
        written = record_path(out);
        written += ".hea";
    }
    for (const fs::path& source : {header, in}) {
        if (!source.empty() && fs::equivalent(source, written, ignored)) {
            fail_input("{}: the input itself; choose another name for the output", out.string());
        }
    }
}

std::size_t count_of(const std::vector<NamedAnnotations>& sets) {
    std::size_t count = 0;
    for (const NamedAnnotations& set : sets) count += set.annotations.size();
    return count;
}

void to_wfdb(const fs::path& in, const fs::path& out, ConversionTarget target,
             const ConversionSource& source, const std::vector<std::string>& annotators,
             ConversionResult& result) {
    const fs::path record = record_path(out);
    write_wfdb(record, source.digital(), wfdb_format_of(target));
    fs::path header = record;
    result.files.push_back(header += ".hea");
    if (source.is_wfdb()) {
        const auto copies =
            copy_wfdb_annotations(in, record, annotators, source.stretch(), result.annotations);
        result.files.insert(result.files.end(), copies.begin(), copies.end());
        return;
    }
    for (const NamedAnnotations& set :
         annotations_within(in, source.reader(), annotators, source.stretch())) {
        fs::path path = record;
        path += ".atr";
        write_file(path, encode_wfdb_annotations(from_annotations(set.annotations, path.string()),
                                                 path.string()));
        result.files.push_back(path);
        result.annotations += set.annotations.size();
    }
}

// All sets as one list in the order of time; a text says which set it is from, where there are
// several.
std::vector<Annotation> merged(std::vector<NamedAnnotations> sets) {
    std::vector<Annotation> all;
    const bool several = sets.size() > 1;
    for (NamedAnnotations& set : sets) {
        for (Annotation& annotation : set.annotations) {
            if (several) {
                annotation.text =
                    fmt::format("{}: {}", set.annotator, edf_annotation_text(annotation));
                annotation.symbol = std::string(note_symbol);
            }
            all.push_back(std::move(annotation));
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Annotation& a, const Annotation& b) {
        return a.seconds < b.seconds;
    });
    return all;
}

void say_losses(const EdfLosses& losses, const ConversionSource& source,
                const std::vector<Annotation>& annotations, ConversionResult& result) {
    const auto lost = [&](std::string sentence) { result.losses.push_back(std::move(sentence)); };
    if (losses.samples_added > 0) {
        lost(
            fmt::format("EDF holds whole data records: the last value of each lead is repeated "
                        "{} times behind the end",
                        losses.samples_added));
    }
    if (losses.sampling_rate != source.digital().sampling_rate) {
        lost(fmt::format("the sampling rate written is {:.9g} Hz, not {:.9g}", losses.sampling_rate,
                         source.digital().sampling_rate));
    }
    if (losses.largest_difference > 0) {
        lost(fmt::format("EDF's calibration has eight characters: largest difference {:.3g} {}",
                         losses.largest_difference, source.unit()));
    }
    if (losses.labels_cut > 0) {
        lost(fmt::format("{} lead names cut to 16 ASCII characters", losses.labels_cut));
    }
    if (losses.start_date_left_out) lost("the start date is not one of EDF's (1985 to 2084)");
    if (losses.texts_cut > 0) {
        lost(fmt::format("{} annotation texts cut to 40 bytes", losses.texts_cut));
    }
    if (losses.annotations_left_out > 0) {
        lost(fmt::format("{} annotations before the start left out", losses.annotations_left_out));
    }
    const auto numbered =
        std::count_if(annotations.begin(), annotations.end(), [](const Annotation& one) {
            return one.subtype != 0 || one.channel != 0 || one.number != 0;
        });
    if (numbered > 0) {
        lost(fmt::format("EDF+ has no place for subtype, channel and number of {} annotations",
                         numbered));
    }
    if (!source.digital().comments.empty()) {
        lost(fmt::format("EDF has no place for the {} comment lines of the header",
                         source.digital().comments.size()));
    }
}

void to_edf(const fs::path& in, const fs::path& out, const ConversionSource& source,
            const std::vector<std::string>& annotators, ConversionResult& result) {
    const std::vector<Annotation> annotations =
        merged(annotations_within(in, source.reader(), annotators, source.stretch()));
    const EdfLosses losses = write_edf(out, source.digital(), annotations);
    result.files.push_back(out);
    result.annotations = annotations.size() - losses.annotations_left_out;
    result.largest_difference += losses.largest_difference;
    say_losses(losses, source, annotations, result);
}

void write_sidecar_annotations(const fs::path& in, const fs::path& out,
                               const ConversionSource& source,
                               const std::vector<std::string>& annotators,
                               ConversionResult& result) {
    const auto sets = annotations_within(in, source.reader(), annotators, source.stretch());
    if (sets.empty()) return;
    const fs::path table = with_ending(out, ".annotations.csv");
    write_annotation_table(table, sets);
    result.files.push_back(table);
    result.annotations = count_of(sets);
}

void to_npy(const fs::path& out, const Recording& recording, const std::string& start,
            ConversionResult& result) {
    std::vector<float> values;
    values.reserve(recording.leads.size() * recording.samples());
    std::vector<std::string> names;
    std::vector<std::string> units;
    for (const Lead& lead : recording.leads) {
        values.insert(values.end(), lead.samples.begin(), lead.samples.end());
        names.push_back(lead.name);
        units.push_back(lead.in_millivolts ? "mV" : lead.unit);
    }
    const nlohmann::json about{{"sampling_rate_hz", recording.sampling_rate},
                               {"leads", names},
                               {"units", units},
                               {"start", start},
                               {"comments", recording.comments},
                               {"source", recording.source}};
    const fs::path description = with_ending(out, ".json");
    constexpr auto replace = nlohmann::json::error_handler_t::replace;
    write_file(description, about.dump(2, ' ', false, replace) + "\n");
    write_npy(out, values, {recording.leads.size(), recording.samples()});
    result.files = {out, description};
    const bool one_unit = std::equal(units.begin() + 1, units.end(), units.begin());
    result.reading_options =
        fmt::format("--fs {} --units {} --lead-names {}", recording.sampling_rate,
                    one_unit ? units.front() : "NU", join(names, ","));
}

}  // namespace

ConversionTarget conversion_target(const std::string& name, const fs::path& out) {
    std::vector<std::string> names;
    for (const TargetName& known : target_names) {
        if (name == known.name) return known.target;
        names.emplace_back(known.name);
    }
    if (!name.empty()) fail_input("--format {}: unknown.{}", name, suggestion(name, names));
    const std::string ending = lower(out.extension().string());
    if (ending == ".edf") return ConversionTarget::edf;
    if (ending == ".csv") return ConversionTarget::csv;
    if (ending == ".npy") return ConversionTarget::npy;
    if (ending.empty() || ending == ".hea" || ending == ".dat") return ConversionTarget::wfdb16;
    fail_input("{}: the ending names no format; choose one with --format: {}", out.string(),
               join(names, ", "));
}

ConversionResult convert_recording(const fs::path& in, const fs::path& out, ConversionTarget target,
                                   const ConversionOptions& options) {
    refuse_the_input_itself(in, out, target);
    ConversionResult result;
    if (target == ConversionTarget::csv || target == ConversionTarget::npy) {
        const ConversionSource source = ConversionSource::physical(in, options);
        const Recording& recording = source.recording();
        if (target == ConversionTarget::npy) {
            to_npy(out, recording, source.start(), result);
        } else {
            write_csv(out, recording);
            result.files.push_back(out);
        }
        write_sidecar_annotations(in, out, source, options.annotators, result);
        result.leads = recording.leads.size();
        result.samples = recording.samples();
        result.sampling_rate = recording.sampling_rate;
        return result;
    }
    const ConversionSource source = ConversionSource::digital(in, options);
    result.leads = source.digital().signals.size();
    result.samples = source.digital().samples();
    result.sampling_rate = source.digital().sampling_rate;
    result.kept_digital = source.kept_digital();
    result.largest_difference = source.largest_difference();
    if (!source.left_out().empty()) {
        result.losses.push_back("left out, being of another sampling rate: " +
                                join(source.left_out(), ", "));
    }
    if (result.largest_difference > 0) {
        result.losses.push_back(fmt::format("rounded to 1/{:g} {}: largest difference {:.3g} {}",
                                            source.digital().signals.front().gain, source.unit(),
                                            result.largest_difference, source.unit()));
    }
    if (is_wfdb(target)) {
        to_wfdb(in, out, target, source, options.annotators, result);
    } else {
        to_edf(in, out, source, options.annotators, result);
    }
    return result;
}

}  // namespace clef
