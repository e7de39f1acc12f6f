#include "base/csv.hpp"
#include "cohort/cohort.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    const MemoryFile file(input);
    read_cohort(file.path(), true);
    read_cohort(file.path());
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all = seeds_from(shared / "data/ludb", ".csv");
    all.push_back({"cohort",
                   "record,patient_id,age,sex,sbp_mmhg,smoker,risk,split,start_s,rhythm\n"
                   "a/1,p1,60,F,140,1,0.05,train,0,AF\na/2,p2,,M,,,,test,10,\"N, sinus\"\n"});
    return all;
}

const Registration registration{{"cohort_csv", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
