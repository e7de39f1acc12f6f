// Runs something that must fail with an InputError whose message holds all of some words.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <initializer_list>
#include <string>

#include "base/error.hpp"

namespace clef::testing {

inline void expect_input_error(const std::function<void()>& action,
                               std::initializer_list<std::string> words) {
    try {
        action();
    } catch (const InputError& error) {
        const std::string message = error.what();
        for (const std::string& word : words) {
            EXPECT_NE(message.find(word), std::string::npos)
                << "'" << word << "' is not in: " << message;
        }
        return;
    }
    ADD_FAILURE() << "no InputError";
}

}  // namespace clef::testing
