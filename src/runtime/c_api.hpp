// What the C API's files share: handles and the border that no exception crosses. The contract with
// callers stands in include/clef/clef.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "clef/clef.h"
#include "encoder/preprocess.hpp"
#include "runtime/session.hpp"

namespace clef::c_api {

struct OpenModel {
    OpenModel(Model&& model, Precision precision)
        : preprocessor(model.recipe), session(std::move(model), {precision}) {}
    const Recipe& recipe() const { return preprocessor.recipe(); }

    Preprocessor preprocessor;
    Session session;
};

// Trouble of another kind than InputError.
struct Failure {
    clef_status status;
    std::string message;
};

template <typename... Args>
[[noreturn]] void fail(clef_status status, fmt::format_string<Args...> format, Args&&... args) {
    throw Failure{status, fmt::format(format, std::forward<Args>(args)...)};
}

void set_last_error(const char* message) noexcept;

// Runs the body of a function of the API; what it throws becomes a status and a message.
template <typename Body>
clef_status guarded(Body body) noexcept {
    try {
        set_last_error("");
        return body();
    } catch (const Failure& failure) {
        set_last_error(failure.message.c_str());
        return failure.status;
    } catch (const InputError& error) {
        set_last_error(error.what());
        return CLEF_ERROR_INPUT;
    } catch (const std::bad_alloc&) {
        set_last_error("out of memory");
        return CLEF_ERROR_MEMORY;
    } catch (const std::exception& error) {
        set_last_error(error.what());
    } catch (...) {
        set_last_error("unknown trouble");
    }
    return CLEF_ERROR_RUN;
}

// A number that no handle had before, of any kind.
std::uintptr_t next_handle();

// The open things of one kind. A handle is a number in a pointer's clothes: never followed, and
// never given twice, so that one that was closed cannot mean something else.
template <typename Handle, typename Thing>
class Handles {
  public:
    explicit Handles(const char* kind) : kind_(kind) {}

    Handle* add(std::shared_ptr<Thing> thing) {
        const std::uintptr_t handle = next_handle();
        const std::lock_guard lock(mutex_);
        things_.emplace(handle, std::move(thing));
        return reinterpret_cast<Handle*>(handle);
    }
    std::shared_ptr<Thing> get(const Handle* handle) const {
        const std::lock_guard lock(mutex_);
        const auto found = things_.find(reinterpret_cast<std::uintptr_t>(handle));
        if (found == things_.end()) refuse(handle);
        return found->second;
    }
    // What is taken out is freed outside of the lock.
    void close(const Handle* handle) {
        if (handle == nullptr) return;
        std::shared_ptr<Thing> thing;
        const std::lock_guard lock(mutex_);
        const auto found = things_.find(reinterpret_cast<std::uintptr_t>(handle));
        if (found == things_.end()) refuse(handle);
        thing = std::move(found->second);
        things_.erase(found);
    }

  private:
    [[noreturn]] void refuse(const Handle* handle) const {
        if (handle == nullptr) fail(CLEF_ERROR_HANDLE, "the {} is NULL", kind_);
        fail(CLEF_ERROR_HANDLE, "not an open {}: it was closed, or never was one", kind_);
    }

    const char* kind_;
    mutable std::mutex mutex_;
    std::map<std::uintptr_t, std::shared_ptr<Thing>> things_;
};

Handles<clef_model, OpenModel>& models();

template <typename T>
void require(const T* pointer, const char* name) {
    if (pointer == nullptr) fail(CLEF_ERROR_ARGUMENT, "{} is NULL", name);
}

// `count` names; NULL: none.
std::vector<std::string> lead_names(const char* const* names, std::size_t count);

// What `value` says of an open thing, 0 without one.
template <typename Table, typename Handle, typename Value>
auto number_of(Table& table, const Handle* handle, Value value) noexcept {
    decltype(value(*table.get(handle))) result{};
    guarded([&] {
        result = value(*table.get(handle));
        return CLEF_OK;
    });
    return result;
}

// Each ends the call with a Failure where it does not fit.
void copy_text(const std::string& source, char* text, std::size_t capacity, std::size_t* length);
void check_rate(double rate);

}  // namespace clef::c_api
