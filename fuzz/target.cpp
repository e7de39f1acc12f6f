#include "target.hpp"

#include "base/error.hpp"

namespace clef::fuzz {

std::vector<Target>& targets() {
    static std::vector<Target> all;
    return all;
}

Registration::Registration(Target target) {
    targets().push_back(std::move(target));
}

bool accepted(const Target& target, Bytes input) {
    try {
        target.run(input);
        return true;
    } catch (const InputError&) {
        return false;
    }
}

std::string_view text_of(Bytes input) {
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

}  // namespace clef::fuzz
