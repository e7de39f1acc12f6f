#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "encoder/architectures/entries.hpp"

namespace clef {

namespace {

template <typename Named>
const Named* find_by_name(const std::vector<Named>& list, const std::string& name) {
    const auto it = std::find_if(list.begin(), list.end(),
                                 [&](const Named& candidate) { return candidate.name == name; });
    return it == list.end() ? nullptr : &*it;
}

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& list) {
    std::vector<std::string> names;
    for (const Named& named : list) names.push_back(named.name);
    return names;
}

}  // namespace

const std::vector<Family>& families() {
    static const std::vector<Family> list = [] {
        std::vector<Family> all;
        for (const built_in::Entries& entries : built_in::all()) {
            all.insert(all.end(), entries.families.begin(), entries.families.end());
        }
        return all;
    }();
    return list;
}

const std::vector<Architecture>& architectures() {
    static const std::vector<Architecture> list = [] {
        std::vector<Architecture> all;
        for (const built_in::Entries& entries : built_in::all()) {
            all.insert(all.end(), entries.architectures.begin(), entries.architectures.end());
        }
        return all;
    }();
    return list;
}

const Family& find_family(const std::string& name) {
    const Family* family = find_by_name(families(), name);
    if (family == nullptr) {
        fail_input("no family of architectures '{}'.{}", name,
                   suggestion(name, names_of(families())));
    }
    return *family;
}

const Architecture& find_architecture(const std::string& name) {
    const Architecture* architecture = find_by_name(architectures(), name);
    if (architecture == nullptr) {
        fail_input("no architecture '{}'.{}", name, suggestion(name, names_of(architectures())));
    }
    return *architecture;
}

const PublishedFile* find_published_file(const std::string& file_name) {
    for (const Architecture& architecture : architectures()) {
        const PublishedFile* file = find_by_name(architecture.files, file_name);
        if (file != nullptr) return file;
    }
    return nullptr;
}

}  // namespace clef
