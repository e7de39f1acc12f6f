// The memory of a pickle's virtual machine: the values made so far, the stack of their indices, the
// marks where containers were begun, the memo. Every operation checks what it needs and the limits;
// those that change the stack return true. For pickle.cpp only.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "encoder/pickle.hpp"
#include "encoder/pickle_reader.hpp"

namespace clef {

class PickleStack {
  public:
    // `reader` says where in the file an error is, and must outlive this.
    PickleStack(const PickleReader& reader, const PickleLimits& limits)
        : reader_(reader), limits_(limits) {}

    using Kind = PickleNode::Kind;
    bool push(PickleIndex index);
    bool push(PickleNode node) { return push(add(std::move(node))); }
    bool push(Kind kind) { return push(PickleNode{kind, 0, 0, {}, {}}); }
    bool push_integer(std::int64_t value) { return push({Kind::integer, value, 0, {}, {}}); }
    bool push_text(Kind kind, std::string_view value) {
        return push({kind, 0, 0, std::string(value), {}});
    }
    bool push_items(Kind kind, std::vector<PickleIndex> items);

    PickleIndex top() const;
    PickleIndex pop();
    std::vector<PickleIndex> pop_items(std::size_t count);  // in the order in which they came

    bool mark();
    bool drop_top();                      // a mark, where it is on top
    std::vector<PickleIndex> pop_mark();  // everything since the last mark, and the mark itself

    // Of the value on top. Lists and sets keep what is added to them; an inert object drops it.
    bool extend(const std::vector<PickleIndex>& items);
    bool set_items(const std::vector<PickleIndex>& items);

    bool put(std::uint64_t entry);  // the value on top into the memo
    bool memoise() { return put(memo_.size()); }
    bool get(std::uint64_t entry);

    const PickleNode& at(PickleIndex index) const { return pickle_.at(index); }
    Pickle finish();  // the value on top is the pickle's

  private:
    PickleIndex add(PickleNode node);

    const PickleReader& reader_;
    PickleLimits limits_;
    Pickle pickle_;
    std::vector<PickleIndex> stack_;
    std::vector<std::size_t> marks_;  // stack heights
    std::unordered_map<std::uint64_t, PickleIndex> memo_;
};

}  // namespace clef
