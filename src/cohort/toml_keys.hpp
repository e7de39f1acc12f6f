// Reading a TOML file whose every failure names the file and the line: what tasks and suites share.
// Includes toml++, which is slow to compile: for .cpp files alone.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <toml++/toml.h>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

class TomlKeys {
  public:
    explicit TomlKeys(std::string source) : source_(std::move(source)) {}

    // InputError: source, the node's line (none for nullptr), what is wrong.
    template <typename... Args>
    [[noreturn]] void fail(const toml::node* node, fmt::format_string<Args...> format,
                           Args&&... args) const {
        const std::string where =
            node == nullptr ? "" : fmt::format("line {}: ", node->source().begin.line);
        fail_input("{}: {}{}", source_, where, fmt::format(format, std::forward<Args>(args)...));
    }

    // Refuses any other key and suggests the right one.
    void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                fail(&node, "unknown key '{}'.{}", name, suggestion(name, known));
            }
        }
    }

    // Nothing where the key is absent.
    std::optional<std::string> text_in(const toml::table& table, const char* key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return std::nullopt;
        const auto text = node->value_exact<std::string>();
        if (!text || trim(*text).empty()) fail(node, "'{}' must be a non-empty text", key);
        return text;
    }
    // A text or a list of texts; empty where the key is absent.
    std::vector<std::string> texts_in(const toml::table& table, std::string_view key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return {};
        std::vector<std::string> result;
        const auto add = [&](const toml::node& item) {
            const auto text = item.value_exact<std::string>();
            if (!text || trim(*text).empty()) {
                fail(&item, "'{}' must be a non-empty text, or a list of them", key);
            }
            result.push_back(*text);
        };
        if (const toml::array* list = node->as_array()) {
            for (const toml::node& item : *list) add(item);
        } else {
            add(*node);
        }
        if (result.empty()) fail(node, "'{}' is an empty list", key);
        return result;
    }
    // false where the key is absent.
    bool flag_in(const toml::table& table, const char* key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return false;
        const auto value = node->value_exact<bool>();
        if (!value) fail(node, "'{}' must be true or false", key);
        return *value;
    }

  private:
    std::string source_;
};

}  // namespace clef
