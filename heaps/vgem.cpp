// SPDX-License-Identifier: Apache-2.0

#include "heaps/vgem.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <array>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "daemon/base/checked_math.h"
#include "heaps/descriptors.h"
#include "heaps/dmabuf.h"

namespace ion {
namespace {

// Layouts and numbers of the kernel's include/uapi/drm/drm.h and drm_mode.h, which Linux header packages leave
// to libdrm's.
struct DrmVersion {
    int major;
    int minor;
    int patchlevel;
    std::size_t name_length;  // in: room in `name`; out: length of the driver's name
    char* name;
    std::size_t date_length;
    char* date;
    std::size_t description_length;
    char* description;
};
struct DrmCreateDumb {
    std::uint32_t height;
    std::uint32_t width;
    std::uint32_t bits_per_pixel;
    std::uint32_t flags;
    std::uint32_t handle;  // out
    std::uint32_t pitch;   // out
    std::uint64_t size;    // out
};
struct DrmPrimeHandle {
    std::uint32_t handle;
    std::uint32_t flags;
    std::int32_t fd;  // out
};
struct DrmGemClose {
    std::uint32_t handle;
    std::uint32_t pad;
};
constexpr unsigned long kDrmVersion = _IOWR('d', 0x00, DrmVersion);
constexpr unsigned long kDrmGemClose = _IOW('d', 0x09, DrmGemClose);
constexpr unsigned long kDrmPrimeHandleToFd = _IOWR('d', 0x2d, DrmPrimeHandle);
constexpr unsigned long kDrmCreateDumb = _IOWR('d', 0xb2, DrmCreateDumb);

/// ioctl, begun again when a signal interrupted it, as DRM drivers expect of their callers.
int drm_ioctl(int card, unsigned long command, void* argument) {
    int result = -1;
    do {
        result = ::ioctl(card, command, argument);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return result;
}

bool is_vgem(int card) {
    std::array<char, 16> name{};
    DrmVersion version{};
    version.name_length = name.size();
    version.name = name.data();
    return drm_ioctl(card, kDrmVersion, &version) == 0 && version.name_length <= name.size() &&
           std::string_view(name.data(), version.name_length) == "vgem";
}

}  // namespace

Result<std::unique_ptr<Exporter>> VgemExporter::open(const char* directory) {
    std::string refused;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (!entry.path().filename().string().starts_with("card")) {
            continue;
        }
        auto card = open_device(entry.path().c_str(), "its driver is gone");
        if (!card) {
            refused += "; " + card.error().context;
        } else if (is_vgem(card->get())) {
            return std::unique_ptr<Exporter>(new VgemExporter(*std::move(card)));
        }
    }
    const int code = refused.empty() ? ENODEV : EACCES;
    return fail(code, "no card in " + std::string(directory) +
                          " is vgem's; load the kernel module (modprobe vgem) and see that a node appears" +
                          refused);
}

Result<std::unique_ptr<Memory>> VgemExporter::create(std::uint64_t size_bytes) {
    if (size_bytes > std::numeric_limits<std::uint32_t>::max()) {
        return fail(EINVAL, "vgem: dumb buffers are smaller than 4 GiB");
    }
    DrmCreateDumb dumb{};
    dumb.bits_per_pixel = 8;
    dumb.width = kPageSize;  // a row of pixels is a page
    dumb.height = static_cast<std::uint32_t>(size_bytes / kPageSize);
    if (drm_ioctl(card_.get(), kDrmCreateDumb, &dumb) != 0) {
        return fail_errno(errno, "vgem: create a dumb buffer");
    }
    DrmPrimeHandle prime{.handle = dumb.handle, .flags = O_CLOEXEC | O_RDWR, .fd = -1};
    const int prime_errno = drm_ioctl(card_.get(), kDrmPrimeHandleToFd, &prime) == 0 ? 0 : errno;

    // While it exists, the handle holds references to the dma-buf, which would count as outside use.
    DrmGemClose close{.handle = dumb.handle, .pad = 0};
    drm_ioctl(card_.get(), kDrmGemClose, &close);
    if (prime_errno != 0) {
        return descriptor_error(prime_errno, "vgem: export a dumb buffer");
    }
    return DmabufMemory::adopt(ExporterKind::kVgem, UniqueFd(prime.fd));
}

}  // namespace ion
