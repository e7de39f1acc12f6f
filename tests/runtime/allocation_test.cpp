// Scratch memory is planned by the first window: later ones allocate nothing. Counts what goes
// through operator new in this program, in the thread that asks.
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "procedural.hpp"
#include "runtime/session.hpp"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t bytes, std::size_t alignment) {
    ++allocations;
    void* memory = alignment == 0 ? std::malloc(bytes)
                                  : std::aligned_alloc(
                                        alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
    return counted(bytes, 0);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {  // std::stable_sort's
    ++allocations;
    return std::malloc(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace clef {

TEST(Allocations, NoneOnceAWindowAsLongHasRun) {
    for (const char* architecture : {"clef-small", "ecgfounder"}) {
        for (const Precision precision :
             {Precision::float32, Precision::bfloat16, Precision::int8}) {
            const Session session(testing::procedural_model(architecture), {precision});
            const auto window = testing::procedural_input("window", 2500);
            std::vector<float> output(session.output_size());
            allocations = 0;
            session.run(window, {}, output);
            EXPECT_GT(allocations, 0U) << "counting does not work";
            const auto first = output;
            allocations = 0;
            session.run(window, {}, output);
            session.run(std::span(window).first(777), {}, output);
            session.run(window, {}, output);
            EXPECT_EQ(allocations, 0U) << architecture << " " << precision_name(precision);
            EXPECT_EQ(output, first);
        }
    }
}

}  // namespace clef
