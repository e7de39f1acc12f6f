// MD5 (RFC 1321) and SHA-256 (FIPS 180-4) of bytes, for recognising published files and for saying
// which tensors a model holds. Neither is a defence against an attacker here.
//
// Incremental: update() any number of times, then hex() once. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace clef {

// Cuts what comes in into blocks of 64 bytes and ends it as both algorithms do: a one bit, zeros,
// the length in bits. Derived provides compress(const std::byte* block).
template <typename Derived>
class BlockDigest {
  public:
    void update(std::span<const std::byte> bytes);

  protected:
    static constexpr std::size_t block_size = 64;
    void finish(bool big_endian_length);

  private:
    std::array<std::byte, block_size> block_{};
    std::size_t filled_ = 0;
    std::uint64_t bytes_ = 0;
};

class Md5 : public BlockDigest<Md5> {
  public:
    std::string hex();  // 32 digits

  private:
    friend class BlockDigest<Md5>;
    void compress(const std::byte* block);
    std::array<std::uint32_t, 4> state_{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
};

class Sha256 : public BlockDigest<Sha256> {
  public:
    std::string hex();  // 64 digits

  private:
    friend class BlockDigest<Sha256>;
    void compress(const std::byte* block);
    // Fractional parts of the square roots of the first eight primes.
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

std::string md5(std::span<const std::byte> bytes);
std::string sha256(std::span<const std::byte> bytes);

}  // namespace clef
