#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef {

namespace {

constexpr std::int64_t max_interval = 0x7FFFFFFF;
constexpr std::int64_t max_tick = std::int64_t{1} << 53;
constexpr std::int64_t longest_in_a_word = 0x3FF;
constexpr std::size_t longest_text = 255;
constexpr int first_free_code = 42;
constexpr std::size_t max_own_symbols = max_wfdb_annotation_code - first_free_code + 1;

// Writes the words in the order in which the WFDB library does, so that its files come out again
// byte for byte.
class Encoder {
  public:
    void add(const WfdbAnnotation& annotation) {
        std::int64_t delta = annotation.tick - tick_;
        while (delta > max_interval) delta -= skip(max_interval);
        while (delta < -max_interval) delta -= skip(-max_interval);
        if (annotation.code == 0) {
            // A null annotation with an interval of 0 would be the end mark.
            delta -= skip(delta - 1);
        } else if (delta > longest_in_a_word || delta < 0) {
            delta -= skip(delta);
        }
        word(annotation.code, static_cast<int>(delta));
        if (annotation.subtype != 0) word(61, annotation.subtype & longest_in_a_word);
        if (annotation.channel != channel_) word(62, annotation.channel);
        if (annotation.number != number_) word(60, annotation.number & longest_in_a_word);
        add_text(annotation.text);
        tick_ = annotation.tick;
        channel_ = annotation.channel;
        number_ = annotation.number;
    }

    std::string finish() {
        word(0, 0);
        return std::move(bytes_);
    }

  private:
    std::int64_t skip(std::int64_t interval) {
        const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(interval));
        word(59, 0);
        little_endian(bits >> 16);
        little_endian(bits & 0xFFFF);
        return interval;
    }

    void add_text(const std::string& text) {
        if (text.empty()) return;
        word(63, static_cast<int>(text.size()));
        bytes_ += text;
        if (text.size() % 2 == 1) bytes_ += '\0';
    }

    void word(int code, int data) {
        little_endian(static_cast<std::uint32_t>(code) << 10 | static_cast<std::uint32_t>(data));
    }

    void little_endian(std::uint32_t word) {
        bytes_ += static_cast<char>(word & 0xFF);
        bytes_ += static_cast<char>(word >> 8 & 0xFF);
    }

    std::string bytes_;
    std::int64_t tick_ = 0;
    int channel_ = 0;
    int number_ = 0;
};

void check(const WfdbAnnotation& annotation, const std::string& source) {
    const auto within = [&](std::string_view what, std::int64_t value, std::int64_t low,
                            std::int64_t high) {
        if (value >= low && value <= high) return;
        fail_input("{}: annotation at tick {}: {} {}: a WFDB annotation file holds {} to {}",
                   source, annotation.tick, what, value, low, high);
    };
    within("time", annotation.tick, -max_tick, max_tick);
    within("type", annotation.code, 0, 58);
    within("subtype", annotation.subtype, -128, 127);
    within("channel", annotation.channel, 0, 255);
    within("number", annotation.number, -128, 127);
    within("text length", static_cast<std::int64_t>(annotation.text.size()), 0, longest_text);
}

WfdbAnnotation note(std::string text) {
    WfdbAnnotation line;
    line.code = wfdb_note_code;
    line.text = std::move(text);
    return line;
}

WfdbAnnotationTypes own_types(const std::vector<Annotation>& annotations,
                              const std::string& source) {
    WfdbAnnotationTypes own;
    for (const Annotation& annotation : annotations) {
        const std::string& symbol = annotation.symbol;
        if (wfdb_annotation_code(symbol, own)) continue;
        if (own.size() == max_own_symbols || symbol.empty() || symbol.size() > 100 ||
            symbol.find_first_of(" \t\r\n") != std::string::npos) {
            fail_input(
                "{}: annotation type '{}' cannot be written: a WFDB annotation file holds {} types "
                "of one's own, without blanks",
                source, symbol, max_own_symbols);
        }
        own[first_free_code + static_cast<int>(own.size())] = {symbol, ""};
    }
    return own;
}

std::vector<WfdbAnnotation> head_of(const WfdbAnnotationTypes& types) {
    if (types.empty()) return {};
    std::vector<WfdbAnnotation> head{note("## annotation type definitions")};
    for (const auto& [code, type] : types) {
        head.push_back(note(fmt::format("{} {} {}", code, type.mnemonic, type.description)));
    }
    head.push_back(note("## end of definitions"));
    head.emplace_back();  // a null annotation closes the table
    return head;
}

// At most 255 bytes, not cutting through a UTF-8 character.
std::string fitting(const std::string& text) {
    if (text.size() <= longest_text) return text;
    std::size_t size = longest_text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return text.substr(0, size);
}

}  // namespace

std::string encode_wfdb_annotations(const WfdbAnnotationFile& file, const std::string& source) {
    Encoder encoder;
    for (const auto* part : {&file.head, &file.annotations}) {
        for (const WfdbAnnotation& annotation : *part) {
            check(annotation, source);
            encoder.add(annotation);
        }
    }
    return encoder.finish();
}

WfdbAnnotationFile from_annotations(const std::vector<Annotation>& annotations,
                                    const std::string& source) {
    WfdbAnnotationFile file;
    file.types = own_types(annotations, source);
    file.head = head_of(file.types);
    // A head would swallow ordinary notes at time 0 that follow it: the null annotation stands
    // between them.
    const bool begins_with_note = !annotations.empty() && annotations.front().sample == 0 &&
                                  annotations.front().symbol == note_symbol;
    if (file.head.empty() && begins_with_note) file.head.emplace_back();
    std::size_t cut = 0;
    for (const Annotation& from : annotations) {
        std::string text = fitting(from.text);
        cut += text.size() < from.text.size() ? 1 : 0;
        file.annotations.push_back({from.sample, *wfdb_annotation_code(from.symbol, file.types),
                                    from.subtype, from.channel, from.number, std::move(text)});
    }
    if (cut > 0) {
        warn(fmt::format("{}: {} annotation texts cut to {} bytes, the most that WFDB holds",
                         source, cut, longest_text));
    }
    return file;
}

}  // namespace clef
