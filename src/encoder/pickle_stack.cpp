#include "encoder/pickle_stack.hpp"

#include <utility>

namespace clef {

PickleIndex PickleStack::add(PickleNode node) {
    if (pickle_.nodes.size() >= limits_.nodes) {
        reader_.fail(fmt::format("more than {} values; no model needs as many", limits_.nodes));
    }
    pickle_.nodes.push_back(std::move(node));
    return static_cast<PickleIndex>(pickle_.nodes.size() - 1);
}

bool PickleStack::push(PickleIndex index) {
    if (stack_.size() >= limits_.stack) {
        reader_.fail(fmt::format("nested too deeply: more than {} values begun", stack_.size()));
    }
    stack_.push_back(index);
    return true;
}

PickleIndex PickleStack::top() const {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) reader_.fail("takes a value where there is none");
    return stack_.back();
}

PickleIndex PickleStack::pop() {
    const PickleIndex index = top();
    stack_.pop_back();
    return index;
}

std::vector<PickleIndex> PickleStack::pop_mark() {
    if (marks_.empty()) reader_.fail("closes a container that was not begun");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleIndex> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
}

std::vector<PickleIndex> PickleStack::pop_items(std::size_t count) {
    std::vector<PickleIndex> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
}

bool PickleStack::push_items(Kind kind, std::vector<PickleIndex> items) {
    if (kind == Kind::dict && items.size() % 2 != 0) reader_.fail("a key without a value");
    return push({kind, 0, 0, {}, std::move(items)});
}

bool PickleStack::extend(const std::vector<PickleIndex>& items) {
    PickleNode& target = pickle_.nodes[top()];
    if (target.kind == Kind::list || target.kind == Kind::set) {
        target.items.insert(target.items.end(), items.begin(), items.end());
    } else if (target.kind != Kind::object) {
        reader_.fail("adds to a value that is no list");
    }
    return true;
}

bool PickleStack::set_items(const std::vector<PickleIndex>& items) {
    if (items.size() % 2 != 0) reader_.fail("a key without a value");
    PickleNode& target = pickle_.nodes[top()];
    if (target.kind != Kind::dict && target.kind != Kind::object) {
        reader_.fail("sets a key of a value that is no dict");
    }
    target.items.insert(target.items.end(), items.begin(), items.end());
    return true;
}

bool PickleStack::put(std::uint64_t entry) {
    if (memo_.size() >= limits_.nodes) reader_.fail("too many memo entries");
    memo_[entry] = top();
    return true;
}

bool PickleStack::get(std::uint64_t entry) {
    const auto it = memo_.find(entry);
    if (it == memo_.end()) reader_.fail(fmt::format("memo entry {} was never made", entry));
    return push(it->second);
}

bool PickleStack::mark() {
    if (marks_.size() >= limits_.open_marks) {
        reader_.fail(fmt::format("nested more than {} deep", limits_.open_marks));
    }
    marks_.push_back(stack_.size());
    return true;
}

bool PickleStack::drop_top() {
    if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
    } else {
        pop();
    }
    return true;
}

Pickle PickleStack::finish() {
    pickle_.root = pop();
    pickle_.bytes = reader_.position();
    return std::move(pickle_);
}

}  // namespace clef
