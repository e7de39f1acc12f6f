// Python pickles, protocols 0 to 5, read without Python's danger: a virtual machine that builds
// numbers, strings, bytes, lists, tuples, dicts and sets, and nothing else. Wherever a pickle asks
// to call something or to make an object of a class, an inert `object` node is left that says what
// was asked for; nothing is looked up and nothing is run. Source of the opcodes: the documentation
// in CPython's Lib/pickletools.py.
//
// Everything is a node in one flat list and refers to others by index, so that cycles and deep
// nesting cost nothing to build or to free. Memory is bounded by the input's length: a memo entry
// is an index, never a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

using PickleIndex = std::uint32_t;

struct PickleNode {
    enum class Kind : std::uint8_t {
        none,
        boolean,      // integer: 0 or 1
        integer,      // integer
        big_integer,  // text: its little-endian two's-complement bytes, or decimal digits
        real,         // real
        string,       // text, UTF-8
        bytes,        // text
        list,         // items
        tuple,        // items
        set,          // items
        dict,         // items: key, value, key, value, … in file order, repeated keys kept
        global,       // text: "module.name", a class or function that was named
        object,       // items: what was called, its arguments, then key, value, … set on it
        persistent,   // items: the id, which the surrounding format explains
    };
    Kind kind = Kind::none;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<PickleIndex> items;
};

struct Pickle {
    std::vector<PickleNode> nodes;
    PickleIndex root = 0;
    std::size_t bytes = 0;  // length of the pickle, up to and with its STOP

    const PickleNode& at(PickleIndex index) const { return nodes[index]; }
    const PickleNode& top() const { return nodes[root]; }
    // The item `i` of a list, tuple, object or persistent node; InputError where there is none.
    const PickleNode& item(const PickleNode& node, std::size_t i) const;
    // The value under a string key of a dict, or of an object that holds keys (the last one, as
    // Python does); nullptr where there is none.
    const PickleNode* find(const PickleNode& node, std::string_view key) const;
};

struct PickleLimits {
    std::size_t bytes = std::size_t{64} << 20;
    std::size_t nodes = 2'000'000;
    std::size_t stack = 1'000'000;
    std::size_t open_marks = 1'000;  // containers begun and not yet closed: depth of nesting
};

// One pickle from the beginning of `bytes`; what follows it is not touched. Errors, all InputErrors
// with `source` and the byte: an unknown or misplaced instruction, an end before STOP, a memo entry
// that was never made, a limit exceeded; and a pickle that names a function of the operating
// system or an evaluator of code, which no model needs.
Pickle unpickle(std::span<const std::byte> bytes, const std::string& source,
                const PickleLimits& limits = {});

}  // namespace clef
