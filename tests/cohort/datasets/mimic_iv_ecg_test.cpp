#include "adapters.hpp"
#include "formats/ecg_file.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;
using testing::cells;
using testing::complaint;
using testing::index;

// The order in which the data set stores its leads.
const std::vector<std::string> leads = {"I",  "II", "III", "aVR", "aVF", "aVL",
                                        "V1", "V2", "V3",  "V4",  "V5",  "V6"};
const std::string first = "files/p1000/p10000032/s40689238/40689238";

void write_lists(const fs::path& root) {
    write_file(root / "record_list.csv",
               "subject_id,study_id,file_name,ecg_time,path\n"
               "10000032,40689238,40689238,2180-07-23 08:44:00," +
                   first +
                   "\n"
                   "10000032,44458630,44458630,2180-07-23 09:54:00,"
                   "files/p1000/p10000032/s44458630/44458630\n"
                   "10000117,49036311,49036311,2181-03-04 17:14:00,"
                   "files/p1000/p10000117/s49036311/49036311\n");
    std::string header = "subject_id,study_id,cart_id,ecg_time";
    for (int i = 0; i < 18; ++i) header += fmt::format(",report_{}", i);
    header +=
        ",bandwidth,filtering,rr_interval,p_onset,p_end,qrs_onset,qrs_end,t_end,p_axis,"
        "qrs_axis,t_axis\n";
    write_file(
        root / "machine_measurements.csv",
        header +
            "10000032,40689238,6848296,2180-07-23 08:44:00,Sinus rhythm,\"Possible "
            "infarct, age undetermined\",,,,,,,,,,,,,,,,,0.005-150 Hz,\"60 Hz notch, Baseline "
            "filter\",659,40,128,170,258,518,81,77,75\n"
            "10000032,44458630,6848296,2180-07-23 09:54:00,Atrial fibrillation,,,,,,,,,,,,,,"
            ",,,,,,800,29999,29999,170,260,520,29999,77,75\n");
    write_file(root / "patients.csv",
               "subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod\n"
               "10000032,F,52,2180,2014 - 2016,2180-09-09\n10000117,M,48,2174,2008 - 2010,\n");
}

TEST(MimicIvEcg, JoinsRecordsMeasurementsAndPatients) {
    const testing::TemporaryFolder folder;
    write_lists(folder.path());
    const IndexResult result = index("mimic-iv-ecg", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 3u);
    EXPECT_EQ(cohort.rows[0].record, (folder.path() / first).string());
    const std::vector<std::string> who = {"patient_id", "study_id", "age", "sex"};
    EXPECT_EQ(cells(cohort, 0, who), "10000032|40689238|52|F");
    EXPECT_EQ(cells(cohort, 2, who), "10000117|49036311|55|M");
    const std::vector<std::string> what = {"report", "heart_rate_bpm", "pr_ms", "qrs_ms", "qt_ms"};
    EXPECT_EQ(cells(cohort, 0, what),
              "Sinus rhythm | Possible infarct, age undetermined|91.05|130|88|348");
    // 29999: not measured.
    EXPECT_EQ(cells(cohort, 1, what), "Atrial fibrillation|75||90|350");
    EXPECT_EQ(cells(cohort, 2, what), "||||");
    EXPECT_EQ(cohort.rows[0].split, cohort.rows[1].split);
    EXPECT_EQ(result.missing_records, 3u);
    EXPECT_TRUE(testing::remarked(result, "3 of the 800035 recordings published"));
}

TEST(MimicIvEcg, WithoutTheOtherTablesSaysWhatIsEmpty) {
    const testing::TemporaryFolder folder;
    write_lists(folder.path());
    fs::remove(folder.path() / "machine_measurements.csv");
    fs::remove(folder.path() / "patients.csv");
    const IndexResult result = index("mimic-iv-ecg", folder.path());
    EXPECT_EQ(result.cohort.rows.size(), 3u);
    EXPECT_TRUE(testing::remarked(result, "no machine_measurements.csv"));
    EXPECT_TRUE(testing::remarked(result, "no patients.csv"));
    fs::remove(folder.path() / "record_list.csv");
    EXPECT_NE(complaint([&] {
                  index("mimic-iv-ecg", folder.path());
              }).find("no file record_list.csv; expected the folder of MIMIC-IV-ECG"),
              std::string::npos);
}

// Tables of any length are read in pieces; nothing may be lost where they meet.
TEST(MimicIvEcg, ReadsTablesLargerThanOnePiece) {
    const testing::TemporaryFolder folder;
    std::string text = "subject_id,study_id,file_name,ecg_time,path\n";
    const std::string note(100, 'x');
    constexpr int rows = 120000;  // some 20 MB
    for (int i = 0; i < rows; ++i) {
        text += fmt::format("{},{},\"{}\n\",2180-07-23 08:44:00,files/p1000/p{}/s{}/{}\n",
                            10000000 + i / 2, 40000000 + i, note, i / 2, i, 40000000 + i);
    }
    write_file(folder.path() / "record_list.csv", text);
    const Cohort cohort = index("mimic-iv-ecg", folder.path()).cohort;
    ASSERT_EQ(cohort.rows.size(), static_cast<std::size_t>(rows));
    for (std::size_t i = 0; i < cohort.rows.size(); i += 9973) {
        EXPECT_EQ(cohort.rows[i].extras[0], std::to_string(40000000 + i));
    }
    write_file(folder.path() / "record_list.csv", text + "1,40000000,x,t,files/a\n");
    // Two lines a row, the header before them.
    EXPECT_EQ(complaint([&] { index("mimic-iv-ecg", folder.path()); }),
              (folder.path() / "record_list.csv").string() +
                  fmt::format(": line {}: column 'study_id': study 40000000 appears twice",
                              2 * rows + 2));
}

TEST(MimicIvEcg, LvefRowsAreSplitInOrderWithoutPatientsOnTwoSides) {
    const testing::TemporaryFolder folder;
    std::string list = "subject_id,study_id,file_name,ecg_time,path\n";
    std::string lvef = ",path,note,lvef,label\n";
    for (int i = 0; i < 10; ++i) {
        // The last record is of the first patient.
        const int patient = i == 9 ? 0 : i;
        const std::string path = fmt::format("files/p1000/p{0}/s{1}/{1}", patient, 400 + i);
        list += fmt::format("{},{},{},2180-01-01 00:00:00,{}\n", patient, 400 + i, 400 + i, path);
        lvef += fmt::format("{},{},x,{},{}\n", i, path, 20 + 5 * i, i < 4 ? "1" : "0");
    }
    write_file(folder.path() / "record_list.csv", list + "77,999,999,2180,files/p77/s999/999\n");
    write_file(folder.path() / "LVEF.csv", lvef);
    const IndexResult result = index("mimic-iv-ecg-lvef", folder.path());
    const Cohort& cohort = result.cohort;
    ASSERT_EQ(cohort.rows.size(), 10u);
    EXPECT_EQ(testing::counts(cohort, "split"),
              (std::map<std::string, std::size_t>{{"train", 9}, {"val", 1}}));
    EXPECT_EQ(cells(cohort, 8, {"patient_id", "split", "lvef", "low_lvef"}), "8|val|60|0");
    EXPECT_TRUE(testing::remarked(result, "1 rows moved to where their patient's first row lies"));
    refuse_leaks(cohort);
    EXPECT_EQ(make_targets(cohort, testing::task("mimic-iv-ecg-lvef")).values[2], 30);
    EXPECT_EQ(make_targets(cohort, testing::task("mimic-iv-ecg-low-lvef")).class_index,
              (std::vector<int>{1, 1, 1, 1, 0, 0, 0, 0, 0, 0}));
    write_file(folder.path() / "LVEF.csv", lvef + "10,files/p1/s1/1,x,50,0\n");
    EXPECT_EQ(complaint([&] { index("mimic-iv-ecg-lvef", folder.path()); }),
              (folder.path() / "LVEF.csv").string() +
                  ": line 12: column 'path': found 'files/p1/s1/1', expected the path of a record "
                  "of record_list.csv");
}

TEST(MimicIvEcg, LeadsAreFoundByNameAlthoughTheyStandInAnotherOrder) {
    const testing::TemporaryFolder folder;
    write_lists(folder.path());
    const fs::path record = folder.path() / first;
    std::string header = "40689238 12 500 3\n";
    for (std::size_t i = 0; i < leads.size(); ++i) {
        header += fmt::format("40689238.dat 16 200.0(0)/mV 16 0 {} {} 0 {}\n", 100 * i, 300 * i,
                              leads[i]);
    }
    write_file(record.string() + ".hea", header);
    std::string samples;
    for (int frame = 0; frame < 3; ++frame) {
        for (std::size_t lead = 0; lead < leads.size(); ++lead) {
            samples += static_cast<char>(100 * lead % 256);  // 0.5 mV more with each lead
            samples += static_cast<char>(100 * lead / 256);
        }
    }
    write_file(record.string() + ".dat", samples);
    const Cohort cohort = index("mimic-iv-ecg", folder.path()).cohort;
    const Recording recording = read_ecg(cohort.path_of(cohort.rows[0]));
    EXPECT_FLOAT_EQ(recording.lead("aVF").samples[1], 2.0f);
    EXPECT_FLOAT_EQ(recording.lead("aVL").samples[1], 2.5f);
}

}  // namespace
}  // namespace clef
