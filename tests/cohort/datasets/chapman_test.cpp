#include "adapters.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

const std::vector<std::string> leads = {"I",  "II", "III", "aVR", "aVL", "aVF",
                                        "V1", "V2", "V3",  "V4",  "V5",  "V6"};

// As published: a byte-order mark, several acronyms of one code, comments Age to Sx.
void write_tree(const fs::path& root) {
    write_file(root / "ConditionNames_SNOMED-CT.csv",
               "\xEF\xBB\xBF"
               "Acronym Name,Full Name,Snomed_CT\r\nAFIB,Atrial Fibrillation,164889003\r\n"
               "IDC,Interior differences conduction,698252002\r\n"
               "IVB,Intraventricular block,698252002\r\nRBBB,right bundle branch block,59118001\r\n"
               "TWC,T wave Change,164934002\r\nSB,Sinus Bradycardia,426177001\r\n");
    const auto comments = [](const std::string& age, const std::string& sex,
                             const std::string& dx) {
        return std::vector<std::string>{"Age: " + age, "Sex: " + sex, "Dx: " + dx,
                                        "Rx: Unknown", "Hx: Unknown", "Sx: Unknown"};
    };
    const fs::path one = root / "WFDBRecords/01/010/JS00001.hea";
    write_file(one, testing::wfdb_header("JS00001", 500, 5000, leads,
                                         comments("85", "Male", "164889003,59118001,164934002")));
    write_file(root / "WFDBRecords/01/010/JS00002.hea",
               testing::wfdb_header("JS00002", 500, 5000, leads,
                                    comments("NaN", "Unknown", "698252002,55827005")));
    // A header whose signal lines are damaged still says who and what.
    write_file(root / "WFDBRecords/23/236/JS23074.hea",
               "JS23074 12 500\n23074.mat 16+24 10\n#Age: 40\n#Sex: Female\n#Dx: 426177001\n");
}

TEST(Chapman, ReadsWhoAndWhatFromTheHeaders) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const IndexResult result = index("chapman", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    EXPECT_EQ(cells(cohort, 0, {"patient_id", "age", "sex", "diagnosis", "dataset"}),
              "JS00001|85|M|AFIB;RBBB;TWC|chapman");
    EXPECT_EQ(cells(cohort, 1, {"patient_id", "age", "sex", "diagnosis"}),
              "JS00002|||55827005;IDC");
    EXPECT_EQ(cells(cohort, 2, {"patient_id", "age", "sex", "diagnosis"}), "JS23074|40|F|SB");
    EXPECT_EQ(cohort.rows[0].split, hashed_split("chapman", "JS00001"));
    EXPECT_TRUE(testing::remarked(result, "1 SNOMED codes are not in"));
    EXPECT_TRUE(testing::remarked(result, "3 of the 45152 recordings published"));
}

TEST(Chapman, TakesSplitsAndClassesOfTheHeartLangTables) {
    const testing::TemporaryFolder folder;
    write_tree(folder.path());
    const std::string header = "ecg_path,age,diagnose,AF,AFIB,RBBB,TWC\n";
    write_file(folder.path() / "chapman_train.csv",
               header + "/chapman/WFDBRecords/01/010/JS00001.mat,85,\"AFIB,RBBB,TWC\",1,1,1,1\n");
    write_file(folder.path() / "chapman_val.csv", header);
    EXPECT_NE(complaint([&] { index("chapman", folder.path()); }).find("no file chapman_test.csv"),
              std::string::npos);
    write_file(folder.path() / "chapman_test.csv",
               header + "/chapman/WFDBRecords/23/236/JS23074.mat,40,SB,0,0,0,0\n");
    const Cohort cohort = index("chapman", folder.path()).cohort;
    ASSERT_EQ(cohort.rows.size(), 2u);
    const std::vector<std::string> columns = {"patient_id", "split", "age", "diagnosis",
                                              "heartlang_classes"};
    EXPECT_EQ(cells(cohort, 0, columns), "JS00001|train|85|AFIB;RBBB;TWC|AF;AFIB;RBBB;TWC");
    EXPECT_EQ(cells(cohort, 1, columns), "JS23074|test|40|SB|none");

    // As benchmarked, AFIB is marked AF too; by the statements it is not.
    const auto is_flutter = [&](const std::string& name) {
        const Task task = testing::task(name);
        const Targets targets = make_targets(cohort, task);
        EXPECT_EQ(targets.known, (std::vector<char>{1, 1}));
        for (std::size_t k = 0; k < task.classes.size(); ++k) {
            if (task.classes[k].code == "AF") return targets.indicators[k] != 0;
        }
        return false;
    };
    EXPECT_TRUE(is_flutter("chapman-conditions"));
    EXPECT_FALSE(is_flutter("chapman-statements"));
}

TEST(Chapman, NamesWhatIsMissingAndWhereToGetIt) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(complaint([&] { index("chapman", folder.path()); }),
              folder.path().string() +
                  ": no file ConditionNames_SNOMED-CT.csv; expected the folder of "
                  "Chapman–Shaoxing–Ningbo as published (PhysioNet, ecg-arrhythmia 1.0.0)");
    write_file(folder.path() / "ConditionNames_SNOMED-CT.csv", "Acronym,Code\nSR,1\n");
    EXPECT_EQ(complaint([&] { index("chapman", folder.path()); }),
              (folder.path() / "ConditionNames_SNOMED-CT.csv").string() +
                  ": no column 'Acronym Name', 'Full Name', 'Snomed_CT'; Chapman–Shaoxing–Ningbo "
                  "as published (PhysioNet, ecg-arrhythmia 1.0.0) has Acronym Name, Full Name, "
                  "Snomed_CT. Found: Acronym, Code");
}

}  // namespace
}  // namespace clef
