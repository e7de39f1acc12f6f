#include "pretraining/cache_shard.hpp"

#include <cstdint>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cohort/skip_hint.hpp"
#include "pretraining/checksum.hpp"

namespace clef {

namespace {

CachedRow prepare_row(const WindowSource& source, const Cohort& cohort, const CohortRow& row,
                      std::size_t index, Tensors& tensors) {
    CachedRow cached;
    cached.key = cache_key(cohort, row);
    const RowPlaces found = source.places_of(cohort, row);
    cached.seconds = found.seconds;
    for (std::size_t w = 0; w < found.places.size(); ++w) {
        const UnfilteredWindow window = source.read(found.places[w]);
        std::vector<float> values;
        for (const LeadSamples& lead : window.filtered())
            values.insert(values.end(), lead.samples().begin(), lead.samples().end());
        const Shape shape = {static_cast<std::int64_t>(window.leads().size()),
                             static_cast<std::int64_t>(window.samples())};
        tensors[cached_window_name(index, w)] = Tensor::from(shape, values);
        cached.leads.push_back(window.leads());
    }
    return cached;
}

nlohmann::json json_of(const CachedRow& row) {
    return {
        {"key", row.key}, {"seconds", row.seconds}, {"trouble", row.trouble}, {"leads", row.leads}};
}

}  // namespace

std::string cache_key(const Cohort& cohort, const CohortRow& row) {
    const auto path = std::filesystem::absolute(cohort.path_of(row)).lexically_normal();
    const auto number = [](const std::optional<double>& value) {
        return value ? fmt::format("{}", *value) : std::string();
    };
    return fmt::format("{}|{}|{}", path.string(), number(row.start_s), number(row.duration_s));
}

std::string cached_window_name(std::size_t row, std::size_t window) {
    return fmt::format("{:03}.{:06}", row, window);
}

std::vector<CachedRow> write_cache_shard(const std::filesystem::path& path,
                                         const WindowSource& source, const Cohort& cohort,
                                         const std::vector<const CohortRow*>& rows, bool skip_bad) {
    Tensors tensors;
    std::vector<CachedRow> cached;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Tensors own;
        try {
            cached.push_back(prepare_row(source, cohort, *rows[i], i, own));
            tensors.merge(own);
        } catch (const InputError& error) {
            if (!skip_bad) fail_unless_skipped(error.what());
            cached.push_back({cache_key(cohort, *rows[i]), 0, error.what(), {}});
        }
    }
    nlohmann::json state = {{"version", cache_version},
                            {"recipe", recipe_json(source.preprocessor().recipe())},
                            {"rows", nlohmann::json::array()}};
    for (const CachedRow& row : cached) state["rows"].push_back(json_of(row));
    const std::string text = state.dump();
    write_safetensors({{"clef.cache", text}, {"clef.checksum", content_checksum(text, tensors)}},
                      tensors, path);
    return cached;
}

CacheShard::CacheShard(const std::filesystem::path& path, const Recipe& recipe)
    : path_(path.string()), file_(path), header_(parse_safetensors(file_.bytes(), path_)) {
    const auto state = header_.metadata.find("clef.cache");
    const auto checksum = header_.metadata.find("clef.checksum");
    if (state == header_.metadata.end() || checksum == header_.metadata.end()) {
        fail_input("{}: no shard of a window cache (clef.cache or clef.checksum is absent)", path_);
    }
    const std::string found = content_checksum(state->second, header_.tensors);
    if (found != checksum->second) {
        fail_input(
            "{}: damaged: its checksum is {}, expected {}; remove it and run `clef prepare` "
            "again, which makes only what is missing",
            path_, found, checksum->second);
    }
    parse(state->second, recipe);
    find_windows();
}

void CacheShard::parse(const std::string& text, const Recipe& recipe) {
    try {
        const auto state = nlohmann::json::parse(text);
        if (state.at("version") != cache_version) {
            fail_input("{}: version {} of the cache, expected {}; prepare it again", path_,
                       state.at("version").dump(), cache_version);
        }
        if (state.at("recipe") != recipe_json(recipe)) {
            fail_input(
                "{}: prepared with another recipe than the encoder's ({}, expected {}); "
                "prepare a cache for this one",
                path_, state.at("recipe").dump(), recipe_json(recipe).dump());
        }
        for (const auto& row : state.at("rows")) {
            rows_.push_back({row.at("key"), row.at("seconds"), row.at("trouble"),
                             row.at("leads").get<std::vector<std::vector<std::string>>>()});
        }
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: clef.cache: {}", path_, error.what());
    }
}

void CacheShard::find_windows() {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        auto& windows = windows_.emplace_back();
        for (std::size_t w = 0; w < rows_[row].leads.size(); ++w) {
            const auto it = header_.tensors.find(cached_window_name(row, w));
            const std::size_t leads = rows_[row].leads[w].size();
            // Our writer puts numbers at multiples of eight bytes, a mapping at a page's start.
            const bool good =
                it != header_.tensors.end() && it->second.type == ElementType::float32 &&
                it->second.shape.size() == 2 && it->second.shape[1] > 0 && leads > 0 &&
                it->second.shape[0] == static_cast<std::int64_t>(leads) &&
                reinterpret_cast<std::uintptr_t>(it->second.storage.data()) % alignof(float) == 0;
            if (!good) fail_input("{}: window {} of row {} is absent or misshapen", path_, w, row);
            const auto* at = reinterpret_cast<const float*>(it->second.storage.data());
            const auto samples = static_cast<std::size_t>(it->second.shape[1]);
            std::vector<std::span<const float>> rows;
            for (std::size_t i = 0; i < leads; ++i) rows.emplace_back(at + i * samples, samples);
            windows.emplace_back(rows_[row].leads[w], std::move(rows));
        }
    }
}

}  // namespace clef
