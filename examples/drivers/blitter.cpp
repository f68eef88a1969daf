// SPDX-License-Identifier: Apache-2.0
//
// A driver that copies between two buffers as a small blitter would: by their scatter lists, piece by piece.
//
//   drivers = ["/path/blitter.so"]
//
// A program calls it by ION_IOC_CUSTOM with BLIT_COPY and a struct blit_copy (blitter.h).

#include "blitter.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "iond/driver.h"

namespace {

using ion::DriverHandle;
using ion::KernelClient;
using ion::PlacedRange;
using ion::Result;

/// A buffer of the caller while a copy is made: a handle of the driver's own, its list and its bytes.
class Mapped {
  public:
    Mapped(KernelClient& client, std::uint64_t owner, DriverHandle theirs) : client_(client) {
        status_ = map(owner, theirs);
    }
    ~Mapped() {
        if (!bytes_.empty()) {
            (void)client_.unmap_kernel(handle_);
        }
        if (handle_ != 0) {
            (void)client_.free(handle_);
        }
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;

    [[nodiscard]] const Result<void>& status() const { return status_; }
    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

    /// Bytes from `offset` to the end of the run of addresses that it is in; 0 behind the last one.
    [[nodiscard]] std::uint64_t run_at(std::uint64_t offset) const {
        const auto end = std::ranges::upper_bound(run_ends_, offset);
        return end == run_ends_.end() ? 0 : std::min<std::uint64_t>(*end, bytes_.size()) - offset;
    }

  private:
    Result<void> map(std::uint64_t owner, DriverHandle theirs) {
        const auto handle = client_.import_from(owner, theirs);
        if (!handle) {
            return handle.error();
        }
        handle_ = *handle;
        const auto list = client_.sg_table(handle_);
        if (!list) {
            return list.error();
        }
        std::uint64_t end = 0;
        for (const PlacedRange& range : *list) {
            run_ends_.push_back(end += range.size);
        }
        const auto bytes = client_.map_kernel(handle_);
        if (!bytes) {
            return bytes.error();
        }
        bytes_ = *bytes;
        return {};
    }

    KernelClient& client_;
    DriverHandle handle_ = 0;
    std::vector<std::uint64_t> run_ends_;  // offsets in the buffer
    std::span<std::byte> bytes_;           // empty until it is mapped
    Result<void> status_;
};

bool inside(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
    return offset <= size && length <= size - offset;
}

class Blitter final : public ion::Driver {
  public:
    explicit Blitter(std::unique_ptr<KernelClient> client) : client_(std::move(client)) {}

    [[nodiscard]] std::span<const ion::DriverCommand> commands() const override { return kCommands; }

    Result<void> custom(std::uint64_t client, std::uint32_t /*number*/,
                        std::span<std::byte> argument) override {
        blit_copy copy{};
        std::memcpy(&copy, argument.data(), sizeof(copy));
        const Mapped source(*client_, client, copy.source);
        const Mapped destination(*client_, client, copy.destination);
        for (const auto* one : {&source, &destination}) {
            if (!one->status()) {
                return one->status();
            }
        }
        if (copy.length > BLIT_MAX_LENGTH) {
            return ion::fail(EINVAL, "the copy would hold everybody else up");
        }
        if (!inside(copy.source_offset, copy.length, source.bytes().size()) ||
            !inside(copy.destination_offset, copy.length, destination.bytes().size())) {
            return ion::fail(EINVAL, "the copy leaves a buffer");
        }
        copy.pieces = 0;
        for (std::uint64_t done = 0; done < copy.length; ++copy.pieces) {
            const std::uint64_t from = copy.source_offset + done;
            const std::uint64_t to = copy.destination_offset + done;
            const std::uint64_t step =
                std::min({copy.length - done, source.run_at(from), destination.run_at(to)});
            if (step == 0) {
                return ion::fail(EIO, "a scatter list is shorter than its buffer");
            }
            std::memmove(destination.bytes().data() + to, source.bytes().data() + from, step);
            done += step;
        }
        std::memcpy(argument.data(), &copy, sizeof(copy));
        return {};
    }

  private:
    static constexpr std::array kCommands{
        ion::DriverCommand{.number = BLIT_COPY, .argument_size = sizeof(blit_copy), .writes_back = true}};

    std::unique_ptr<KernelClient> client_;
};

Result<std::unique_ptr<ion::Driver>> start(ion::DriverHost& host) {
    auto client = host.client_create("blitter");
    if (!client) {
        return client.error();
    }
    return std::unique_ptr<ion::Driver>(std::make_unique<Blitter>(*std::move(client)));
}

}  // namespace

IOND_DRIVER("blitter", "1", start);
