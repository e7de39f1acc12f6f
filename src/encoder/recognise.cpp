#include "encoder/recognise.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "encoder/model.hpp"
#include "encoder/stored_names.hpp"

namespace clef {

namespace {

struct Candidate {
    const Architecture* architecture;
    const Family* family;
    int leads;
    nlohmann::json config;
    std::vector<TensorSpec> specs;
};

std::vector<Candidate> candidates() {
    std::vector<Candidate> list;
    for (const Architecture& architecture : architectures()) {
        const Family& family = find_family(architecture.family);
        for (const int leads : architecture.leads) {
            Candidate candidate{&architecture, &family, leads, architecture.config(leads), {}};
            candidate.specs = family.tensors(candidate.config);
            list.push_back(std::move(candidate));
        }
    }
    return list;
}

bool matches(const StoredTensor& tensor, const TensorSpec& spec) {
    return tensor.shape == spec.shape && tensor.type && stands_for(*tensor.type, spec.type);
}

std::size_t count_matches(const std::vector<TensorSpec>& specs, const TensorGroup& group) {
    return static_cast<std::size_t>(
        std::count_if(specs.begin(), specs.end(), [&](const auto& spec) {
            const auto it = group.tensors.find(spec.name);
            return it != group.tensors.end() && matches(it->second, spec);
        }));
}

// Each group as each family names its tensors.
class Views {
  public:
    std::shared_ptr<const TensorGroup> of(const TensorGroup& group, const Family& family) {
        auto& view = views_[{&group, family.name}];
        if (view != nullptr) return view;
        view = family.stored_name
                   ? under_own_names(group, family)
                   : std::shared_ptr<const TensorGroup>(std::shared_ptr<void>(), &group);
        return view;
    }

  private:
    std::map<std::pair<const TensorGroup*, std::string>, std::shared_ptr<const TensorGroup>> views_;
};

struct Score {
    std::int64_t value = 0;  // matches, minus what is missing or different, minus what is left over
    std::size_t matched = 0;
};

Score score_of(const Candidate& candidate, const TensorGroup& group) {
    const std::size_t matched = count_matches(candidate.specs, group);
    const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
    return {3 * number(matched) - number(candidate.specs.size()) - number(group.tensors.size()),
            matched};
}

// The tensor left over that a missing one may have been renamed to.
std::string renaming(const TensorSpec& spec, const TensorGroup& group,
                     const std::set<std::string>& extra) {
    std::vector<std::string> alike;
    for (const std::string& name : extra) {
        if (matches(group.tensors.at(name), spec)) alike.push_back(name);
        if (alike.size() > 200) break;
    }
    const auto near = nearest(spec.name, alike);
    if (near) return *near;
    return alike.size() == 1 ? alike.front() : "";
}

void compare(Recognition& result) {
    std::set<std::string> extra;
    for (const auto& [name, tensor] : result.group->tensors) extra.insert(name);
    for (const TensorSpec& spec : result.specs) extra.erase(spec.name);
    for (const TensorSpec& spec : result.specs) {
        const auto it = result.group->tensors.find(spec.name);
        if (it == result.group->tensors.end()) {
            const std::string other =
                result.missing.size() < 64 ? renaming(spec, *result.group, extra) : "";
            result.missing.push_back(
                other.empty() ? spec.name
                              : fmt::format("{} (renamed? '{}' has its shape)", spec.name, other));
        } else if (!matches(it->second, spec)) {
            result.different.push_back(fmt::format(
                "{} {} {} (expected {} {})", spec.name, it->second.type_name,
                shape_text(it->second.shape), element_name(spec.type), shape_text(spec.shape)));
        }
    }
    result.extra.assign(extra.begin(), extra.end());
}

std::string known_text() {
    std::vector<std::string> names;
    for (const Architecture& architecture : architectures()) names.push_back(architecture.name);
    return join(names, ", ");
}

std::string first_names(const TensorGroup& group) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : group.tensors) {
        names.push_back(fmt::format("{} {}", name, shape_text(tensor.shape)));
        if (names.size() == 3) break;
    }
    return join(names, ", ");
}

void append_list(std::string& text, const char* title, const std::vector<std::string>& items) {
    if (items.empty()) return;
    constexpr std::size_t shown = 12;
    text += fmt::format("\n  {} ({}):", title, items.size());
    for (std::size_t i = 0; i < std::min(shown, items.size()); ++i) text += "\n    " + items[i];
    if (items.size() > shown) text += fmt::format("\n    and {} more", items.size() - shown);
}

}  // namespace

bool stands_for(ElementType stored, ElementType expected) {
    const bool floating = stored == ElementType::float32 || stored == ElementType::float16 ||
                          stored == ElementType::bfloat16 || stored == ElementType::float64;
    return stored == expected ||
           (floating && (expected == ElementType::float32 || expected == ElementType::int64));
}

Recognition recognise(const Checkpoint& checkpoint, const std::string& source) {
    const std::vector<Candidate> list = candidates();
    const Candidate* best = nullptr;
    const TensorGroup* group = nullptr;
    const TensorGroup* rival = nullptr;
    Score highest;
    Views views;
    for (const TensorGroup& other : checkpoint.groups) {
        for (const Candidate& candidate : list) {
            const Score score = score_of(candidate, *views.of(other, *candidate.family));
            if (best != nullptr && score.value == highest.value && &other != group) {
                rival = &other;
            }
            if (best != nullptr && score.value <= highest.value) continue;
            best = &candidate;
            group = &other;
            rival = nullptr;
            highest = score;
        }
    }
    if (best == nullptr || highest.matched * 2 < best->specs.size()) {
        fail_input(
            "{}: a {} of an encoder that is not known: at best {} of {} tensors of {} match.\n"
            "  found: {}, …\n  known: {}",
            source, checkpoint.format, highest.matched, best->specs.size(),
            best->architecture->name, first_names(*group), known_text());
    }
    if (rival != nullptr) {
        fail_input(
            "{}: two sets of tensors match {} equally well, {} and {}: save the one that is "
            "meant alone",
            source, best->architecture->name, place_text(*group), place_text(*rival));
    }
    Recognition result;
    result.architecture = best->architecture;
    result.name = best->architecture->name;
    result.leads = best->leads;
    result.config = best->config;
    result.renamed = views.of(*group, *best->family);
    result.group = result.renamed.get();
    if (best->family->stored_name) check_second_names(*group, *best->family, source);
    result.specs = best->specs;
    result.matched = highest.matched;
    for (const TensorGroup& other : checkpoint.groups) {
        if (&other != group) result.left_out += other.tensors.size();
    }
    result.left_out += checkpoint.unread + group->tensors.size() - result.group->tensors.size();
    compare(result);
    return result;
}

Recognition compare_with(const Model& model, const Checkpoint& checkpoint) {
    Recognition result;
    result.name = model.architecture;
    result.leads = model_input_leads(model);
    result.config = model_config(model);
    result.specs = model_tensors(model);
    for (const TensorGroup& group : checkpoint.groups) {
        const std::size_t matched = count_matches(result.specs, group);
        if (result.group != nullptr && matched <= result.matched) continue;
        result.group = &group;
        result.matched = matched;
    }
    compare(result);
    return result;
}

std::string mismatch_text(const Recognition& recognition) {
    std::string text = fmt::format("{} of {} tensors of {} match", recognition.matched,
                                   recognition.specs.size(), recognition.name);
    append_list(text, "missing", recognition.missing);
    append_list(text, "of another shape or type", recognition.different);
    append_list(text, "not expected", recognition.extra);
    return text;
}

}  // namespace clef
