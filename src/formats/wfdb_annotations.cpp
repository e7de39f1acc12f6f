#include "formats/wfdb_annotations.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_reader.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_bytes = std::size_t{16} << 20;

enum Pseudo : int { skip = 59, num = 60, sub = 61, chn = 62, aux = 63 };

int as_signed_byte(int value) {
    return static_cast<int>(static_cast<std::int8_t>(value & 0xFF));
}

class Parser {
  public:
    Parser(std::span<const std::byte> bytes, const std::string& source)
        : bytes_(bytes), source_(source) {}

    std::vector<WfdbAnnotation> run() {
        std::vector<WfdbAnnotation> all;
        while (true) {
            const std::optional<int> word = next_word();
            if (!word) break;
            has_end_mark_ = *word == 0;
            if (has_end_mark_) break;
            const int code = *word >> 10;
            const int data = *word & 0x3FF;
            if (code == skip) {
                tick_ += interval();
            } else if (code > skip) {
                if (all.empty()) fail("expected an annotation, found a word that adds to one");
                add_to(all.back(), code, data);
            } else {
                tick_ += data;
                all.push_back({tick_, code, 0, channel_, number_, ""});
            }
        }
        return all;
    }

    bool has_end_mark() const { return has_end_mark_; }

  private:
    std::optional<int> next_word() {
        if (at_ == bytes_.size()) return std::nullopt;
        if (bytes_.size() - at_ < 2) fail("half a word at the end");
        return word();
    }

    int word() {
        if (bytes_.size() - at_ < 2) fail("an annotation that is cut off");
        const int low = std::to_integer<int>(bytes_[at_]);
        const int high = std::to_integer<int>(bytes_[at_ + 1]);
        at_ += 2;
        return low | high << 8;
    }

    std::int32_t interval() {
        const auto high = static_cast<std::uint32_t>(word());
        return static_cast<std::int32_t>(high << 16 | static_cast<std::uint32_t>(word()));
    }

    void add_to(WfdbAnnotation& annotation, int code, int data) {
        switch (code) {
            case num:
                annotation.number = number_ = as_signed_byte(data);
                break;
            case sub:
                annotation.subtype = as_signed_byte(data);
                break;
            case chn:
                annotation.channel = channel_ = data & 0xFF;
                break;
            default:
                annotation.text = text(static_cast<std::size_t>(data & 0xFF));
        }
    }

    std::string text(std::size_t length) {
        const std::size_t padded = length + length % 2;
        if (bytes_.size() - at_ < padded) fail("a text that is cut off");
        const auto* begin = reinterpret_cast<const char*>(bytes_.data()) + at_;
        at_ += padded;
        return {begin, length};
    }

    [[noreturn]] void fail(std::string_view what) const {
        fail_input("{}: byte {}: {}; is this a WFDB annotation file, and whole?", source_, at_,
                   what);
    }

    std::span<const std::byte> bytes_;
    const std::string& source_;
    std::size_t at_ = 0;
    std::int64_t tick_ = 0;  // no overflow: 16 MiB hold fewer than 2^22 intervals below 2^31
    int channel_ = 0;
    int number_ = 0;
    bool has_end_mark_ = false;
};

// A file of the American Heart Association begins with a zero byte and the letter of a beat.
bool looks_like_aha(std::span<const std::byte> bytes) {
    constexpr std::string_view letters = "NVFEPQOUR";
    return bytes.size() >= 16 && bytes.size() % 16 == 0 && bytes[0] == std::byte{0} &&
           letters.find(std::to_integer<char>(bytes[1])) != std::string_view::npos;
}

// "15 c calibration pulse"
void read_definition(std::string_view line, WfdbAnnotationTypes& types) {
    constexpr std::string_view blanks = " \t";
    const auto take = [&]() {
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        const std::string_view word = line.substr(0, line.find_first_of(blanks));
        line.remove_prefix(word.size());
        return word;
    };
    const auto code = parse_integer(take());
    const std::string_view mnemonic = take();
    if (!code || *code < 0 || *code > max_wfdb_annotation_code || mnemonic.empty()) return;
    types[static_cast<int>(*code)] = {std::string(mnemonic), std::string(trim(line))};
}

void read_head(WfdbAnnotationFile& file, const std::string& source) {
    constexpr std::string_view resolution = "## time resolution:";
    for (const WfdbAnnotation& note : file.head) {
        const std::string_view line = note.text;
        if (line.starts_with(resolution)) {
            const auto ticks = parse_double(line.substr(resolution.size()));
            if (!ticks || !(*ticks >= 1e-3) || *ticks > 1e9) {
                fail_input("{}: '{}': expected 0.001 to 1e9 ticks per second", source,
                           line.substr(0, 60));
            }
            file.ticks_per_second = *ticks;
        } else if (!line.starts_with('#')) {
            read_definition(line, file.types);
        }
    }
}

// Notes at the very beginning, and the null annotation that closes them.
std::size_t head_size(const std::vector<WfdbAnnotation>& all) {
    std::size_t size = 0;
    while (size < all.size() && all[size].tick == 0 && all[size].code == wfdb_note_code &&
           all[size].subtype == 0) {
        ++size;
    }
    return size < all.size() && all[size].code == 0 ? size + 1 : size;
}

fs::path without_header_ending(const fs::path& record) {
    fs::path header = find_wfdb_header(record);
    if (header.empty()) header = record;
    if (header.extension() == ".hea") header.replace_extension();
    return header;
}

// Files that may hold anything and are not annotations.
std::set<std::string> signal_files(const fs::path& record) {
    std::set<std::string> names;
    const fs::path header = find_wfdb_header(record);
    if (header.empty()) return names;
    try {
        for (const WfdbSignal& signal : read_wfdb_header(header).signals) names.insert(signal.file);
    } catch (const InputError&) {  // whoever reads the header will say what is wrong with it
    }
    return names;
}

bool is_annotation_file(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error || size < 2 || size > max_file_bytes) return false;
    const MappedFile mapped(path);
    if (looks_like_aha(mapped.bytes())) return false;
    const std::string name = path.string();
    try {
        Parser parser(mapped.bytes(), name);
        parser.run();
        return parser.has_end_mark();
    } catch (const InputError&) {
        return false;
    }
}

}  // namespace

WfdbAnnotationFile parse_wfdb_annotations(std::span<const std::byte> bytes,
                                          const std::string& source) {
    if (bytes.size() > max_file_bytes) {
        fail_input("{}: {} bytes; annotation files of up to {} are read", source, bytes.size(),
                   max_file_bytes);
    }
    if (looks_like_aha(bytes)) {
        fail_input(
            "{}: annotations in AHA format, which is not read; convert them to WFDB's own (ann2rr, "
            "rdann and wrann read AHA)",
            source);
    }
    Parser parser(bytes, source);
    std::vector<WfdbAnnotation> all = parser.run();
    if (!parser.has_end_mark()) {
        warn(fmt::format("{}: no end mark behind the last annotation; is the file cut off?",
                         source));
    }
    WfdbAnnotationFile file;
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(head_size(all));
    file.head.assign(all.begin(), middle);
    all.erase(all.begin(), middle);
    file.annotations = std::move(all);
    read_head(file, source);
    return file;
}

WfdbAnnotationFile read_wfdb_annotation_file(const fs::path& path) {
    const MappedFile mapped(path);
    return parse_wfdb_annotations(mapped.bytes(), path.string());
}

std::int64_t round_to_sample(double value) {
    constexpr double limit = 4e18;
    return static_cast<std::int64_t>(std::clamp(std::floor(value + 0.5), -limit, limit));
}

std::vector<Annotation> to_annotations(const WfdbAnnotationFile& file, double rate) {
    const double ticks = file.ticks_per_second > 0 ? file.ticks_per_second : rate;
    std::vector<Annotation> annotations;
    annotations.reserve(file.annotations.size());
    for (const WfdbAnnotation& from : file.annotations) {
        Annotation& to = annotations.emplace_back();
        const auto tick = static_cast<double>(from.tick);
        to.sample = ticks == rate ? from.tick : round_to_sample(tick * (rate / ticks));
        to.seconds = tick / ticks;
        to.symbol = wfdb_mnemonic(from.code, file.types);
        to.subtype = from.subtype;
        to.channel = from.channel;
        to.number = from.number;
        to.text = from.text;
    }
    return annotations;
}

fs::path annotation_path(const fs::path& record, const std::string& extension) {
    fs::path path = without_header_ending(record);
    path += "." + extension;
    return path;
}

std::vector<std::string> annotation_extensions(const fs::path& record) {
    const fs::path base = without_header_ending(record);
    const fs::path folder = base.has_parent_path() ? base.parent_path() : fs::path(".");
    const std::string prefix = base.filename().string() + ".";
    const std::set<std::string> signals = signal_files(record);
    std::vector<std::string> extensions;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix) || !entry.is_regular_file(ignored)) continue;
        const std::string extension = name.substr(prefix.size());
        if (extension == "hea" || extension == "edf" || signals.contains(name) ||
            !is_annotation_file(entry.path())) {
            continue;
        }
        extensions.push_back(extension);
    }
    std::sort(extensions.begin(), extensions.end());
    return extensions;
}

std::vector<Annotation> read_annotations(const fs::path& record, const std::string& extension) {
    const fs::path path = annotation_path(record, extension);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        const auto present = annotation_extensions(record);
        fail_input("{}: no such annotation file; {}", path.string(),
                   present.empty() ? "the record has none"
                                   : "the record's annotators are: " + join(present, ", "));
    }
    const WfdbAnnotationFile file = read_wfdb_annotation_file(path);
    const fs::path header = find_wfdb_header(record);
    if (!header.empty()) return to_annotations(file, read_wfdb_header(header).sampling_rate);
    if (file.ticks_per_second == 0) {
        fail_input("{}: no header {}.hea beside it, and the file does not say its time resolution",
                   path.string(), without_header_ending(record).filename().string());
    }
    return to_annotations(file, file.ticks_per_second);
}

}  // namespace clef
