// SPDX-License-Identifier: Apache-2.0
//
// libion for C++17: owners of devices, buffers and mappings over <ion/ion.h>, and the bracket around the CPU's use of
// a buffer. Header only; link libion.
//
//     ion::Device device;
//     ion::Buffer buffer = device.allocate(1 << 20, ION_HEAP_SYSTEM_MASK);
//     ion::Mapping memory = buffer.map();
//     ion::SyncScope writing(buffer, ion::Access::kWrite);
//     memory.data()[0] = std::byte{1};
//
// In another process, which was sent buffer.fd() over a Unix socket as `received`:
//
//     ion::Buffer buffer(received);                     // owns the descriptor; its size is the buffer's
//     ion::Mapping memory = buffer.map(PROT_READ);
//     ion::SyncScope reading(buffer, ion::Access::kRead);
//
// Nothing can be copied; all but SyncScope can be moved, and what was moved from can be assigned to and destroyed,
// nothing else.
// Whatever fails throws std::system_error with the errno and the name of what failed, and changes nothing.
// Different objects may be used by different threads at once, and so may the const functions of one.

#pragma once

#include <fcntl.h>
#include <ion/ion.h>
#include <linux/dma-buf.h>
#include <linux/ion_4.12.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ion {

namespace detail {

/// Throws unless `result`, 0 or a negative errno, is 0 or more.
inline int check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(-result, std::generic_category(), what);
    }
    return result;
}

/// As check(), for calls that return -1 and set errno.
inline int check_errno(int result, const char* what) {
    return check(result < 0 ? -errno : result, what);
}

/// Owns a descriptor; -1 is none. Closed by ion_close(), as it may be a device's, whose channel ends with it.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);  // the former one goes with `other`
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) {
            ion_close(fd_);
        }
    }
    [[nodiscard]] int get() const noexcept { return fd_; }
    /// The caller owns it from here on.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

}  // namespace detail

/// What the CPU is about to do with a buffer: DMA_BUF_SYNC_* of <linux/dma-buf.h>.
enum class Access : std::uint64_t {
    kRead = DMA_BUF_SYNC_READ,     ///< what devices have written becomes visible at the start
    kWrite = DMA_BUF_SYNC_WRITE,   ///< what the CPU has written becomes visible to devices at the end
    kReadWrite = DMA_BUF_SYNC_RW,  ///< both
};

/// Memory of a buffer in this process. It stays when the Buffer goes, and keeps the memory allocated: a mapping is a
/// use of the buffer like any descriptor.
class Mapping {
  public:
    /// Maps `size` bytes, 1 or more, from the beginning of `fd` (borrowed). `protection`: PROT_* of mmap(2), which
    /// gives the errors. Shared, as private mappings of dma-bufs are refused. With its pages (MAP_POPULATE): as with a
    /// kernel's driver, the first access need not wait for them.
    Mapping(int fd, std::size_t size, int protection)
        : data_(::mmap(nullptr, size, protection, MAP_SHARED | MAP_POPULATE, fd, 0)), size_(size) {
        if (data_ == MAP_FAILED) {
            throw std::system_error(errno, std::generic_category(), "mmap");
        }
    }
    Mapping(Mapping&& other) noexcept
        : data_(std::exchange(other.data_, MAP_FAILED)), size_(std::exchange(other.size_, 0)) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Mapping() {
        if (data_ != MAP_FAILED) {
            ::munmap(data_, size_);
        }
    }

    /// The first byte; page-aligned.
    [[nodiscard]] std::byte* data() const noexcept { return static_cast<std::byte*>(data_); }
    /// In bytes.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    void* data_;
    std::size_t size_;
};

/// A descriptor of a buffer, which keeps the buffer allocated. Several, in one process or in many, may be of the same
/// buffer; the memory is returned with the last descriptor and mapping.
class Buffer {
  public:
    /// Takes `fd` over (0 or more), for example one that came through a socket; also when this throws. Errors: those of lseek(2).
    explicit Buffer(int fd) : Buffer(detail::Descriptor(fd)) {}

    /// Borrowed: to be sent to another process, or given to a driver that takes dma-bufs.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// In bytes: the length asked for, rounded up to pages.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Maps all of it. Errors: those of mmap(2).
    [[nodiscard]] Mapping map(int protection = PROT_READ | PROT_WRITE) const {
        return {fd(), size_, protection};
    }

    /// Gives the descriptor away: the caller closes it. The object is as if moved from.
    [[nodiscard]] int release() noexcept { return fd_.release(); }

  private:
    explicit Buffer(detail::Descriptor fd) : fd_(std::move(fd)) {
        const off_t end = ::lseek(fd_.get(), 0, SEEK_END);
        if (end < 0) {
            throw std::system_error(errno, std::generic_category(), "size of a buffer");
        }
        size_ = static_cast<std::size_t>(end);
    }

    detail::Descriptor fd_;
    std::size_t size_ = 0;
};

/// An open device. To drivers with handles each one is a client of its own. Buffers outlive it.
class Device {
  public:
    /// As ion_open(). Errors: those of open(2).
    Device() : Device(detail::check_errno(ion_open(), "open of the ION device")) {}

    /// Opens `path`, read-only and close-on-exec. Errors: those of open(2).
    explicit Device(const std::string& path)
        : Device(detail::check_errno(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path.c_str())) {}

    /// Takes an open device over; asks it nothing.
    explicit Device(int fd) noexcept : fd_(fd) {}

    /// Borrowed: for ioctls and functions of <ion/ion.h>.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// As ion_alloc_fd(), with its errors: `length` in bytes, bit n of `heap_mask` for heap id n, `flags` ION_FLAG_*.
    /// Drivers that choose an alignment themselves ignore `align`, in bytes.
    [[nodiscard]] Buffer allocate(std::size_t length, unsigned int heap_mask, unsigned int flags = 0,
                                  std::size_t align = 0) const {
        int buffer = -1;
        detail::check(ion_alloc_fd(fd(), length, align, heap_mask, flags, &buffer), "ion_alloc_fd");
        return Buffer(buffer);
    }

    /// All heaps, by descending id; names end with a 0. ENOTTY from kernels before 4.9, EINVAL from 4.9 itself, which
    /// cannot fill an array.
    [[nodiscard]] std::vector<ion_heap_data> heaps() const {
        int count = 0;
        detail::check(ion_query_heap_cnt(fd(), &count), "ion_query_heap_cnt");
        std::vector<ion_heap_data> all(static_cast<std::size_t>(count));
        if (count > 0) {
            detail::check(ion_query_get_heaps(fd(), count, all.data()), "ion_query_get_heaps");
        }
        return all;
    }

    /// True for a driver with handles, as ion_is_legacy().
    [[nodiscard]] bool is_legacy() const noexcept { return ion_is_legacy(fd()) != 0; }

  private:
    detail::Descriptor fd_;
};

/// While it lives the CPU may use the buffer's mappings (DMA_BUF_IOCTL_SYNC: start, and end when it goes). A buffer
/// of ordinary shared memory does not know that call and needs none, so its ENOTTY is no error.
class SyncScope {
  public:
    /// Begins. The buffer must outlive it. Waits for devices that use the buffer. Errors: those of the exporter, as
    /// EPERM for protected memory.
    SyncScope(const Buffer& buffer, Access access) : fd_(buffer.fd()), access_(access) {
        detail::check(sync(DMA_BUF_SYNC_START), "start of DMA_BUF_IOCTL_SYNC");
    }
    SyncScope(const SyncScope&) = delete;
    SyncScope& operator=(const SyncScope&) = delete;
    ~SyncScope() {
        if (fd_ >= 0) {
            (void)sync(DMA_BUF_SYNC_END);  // end() is for those who want to know
        }
    }

    /// Ends it early, once. The errors are those of the exporter.
    void end() {
        const int result = sync(DMA_BUF_SYNC_END);
        fd_ = -1;
        detail::check(result, "end of DMA_BUF_IOCTL_SYNC");
    }

  private:
    /// 0 or a negative errno.
    [[nodiscard]] int sync(std::uint64_t phase) const noexcept {
        dma_buf_sync request{};
        request.flags = phase | static_cast<std::uint64_t>(access_);
        int result = 0;
        do {  // waiting for devices can be interrupted
            result = ::ioctl(fd_, DMA_BUF_IOCTL_SYNC, &request);
        } while (result != 0 && (errno == EINTR || errno == EAGAIN));
        return result == 0 || errno == ENOTTY ? 0 : -errno;
    }

    int fd_;
    Access access_;
};

}  // namespace ion
