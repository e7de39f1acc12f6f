#include "encoder/pickle.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "encoder/pickle_reader.hpp"
#include "encoder/pickle_stack.hpp"
#include "encoder/pickle_text.hpp"

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

// The instructions, by what they make.
class Machine : private PickleStack {
  public:
    Machine(PickleReader& reader, const PickleLimits& limits)
        : PickleStack(reader, limits), reader_(reader) {}

    Pickle run() {
        while (true) {
            const auto code = reader_.number<std::uint8_t>();
            if (code == '.') break;
            if (!number(code) && !text(code) && !container(code) && !call(code) && !memory(code)) {
                reader_.fail(fmt::format("unknown instruction 0x{:02x}: no pickle, or damaged",
                                         static_cast<unsigned>(code)));
            }
        }
        return finish();
    }

  private:
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
                return mark();
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
                const PickleNode& module = at(names[0]);
                const PickleNode& name = at(names[1]);
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
                return drop_top();
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
                return memoise();
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

    PickleReader& reader_;
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
    PickleReader reader(bytes.first(std::min(bytes.size(), limits.bytes)), source);
    return Machine(reader, limits).run();
}

}  // namespace clef
