#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/datasets/dataset.hpp"
#include "cohort/datasets/scp_codes.hpp"
#include "cohort/task.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;

IndexResult index(const std::string& name, std::vector<fs::path> roots, IndexOptions options = {}) {
    return find_dataset(name).index(roots, options);
}

template <typename Work>
std::string complaint(const Work& work) {
    try {
        work();
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

constexpr const char* database_header =
    "ecg_id,patient_id,age,sex,height,weight,scp_codes,strat_fold,filename_lr,filename_hr\n";

// A miniature PTB-XL; `rows` without header.
void write_ptbxl(const fs::path& root, const std::string& rows) {
    write_file(root / "ptbxl_database.csv", database_header + rows);
    write_file(root / "scp_statements.csv",
               ",description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass\n"
               "NORM,normal ECG,1.0,,,NORM,NORM\n"
               "NDT,T abnormalities,1.0,1.0,,STTC,STTC\n"
               "SR,sinus rhythm,,,1.0,,\n");
}

TEST(ScpCodes, ReadsPythonDictionaries) {
    using Items = std::vector<std::pair<std::string, double>>;
    EXPECT_EQ(parse_scp_codes("{'NORM': 100.0, \"SR\": 0.0}", "x"),
              (Items{{"NORM", 100}, {"SR", 0}}));
    EXPECT_EQ(parse_scp_codes(" { 'LAO/LAE' :80 ,'PRC(S)':0,} ", "x"),
              (Items{{"LAO/LAE", 80}, {"PRC(S)", 0}}));
    EXPECT_EQ(parse_scp_codes("{}", "x"), Items{});
}

TEST(ScpCodes, SaysWhereADictionaryIsBroken) {
    EXPECT_EQ(complaint([] { parse_scp_codes("{'SR': yes}", "f: line 2"); }),
              "f: line 2: character 8 of '{'SR': yes}': expected a number");
    for (const char* text : {"", "{", "{'SR'", "{'SR: 1}", "{'SR': 1", "{'SR': 1} x", "{SR: 1}",
                             "{'': 1}", "['SR']", "{'SR': }", "{,}", "{'a;b': 1}"}) {
        EXPECT_NE(complaint([&] { parse_scp_codes(text, "f"); }), "no error") << text;
    }
}

TEST(Ptbxl, DerivesEveryColumnFromTheDataSetsFiles) {
    const testing::TemporaryFolder folder;
    write_ptbxl(folder.path(),
                "1,15709.0,56.0,1,164,63.0,\"{'NDT': 0.0, 'NORM': 80.0, 'SR': 0.0}\",3,lr/1,hr/1\n"
                "2,15709.0,300.0,0,,,\"{'SR': 0.0}\",9,lr/2,hr/2\n"
                "3,,,,,,\"{'NORM': 100.0}\",10,lr/3,\n");
    const IndexResult result = index("ptbxl", {folder.path()});
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    const auto cells = [&](std::size_t row, std::vector<std::string> columns) {
        for (std::string& column : columns) column = cohort.cell(cohort.rows[row], column);
        return join(columns, "|");
    };
    EXPECT_EQ(cells(0, {"patient_id", "age", "sex", "height_cm", "weight_kg", "split"}),
              "15709|56|F|164|63|train");
    EXPECT_EQ(cells(0, {"superdiagnostic", "subdiagnostic", "diagnostic", "form", "rhythm"}),
              "NORM;STTC|NORM;STTC|NDT;NORM|NDT|SR");
    EXPECT_EQ(cells(1, {"patient_id", "age", "sex", "split", "diagnostic", "rhythm", "ecg_id"}),
              "15709|90|M|val||SR|2");
    EXPECT_EQ(cells(2, {"patient_id", "age", "sex", "split", "strat_fold"}), "ecg-3|||test|10");
    EXPECT_EQ(fs::path(cohort.rows[0].record).filename(), "1");
    EXPECT_EQ(cohort.path_of(cohort.rows[0]).parent_path().filename(), "hr");
    EXPECT_EQ(cohort.path_of(cohort.rows[2]).parent_path().filename(), "lr");
    EXPECT_EQ(result.missing_records, 3u);
    EXPECT_TRUE(index("ptbxl", {folder.path()}, {0, true}).cohort.rows.empty());
}

TEST(Ptbxl, TakesTheRateAskedForAndOtherwiseWhatIsThere) {
    const testing::TemporaryFolder folder;
    write_ptbxl(folder.path(), "1,,,,,,{},1,lr/1,hr/1\n");
    const auto record = [&](int rate) {
        const IndexResult result = index("ptbxl", {folder.path()}, {rate, false});
        return result.cohort.path_of(result.cohort.rows.at(0)).parent_path().filename().string();
    };
    EXPECT_EQ(record(100), "lr");
    EXPECT_EQ(record(500), "hr");
    EXPECT_EQ(record(0), "hr");
    write_file(folder.path() / "lr/1.hea", "");
    EXPECT_EQ(record(0), "lr");
}

TEST(Ptbxl, ErrorsNameFileLineAndColumn) {
    const testing::TemporaryFolder folder;
    const auto broken = [&](const std::string& row) {
        write_ptbxl(folder.path(), row + "\n");
        const std::string said = complaint([&] { index("ptbxl", {folder.path()}); });
        const std::string file = (folder.path() / "ptbxl_database.csv").string();
        return said.rfind(file, 0) == 0 ? said.substr(file.size()) : said;
    };
    EXPECT_EQ(broken("1,,,,,,{},11,lr/1,"),
              ": line 2: column 'strat_fold': found '11', expected a fold from 1 to 10");
    EXPECT_EQ(broken("1,,,2,,,{},1,lr/1,"),
              ": line 2: column 'sex': found '2', expected a number from 0 to 1");
    EXPECT_EQ(broken("1,,,,,,{'ODD': 1},1,lr/1,"),
              ": line 2: column 'scp_codes': statement 'ODD' is not in scp_statements.csv");
    EXPECT_EQ(broken("1,,,,,,{},1,,"),
              ": line 2: column 'filename_lr': empty; expected the name of the record at 100 Hz");
    EXPECT_NE(broken("1,,,,,,{},1,a,\n1,,,,,,{},1,b,").find("ECG 1 appears twice"),
              std::string::npos);
    fs::remove(folder.path() / "scp_statements.csv");
    EXPECT_EQ(complaint([&] { index("ptbxl", {folder.path()}); }),
              folder.path().string() +
                  ": no file scp_statements.csv; expected the folder of PTB-XL as published "
                  "(PhysioNet, ptb-xl 1.0.3)");
}

TEST(Ptbxl, JoinsBothPartsOfTheRealData) {
    CLEF_REQUIRE_SHARED("data/ptbxl/ptbxl_database.csv");
    CLEF_REQUIRE_SHARED("data/ptbxl-ext/ptbxl_database.csv");
    const fs::path data = testing::shared_folder() / "data";
    const IndexResult result = index("ptbxl", {data / "ptbxl", data / "ptbxl-ext"});
    const Cohort& cohort = result.cohort;
    EXPECT_EQ(cohort.rows.size(), 500u + 1785u);
    EXPECT_EQ(result.missing_records, 0u);
    refuse_leaks(cohort);
    std::map<std::string, std::size_t> splits;
    for (const CohortRow& row : cohort.rows) ++splits[row.split];
    // Counted from the two tables' strat_fold with Python's csv module.
    EXPECT_EQ(splits["val"], 81u + 178u);
    EXPECT_EQ(splits["test"], 66u + 187u);
    // So are these, from scp_codes through Python's ast.literal_eval and scp_statements.csv.
    const std::map<std::string, std::size_t> known = {
        {"superdiagnostic", 2273}, {"subdiagnostic", 2273}, {"diagnostic", 2273}, {"form", 748},
        {"rhythm", 2206},          {"age", 2281},           {"sex", 2285}};
    for (const auto& [name, count] : known) {
        const Task task = read_task(CLEF_SOURCE "/tasks/ptbxl-" + name + ".toml");
        EXPECT_EQ(make_targets(cohort, task).known_rows(), count) << name;
    }
    const Task task = read_task(CLEF_SOURCE "/tasks/ptbxl-superdiagnostic.toml");
    const Targets targets = make_targets(cohort, task);
    std::map<std::string, std::size_t> positives;
    for (std::size_t i = 0; i < targets.indicators.size(); ++i) {
        positives[task.classes[i % 5].code] += static_cast<std::size_t>(targets.indicators[i]);
    }
    const std::map<std::string, std::size_t> expected = {
        {"NORM", 1244}, {"STTC", 613}, {"CD", 532}, {"MI", 330}, {"HYP", 229}};
    EXPECT_EQ(positives, expected);
}

TEST(Folder, ListsEveryRecordingBelowInOrder) {
    const testing::TemporaryFolder folder;
    fs::create_directories(folder.path() / "b");
    for (const char* name : {"b/2", "a", "b/10"}) {
        write_wfdb(folder.path() / name, {"", 100, {{"I", "I", "mV", true, {0, 1, 2}}}, {}});
    }
    write_file(folder.path() / "notes.txt", "not a recording\n");
    const Cohort cohort = index("folder", {folder.path()}).cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    EXPECT_EQ(cohort.rows[0].record, (folder.path() / "a").string());
    EXPECT_EQ(cohort.rows[1].record, (folder.path() / "b/10").string());
    EXPECT_EQ(cohort.rows[2].record, (folder.path() / "b/2").string());
    EXPECT_FALSE(cohort.has_patient_ids);
    fs::remove_all(folder.path());
    fs::create_directories(folder.path());
    const std::string empty = complaint([&] { index("folder", {folder.path()}); });
    EXPECT_TRUE(empty.starts_with(folder.path().string() + ": no recordings in it")) << empty;
}

TEST(Cinc2017, ReadsTheRealReference) {
    CLEF_REQUIRE_SHARED("data/cinc2017/REFERENCE.csv");
    const IndexResult result = index("cinc2017", {testing::shared_folder() / "data/cinc2017"});
    EXPECT_EQ(result.missing_records, 0u);
    const Task task = read_task(CLEF_SOURCE "/tasks/cinc2017-rhythm.toml");
    const Targets targets = make_targets(result.cohort, task);
    std::map<int, std::size_t> counts;
    for (const int c : targets.class_index) ++counts[c];
    EXPECT_EQ(counts, (std::map<int, std::size_t>{{0, 1300}, {1, 400}, {2, 700}, {3, 100}}));
    std::map<std::string, double> splits;
    for (const CohortRow& row : result.cohort.rows) splits[row.split] += 1.0 / 2500;
    EXPECT_NEAR(splits["train"], 0.70, 0.03);
    EXPECT_NEAR(splits["val"], 0.15, 0.03);
    EXPECT_NEAR(splits["test"], 0.15, 0.03);
}

TEST(Cinc2017, RefusesUnknownClassesAndDoubles) {
    const testing::TemporaryFolder folder;
    const std::string file = (folder.path() / "REFERENCE.csv").string();
    const auto said = [&](const std::string& text) {
        write_file(file, text);
        return complaint([&] { index("cinc2017", {folder.path()}); });
    };
    EXPECT_EQ(said("A00001,N\r\nA00002,~\r\n"), "no error");
    EXPECT_EQ(said("A00001,N\nA00002,X\n"),
              file + ": line 2: class 'X' of record A00002: expected N, A, O or ~");
    EXPECT_EQ(said("A00001,N\nA00001,N\n"), file + ": line 2: record A00001 appears twice");
    EXPECT_EQ(said("A00001\n"),
              file + ": line 1: found 'A00001', expected a record's name, a comma and its class");
    EXPECT_NE(said("../A1,N\n"), "no error");
}

TEST(Datasets, UnknownNameSuggestsTheNearest) {
    EXPECT_EQ(complaint([] { find_dataset("ptb-xl"); }),
              "no data set 'ptb-xl'. Did you mean 'ptbxl'?");
}

TEST(Datasets, HashedSplitsNeverChange) {
    // Written down once: a change would move records between training and test.
    std::string first;
    for (const char* record : {"A00001", "A00002", "A00003", "A00004", "A00005", "A00006", "A00007",
                               "A00008", "A00009", "A00010"}) {
        first += hashed_split("cinc2017", record) + " ";
    }
    EXPECT_EQ(first, "val train train train test train train train val val ");
}

}  // namespace
}  // namespace clef
