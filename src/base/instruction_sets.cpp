#include "base/instruction_sets.hpp"

#include <cstdint>
#include <hwy/highway.h>
#include <string_view>

namespace clef {

std::vector<const char*> instruction_sets() {
    std::vector<const char*> names;
    const std::int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
    for (int bit = 0; bit < 63; ++bit) {
        const std::int64_t target = std::int64_t{1} << bit;
        if ((targets & target) != 0) names.push_back(hwy::TargetName(target));
    }
    return names;
}

void use_instruction_set(const char* name) {
    std::int64_t chosen = 0;
    for (int bit = 0; bit < 63; ++bit) {
        const std::int64_t target = std::int64_t{1} << bit;
        if ((HWY_TARGETS & target) != 0 && std::string_view(hwy::TargetName(target)) == name) {
            chosen = target;
        }
    }
    hwy::SetSupportedTargetsForTest(chosen);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace clef
