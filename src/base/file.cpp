#include "base/file.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/error.hpp"
#include "base/flush.hpp"

namespace clef {

namespace {

std::string reason() {
    return std::strerror(errno);
}

// A file descriptor that closes itself.
class Descriptor {
  public:
    Descriptor(const std::filesystem::path& path, int flags)
        : value_(::open(path.c_str(), flags)) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

  private:
    int value_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

void flush_to_disk(const std::filesystem::path& path, int flags) {
    const Descriptor file(path, flags);
    if (file.value() < 0 || ::fsync(file.value()) != 0) {
        fail_run("{}: cannot flush to the disk: {}", path.string(), reason());
    }
}

// Files up to this size are copied: cheaper than a map, which is taken from the processors of all
// threads again, and out of reach of whoever shortens the file meanwhile.
constexpr std::size_t copied_bytes = std::size_t{1} << 18;
constexpr std::align_val_t copy_alignment{64};

struct FreeCopy {
    void operator()(std::byte* bytes) const { ::operator delete(bytes, copy_alignment); }
};

// As many bytes as there are; `size` was there a moment ago.
std::size_t read_whole(int file, std::byte* to, std::size_t size,
                       const std::filesystem::path& path) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = ::read(file, to + done, size - done);
        if (count == 0) break;
        if (count > 0) {
            done += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            fail_input("{}: cannot read: {}", path.string(), reason());
        }
    }
    return done;
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
    const Descriptor file(path, O_RDONLY | O_CLOEXEC);
    if (file.value() < 0) fail_input("{}: cannot open: {}", path.string(), reason());
    struct stat status {};
    if (::fstat(file.value(), &status) != 0) {
        fail_input("{}: cannot read its size: {}", path.string(), reason());
    }
    if (!S_ISREG(status.st_mode)) {
        fail_input("{}: expected a file, found a folder or device", path.string());
    }
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    if (size_ <= copied_bytes) {
        std::unique_ptr<std::byte, FreeCopy> copy(
            static_cast<std::byte*>(::operator new(size_, copy_alignment)));
        size_ = read_whole(file.value(), copy.get(), size_, path);
        data_ = copy.release();
        return;
    }
    void* map = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.value(), 0);
    if (map == MAP_FAILED) fail_input("{}: cannot map into memory: {}", path.string(), reason());
    data_ = static_cast<const std::byte*>(map);
}

MappedFile::~MappedFile() {
    if (data_ == nullptr) return;
    auto* data = const_cast<std::byte*>(data_);
    if (size_ <= copied_bytes) {
        FreeCopy()(data);
    } else {
        ::munmap(data, size_);
    }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

std::string read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
    const MappedFile file(path);
    if (file.bytes().size() > max_bytes) {
        fail_input("{}: {} bytes, expected at most {}", path.string(), file.bytes().size(),
                   max_bytes);
    }
    return std::string(file.text());
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
    static std::atomic<unsigned> counter{0};
    make_folder(folder_of(path_));
    temporary_ = path_;
    temporary_ += fmt::format(".writing-{}-{}", ::getpid(), counter++);
    stream_.open(temporary_, std::ios::binary | std::ios::trunc);
    if (!stream_) fail_run("{}: cannot create: {}", temporary_.string(), reason());
}

AtomicFile::~AtomicFile() {
    if (committed_) return;
    stream_.close();
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    stream_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
}

void AtomicFile::commit() {
    stream_.close();
    if (!stream_) fail_run("{}: cannot write: {}", path_.string(), reason());
    flush_to_disk(temporary_, O_WRONLY);
    std::error_code error;
    std::filesystem::rename(temporary_, path_, error);
    if (error) fail_run("{}: cannot rename into place: {}", path_.string(), error.message());
    committed_ = true;
    flush_folder(path_);
}

void flush_folder(const std::filesystem::path& file) {
    flush_to_disk(folder_of(file), O_RDONLY | O_DIRECTORY);
}

void write_file(const std::filesystem::path& path, std::string_view contents) {
    AtomicFile file(path);
    file.write(contents);
    file.commit();
}

void make_folder(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) fail_input("{}: cannot create the folder: {}", path.string(), error.message());
}

}  // namespace clef
