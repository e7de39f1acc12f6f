#include "base/digest.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace clef {

namespace {

// RFC 1321, section 3.4: floor(2^32 · |sin(i + 1)|).
std::array<std::uint32_t, 64> sines() {
    std::array<std::uint32_t, 64> table{};
    for (unsigned i = 0; i < 64; ++i) {
        table[i] = static_cast<std::uint32_t>(std::abs(std::sin(i + 1.0)) * 4294967296.0);
    }
    return table;
}

constexpr std::array<std::array<int, 4>, 4> md5_rotations = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

// FIPS 180-4, section 4.2.2: fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> cube_roots = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian_word(const std::byte* bytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return __builtin_bswap32(word);
}

}  // namespace

template <typename Derived>
void BlockDigest<Derived>::update(std::span<const std::byte> bytes) {
    bytes_ += bytes.size();
    auto& self = static_cast<Derived&>(*this);
    while (!bytes.empty()) {
        if (filled_ == 0 && bytes.size() >= block_size) {
            self.compress(bytes.data());
            bytes = bytes.subspan(block_size);
            continue;
        }
        const std::size_t taken = std::min(block_size - filled_, bytes.size());
        std::memcpy(block_.data() + filled_, bytes.data(), taken);
        filled_ += taken;
        bytes = bytes.subspan(taken);
        if (filled_ == block_size) {
            self.compress(block_.data());
            filled_ = 0;
        }
    }
}

template <typename Derived>
void BlockDigest<Derived>::finish(bool big_endian_length) {
    std::uint64_t bits = bytes_ * 8;
    if (big_endian_length) bits = __builtin_bswap64(bits);
    std::array<std::byte, block_size> padding{std::byte{0x80}};
    const std::size_t zeros_end = block_size - sizeof bits;
    const std::size_t count =
        filled_ < zeros_end ? zeros_end - filled_ : block_size + zeros_end - filled_;
    update(std::span(padding).first(count));
    update(std::as_bytes(std::span(&bits, 1)));
}

template class BlockDigest<Md5>;
template class BlockDigest<Sha256>;

void Md5::compress(const std::byte* block) {
    static const std::array<std::uint32_t, 64> table = sines();
    std::array<std::uint32_t, 16> words{};
    std::memcpy(words.data(), block, block_size);
    std::uint32_t a = state_[0];
    std::uint32_t b = state_[1];
    std::uint32_t c = state_[2];
    std::uint32_t d = state_[3];
    const auto step = [&](std::uint32_t mixed, unsigned i, unsigned word) {
        const int rotation = md5_rotations[i / 16][i % 4];
        const std::uint32_t sum = a + mixed + table[i] + words[word];
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, rotation);
    };
    for (unsigned i = 0; i < 16; ++i) step((b & c) | (~b & d), i, i);
    for (unsigned i = 16; i < 32; ++i) step((d & b) | (~d & c), i, (5 * i + 1) % 16);
    for (unsigned i = 32; i < 48; ++i) step(b ^ c ^ d, i, (3 * i + 5) % 16);
    for (unsigned i = 48; i < 64; ++i) step(c ^ (b | ~d), i, 7 * i % 16);
    state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d};
}

std::string Md5::hex() {
    finish(false);
    std::string text;
    for (const std::uint32_t word : state_) {
        text += fmt::format("{:08x}", __builtin_bswap32(word));
    }
    return text;
}

void Sha256::compress(const std::byte* block) {
    std::array<std::uint32_t, 64> w{};
    for (unsigned i = 0; i < 16; ++i) w[i] = big_endian_word(block + std::size_t{4} * i);
    for (unsigned i = 16; i < 64; ++i) {
        const std::uint32_t s0 =
            std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
        const std::uint32_t s1 =
            std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + cube_roots[i] + w[i];
        const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
    for (unsigned i = 0; i < 8; ++i) state_[i] += added[i];
}

std::string Sha256::hex() {
    finish(true);
    std::string text;
    for (const std::uint32_t word : state_) text += fmt::format("{:08x}", word);
    return text;
}

std::string md5(std::span<const std::byte> bytes) {
    Md5 digest;
    digest.update(bytes);
    return digest.hex();
}

std::string sha256(std::span<const std::byte> bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

}  // namespace clef
