#include "encoder/pickle.hpp"

#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    unpickle(input, "data.pkl");
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    using namespace std::string_literals;
    std::vector<Seed> all{
        {"protocol-0", "(dp0\nVname\np1\n(lp2\nI1\naF2.5\naI01\nas."s},
        {"protocol-2",
         "\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K\x01X\x01\x00\x00\x00"
         "bq\x02]q\x03(K\x02G?\xF8\x00\x00\x00\x00\x00\x00\x88N\x85\x65u."s},
        {"protocol-4",
         "\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00}\x94\x8C\x01k\x94\x8C\x07"
         "collect\x94\x93\x94)R\x94s."s},
    };
    const auto legacy = seeds_from(shared / "goldens/checkpoints", ".pth", 1 << 15, 1);
    all.insert(all.end(), legacy.begin(), legacy.end());
    return all;
}

const Registration registration{{"pickle", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
