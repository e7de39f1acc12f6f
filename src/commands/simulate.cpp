// clef simulate: a cohort of simulated patients.
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cohort/simulator/simulator.hpp"
#include "commands/commands.hpp"

namespace clef {

namespace {

struct SimulateOptions {
    std::string folder;
    SimulatorOptions simulator;
    bool independent = false;
    bool json = false;
};

void run(const SimulateOptions& options) {
    SimulatorOptions simulator = options.simulator;
    simulator.risk_shapes_waveform = !options.independent;
    const Cohort cohort = simulate(simulator, options.folder);
    const std::string table = (std::filesystem::path(options.folder) / "cohort.csv").string();
    if (!options.json) {
        fmt::print("{}: {} recordings of {} simulated patients (not data)\n", table,
                   cohort.rows.size(), simulator.patients);
        return;
    }
    const nlohmann::json summary = {
        {"cohort", table},
        {"simulated", true},
        {"patients", simulator.patients},
        {"recordings", cohort.rows.size()},
        {"seed", simulator.seed},
        {"missing", simulator.missing},
        {"independent_risk", options.independent},
    };
    fmt::print("{}\n", summary.dump(2));
}

}  // namespace

void add_simulate_command(CLI::App& app) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* command = app.add_subcommand(
        "simulate",
        "Make a cohort of simulated patients: 12-lead ECGs of 10 s at 500 Hz (not data)");
    SimulatorOptions& simulator = options->simulator;
    command->add_option("-o,--output", options->folder, "New folder to write")->required();
    command->add_option("--patients", simulator.patients, "How many patients")
        ->capture_default_str();
    command->add_option("--recordings", simulator.recordings, "Recordings of each patient")
        ->capture_default_str();
    command->add_option("--seed", simulator.seed, "Same seed, same bytes")->capture_default_str();
    command
        ->add_option("--missing", simulator.missing,
                     "Chance that a risk factor of a patient is not known, 0 to 1")
        ->capture_default_str();
    command->add_option("--noise", simulator.noise, "Multiplies the electrodes' noise; 0: none")
        ->capture_default_str();
    command->add_flag("--independent-risk", options->independent,
                      "Control: waveforms that know nothing of age, sex and risk factors");
    command->add_option("--threads", simulator.threads, "0: all available")->capture_default_str();
    command->add_flag("--json", options->json, "Print the summary as JSON");
    command->footer(
        "Example:\n  clef simulate -o simulated --patients 400 --recordings 3 --seed 1");
    command->callback([options] { run(*options); });
}

}  // namespace clef
