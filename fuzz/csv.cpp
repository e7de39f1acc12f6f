#include "any_format.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    read_as("CSV", input, 2);
}

std::vector<Seed> seeds(const std::filesystem::path&) {
    return {
        {"own", "# sampling_rate_hz=500\nI [mV],II [mV]\n0.1,0.2\n0.3,\n-1e-3,nan\n"},
        {"decimal-comma", "time_s;I [mV]\n0,000;0,1\n0,002;0,2\n0,004;0,15\n"},
        {"tabs", "I\tII\r\n1\t2\r\n3\t4\r\n"},
        {"one-value-a-line", "0.1\n0.2\n0.3\n"},
        {"apple-watch",
         "Name,A Person\nRecorded Date,2020-01-01 10:00:00 +0000\nClassification,Sinus Rhythm\n"
         "Software Version,1.90\nDevice,\"Watch4,4\"\nSample Rate,512 hertz\n\n\nLead,Lead I\n"
         "Unit,\xC2\xB5V\n\n12.5\n-3.25\n8\n"},
        {"polar",
         "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]\n"
         "2020-01-01T10:00:00.000;599616000000000000;0.0;12\n"
         "2020-01-01T10:00:00.008;599616000007692307;7.692;-5\n"},
        {"quoted", "\xEF\xBB\xBF\"I\",\"V1\"\n\"1.5\",\"2\"\n"},
    };
}

const Registration registration{{"csv", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
