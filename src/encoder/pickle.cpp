#include "encoder/pickle.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "encoder/pickle_reader.hpp"

namespace clef {

namespace {

using Kind = PickleNode::Kind;

// What a forged pickle calls to take a machine over. Nothing is ever called here; a file that names
// one of these is refused all the same, because whoever loads it elsewhere should know.
bool is_hostile(std::string_view module, std::string_view name) {
    constexpr std::array<std::string_view, 13> modules = {
        "os",    "posix",     "nt",     "subprocess", "pty",  "socket", "shutil",
        "runpy", "importlib", "ctypes", "commands",   "code", "asyncio"};
    constexpr std::array<std::string_view, 6> evaluators = {"eval",       "exec", "compile",
                                                            "__import__", "open", "breakpoint"};
    const std::string_view package = module.substr(0, module.find('.'));
    if (std::find(modules.begin(), modules.end(), package) != modules.end()) return true;
    const bool built_in = package == "builtins" || package == "__builtin__";
    return built_in && std::find(evaluators.begin(), evaluators.end(), name) != evaluators.end();
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | (code >> 6));
        add(0x80 | (code & 0x3F));
    } else {
        if (code < 0x10000) {
            add(0xE0 | (code >> 12));
        } else {
            add(0xF0 | ((code >> 18) & 0x07));
            add(0x80 | ((code >> 12) & 0x3F));
        }
        add(0x80 | ((code >> 6) & 0x3F));
        add(0x80 | (code & 0x3F));
    }
}

// Protocol 0 writes text as Latin-1 with \uXXXX and \UXXXXXXXX.
std::string raw_unicode(std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const char kind = byte == '\\' && i + 1 < line.size() ? line[i + 1] : '\0';
        const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        std::uint32_t code = byte;
        if (digits > 0 && i + 1 + digits < line.size()) {
            code = 0;
            for (const char digit : line.substr(i + 2, digits)) {
                const int value = digit >= '0' && digit <= '9'   ? digit - '0'
                                  : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                  : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                                 : 0;
                code = code * 16 + static_cast<std::uint32_t>(value);
            }
            i += 1 + digits;
        }
        append_utf8(text, code);
    }
    return text;
}

class Machine {
  public:
    Machine(std::span<const std::byte> bytes, const std::string& source, const PickleLimits& limits)
        : reader_(bytes.first(std::min(bytes.size(), limits.bytes)), source), limits_(limits) {}

    Pickle run() {
        while (true) {
            const auto code = reader_.number<std::uint8_t>();
            if (code == '.') break;
            if (!number(code) && !text(code) && !container(code) && !call(code) && !memory(code)) {
                reader_.fail(fmt::format("unknown instruction 0x{:02x}: no pickle, or damaged",
                                         static_cast<unsigned>(code)));
            }
        }
        pickle_.root = pop();
        pickle_.bytes = reader_.position();
        return std::move(pickle_);
    }

  private:
    PickleIndex add(PickleNode node) {
        if (pickle_.nodes.size() >= limits_.nodes) {
            reader_.fail(fmt::format("more than {} values; no model needs as many", limits_.nodes));
        }
        pickle_.nodes.push_back(std::move(node));
        return static_cast<PickleIndex>(pickle_.nodes.size() - 1);
    }

    bool push(PickleIndex index) {
        if (stack_.size() >= limits_.stack) {
            reader_.fail(
                fmt::format("nested too deeply: more than {} values begun", stack_.size()));
        }
        stack_.push_back(index);
        return true;
    }

    bool push(PickleNode node) { return push(add(std::move(node))); }
    bool push(Kind kind) { return push(PickleNode{kind, 0, 0, {}, {}}); }
    bool push_integer(std::int64_t value) { return push({Kind::integer, value, 0, {}, {}}); }
    bool push_text(Kind kind, std::string_view value) {
        return push({kind, 0, 0, std::string(value), {}});
    }

    PickleIndex top() const {
        const std::size_t floor = marks_.empty() ? 0 : marks_.back();
        if (stack_.size() <= floor) reader_.fail("takes a value where there is none");
        return stack_.back();
    }

    PickleIndex pop() {
        const PickleIndex index = top();
        stack_.pop_back();
        return index;
    }

    // Everything since the last mark, and the mark itself.
    std::vector<PickleIndex> pop_mark() {
        if (marks_.empty()) reader_.fail("closes a container that was not begun");
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<PickleIndex> items(begin, stack_.end());
        stack_.erase(begin, stack_.end());
        marks_.pop_back();
        return items;
    }

    std::vector<PickleIndex> pop_items(std::size_t count) {
        std::vector<PickleIndex> items(count);
        for (std::size_t i = count; i-- > 0;) items[i] = pop();
        return items;
    }

    bool push_items(Kind kind, std::vector<PickleIndex> items) {
        if (kind == Kind::dict && items.size() % 2 != 0) reader_.fail("a key without a value");
        return push({kind, 0, 0, {}, std::move(items)});
    }

    // Lists and sets keep what is added to them; on an inert object it is dropped.
    bool extend(const std::vector<PickleIndex>& items) {
        PickleNode& target = pickle_.nodes[top()];
        if (target.kind == Kind::list || target.kind == Kind::set) {
            target.items.insert(target.items.end(), items.begin(), items.end());
        } else if (target.kind != Kind::object) {
            reader_.fail("adds to a value that is no list");
        }
        return true;
    }

    bool set_items(const std::vector<PickleIndex>& items) {
        if (items.size() % 2 != 0) reader_.fail("a key without a value");
        PickleNode& target = pickle_.nodes[top()];
        if (target.kind != Kind::dict && target.kind != Kind::object) {
            reader_.fail("sets a key of a value that is no dict");
        }
        target.items.insert(target.items.end(), items.begin(), items.end());
        return true;
    }

    bool push_global(std::string_view module, std::string_view name) {
        if (is_hostile(module, name)) {
            reader_.fail(fmt::format(
                "asks for {}.{}, which would run commands or code; nothing was run. A model has "
                "no use for it: do not trust this file",
                module, name));
        }
        return push_text(Kind::global, fmt::format("{}.{}", module, name));
    }

    bool push_long(std::string_view bytes) {
        if (bytes.size() > 8) return push_text(Kind::big_integer, bytes);
        std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
        std::memcpy(&value, bytes.data(), bytes.size());
        return push_integer(static_cast<std::int64_t>(value));
    }

    bool push_decimal(std::string_view line) {
        if (line.ends_with('L')) line.remove_suffix(1);
        const auto value = parse_integer(line);
        return value ? push_integer(*value) : push_text(Kind::big_integer, line);
    }

    bool number(std::uint8_t code) {
        switch (code) {
            case 'N':
                return push(Kind::none);
            case 0x88:
            case 0x89:
                return push({Kind::boolean, code == 0x88 ? 1 : 0, 0, {}, {}});
            case 'I': {
                const std::string_view line = reader_.line();
                if (line == "00" || line == "01") {
                    return push({Kind::boolean, line == "01" ? 1 : 0, 0, {}, {}});
                }
                return push_decimal(line);
            }
            case 'L':
                return push_decimal(reader_.line());
            case 'J':
                return push_integer(reader_.number<std::int32_t>());
            case 'K':
                return push_integer(reader_.number<std::uint8_t>());
            case 'M':
                return push_integer(reader_.number<std::uint16_t>());
            case 0x8a:
                return push_long(reader_.take(reader_.number<std::uint8_t>()));
            case 0x8b:
                return push_long(reader_.take(reader_.number<std::uint32_t>()));
            case 'F':
                return push({Kind::real, 0, parse_double(reader_.line()).value_or(0), {}, {}});
            case 'G':
                return push({Kind::real, 0, reader_.big_endian_double(), {}, {}});
            default:
                return false;
        }
    }

    bool text(std::uint8_t code) {
        switch (code) {
            case 'S':
                return push_text(Kind::string, unquoted(reader_.line()));
            case 'T':
                return push_text(Kind::string, reader_.take(reader_.number<std::uint32_t>()));
            case 'U':
            case 0x8c:
                return push_text(Kind::string, reader_.take(reader_.number<std::uint8_t>()));
            case 'V':
                return push_text(Kind::string, raw_unicode(reader_.line()));
            case 'X':
                return push_text(Kind::string, reader_.take(reader_.number<std::uint32_t>()));
            case 0x8d:
                return push_text(Kind::string, reader_.take(reader_.number<std::uint64_t>()));
            case 'B':
                return push_text(Kind::bytes, reader_.take(reader_.number<std::uint32_t>()));
            case 'C':
                return push_text(Kind::bytes, reader_.take(reader_.number<std::uint8_t>()));
            case 0x8e:
            case 0x96:
                return push_text(Kind::bytes, reader_.take(reader_.number<std::uint64_t>()));
            case 0x97:  // a buffer outside of the pickle, which no file has
                reader_.fail("refers to a buffer outside of the file");
            case 0x98:
                top();
                return true;
            default:
                return false;
        }
    }

    bool container(std::uint8_t code) {
        switch (code) {
            case '(':
                if (marks_.size() >= limits_.open_marks) {
                    reader_.fail(fmt::format("nested more than {} deep", limits_.open_marks));
                }
                marks_.push_back(stack_.size());
                return true;
            case ']':
                return push(Kind::list);
            case '}':
                return push(Kind::dict);
            case ')':
                return push(Kind::tuple);
            case 0x8f:
                return push(Kind::set);
            case 'l':
                return push_items(Kind::list, pop_mark());
            case 'd':
                return push_items(Kind::dict, pop_mark());
            case 't':
                return push_items(Kind::tuple, pop_mark());
            case 0x91:
                return push_items(Kind::set, pop_mark());
            case 0x85:
            case 0x86:
            case 0x87:
                return push_items(Kind::tuple, pop_items(code - 0x84U));
            case 'a':
                return extend(pop_items(1));
            case 'e':
            case 0x90:
                return extend(pop_mark());
            case 's':
                return set_items(pop_items(2));
            case 'u':
                return set_items(pop_mark());
            default:
                return false;
        }
    }

    bool call(std::uint8_t code) {
        switch (code) {
            case 'c': {
                const std::string_view module = reader_.line();
                return push_global(module, reader_.line());
            }
            case 0x93: {
                const std::vector<PickleIndex> names = pop_items(2);
                const PickleNode& module = pickle_.at(names[0]);
                const PickleNode& name = pickle_.at(names[1]);
                if (module.kind != Kind::string || name.kind != Kind::string) {
                    reader_.fail("names a class by something that is no text");
                }
                return push_global(std::string(module.text), std::string(name.text));
            }
            case 'R':
            case 0x81:
                return push_items(Kind::object, pop_items(2));
            case 0x92: {
                std::vector<PickleIndex> items = pop_items(3);
                items.pop_back();  // keyword arguments
                return push_items(Kind::object, std::move(items));
            }
            case 'i': {
                const std::string_view module = reader_.line();
                const std::string_view name = reader_.line();
                std::vector<PickleIndex> arguments = pop_mark();
                push_global(module, name);
                push_items(Kind::tuple, std::move(arguments));
                return push_items(Kind::object, pop_items(2));
            }
            case 'o': {
                std::vector<PickleIndex> items = pop_mark();
                if (items.empty()) reader_.fail("makes an object of nothing");
                push(items.front());
                push_items(Kind::tuple, {items.begin() + 1, items.end()});
                return push_items(Kind::object, pop_items(2));
            }
            case 'b':  // state of an object: inert, dropped
                pop();
                top();
                return true;
            case 0x82:
            case 0x83:
            case 0x84:
                reader_.fail("uses Python's extension registry, which no PyTorch file does");
            case 'P':
                push_text(Kind::string, reader_.line());
                return push_items(Kind::persistent, pop_items(1));
            case 'Q':
                return push_items(Kind::persistent, pop_items(1));
            default:
                return false;
        }
    }

    bool memory(std::uint8_t code) {
        switch (code) {
            case 0x80:
                if (const auto version = reader_.number<std::uint8_t>(); version > 5) {
                    reader_.fail(fmt::format("pickle protocol {}, expected 0–5", version));
                }
                return true;
            case 0x95:
                reader_.number<std::uint64_t>();
                return true;
            case '0':
                if (!marks_.empty() && marks_.back() == stack_.size()) {
                    marks_.pop_back();
                } else {
                    pop();
                }
                return true;
            case '1':
                pop_mark();
                return true;
            case '2':
                return push(top());
            case 'p':
                return put(memo_index(reader_.line()));
            case 'q':
                return put(reader_.number<std::uint8_t>());
            case 'r':
                return put(reader_.number<std::uint32_t>());
            case 0x94:
                return put(memo_.size());
            case 'g':
                return get(memo_index(reader_.line()));
            case 'h':
                return get(reader_.number<std::uint8_t>());
            case 'j':
                return get(reader_.number<std::uint32_t>());
            default:
                return false;
        }
    }

    std::uint64_t memo_index(std::string_view line) {
        const auto value = parse_integer(line);
        if (!value || *value < 0) reader_.fail("a memo entry that is no number");
        return static_cast<std::uint64_t>(*value);
    }

    bool put(std::uint64_t entry) {
        if (memo_.size() >= limits_.nodes) reader_.fail("too many memo entries");
        memo_[entry] = top();
        return true;
    }

    bool get(std::uint64_t entry) {
        const auto it = memo_.find(entry);
        if (it == memo_.end()) reader_.fail(fmt::format("memo entry {} was never made", entry));
        return push(it->second);
    }

    static std::string_view unquoted(std::string_view line) {
        const bool quoted = line.size() >= 2 && (line.front() == '\'' || line.front() == '"') &&
                            line.back() == line.front();
        return quoted ? line.substr(1, line.size() - 2) : line;
    }

    PickleReader reader_;
    PickleLimits limits_;
    Pickle pickle_;
    std::vector<PickleIndex> stack_;
    std::vector<std::size_t> marks_;  // stack heights
    std::unordered_map<std::uint64_t, PickleIndex> memo_;
};

}  // namespace

const PickleNode& Pickle::item(const PickleNode& node, std::size_t i) const {
    if (i >= node.items.size()) {
        fail_input("a pickled value with {} parts, expected at least {}", node.items.size(), i + 1);
    }
    return at(node.items[i]);
}

const PickleNode* Pickle::find(const PickleNode& node, std::string_view key) const {
    const PickleNode* found = nullptr;
    if (node.kind != Kind::dict && node.kind != Kind::object) return found;
    for (std::size_t i = node.kind == Kind::object ? 2 : 0; i + 1 < node.items.size(); i += 2) {
        const PickleNode& candidate = at(node.items[i]);
        if (candidate.kind == Kind::string && candidate.text == key) found = &at(node.items[i + 1]);
    }
    return found;
}

Pickle unpickle(std::span<const std::byte> bytes, const std::string& source,
                const PickleLimits& limits) {
    return Machine(bytes, source, limits).run();
}

}  // namespace clef
