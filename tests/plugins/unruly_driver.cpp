// SPDX-License-Identifier: Apache-2.0
//
// A driver for tests that misbehaves as its commands say. UNRULY_START makes variants that do so at the start.

#include <array>
#include <csignal>
#include <stdexcept>

#include "iond/driver.h"
#include "tests/plugins/unruly_driver.h"

#ifndef UNRULY_START
#define UNRULY_START
#endif

namespace {

using ion::Result;

constexpr std::array kCommands{
    ion::DriverCommand{.number = UNRULY_THROW}, ion::DriverCommand{.number = UNRULY_CRASH},
    ion::DriverCommand{.number = UNRULY_ALLOC}, ion::DriverCommand{.number = UNRULY_SECURE},
    ion::DriverCommand{.number = UNRULY_UNSECURE}};

class UnrulyDriver final : public ion::Driver {
  public:
    UnrulyDriver(ion::DriverHost& host, std::unique_ptr<ion::KernelClient> client)
        : host_(host), client_(std::move(client)) {}

    [[nodiscard]] std::span<const ion::DriverCommand> commands() const override { return kCommands; }

    Result<void> custom(std::uint64_t /*client*/, std::uint32_t number,
                        std::span<std::byte> /*argument*/) override {
        switch (number) {
            case UNRULY_THROW:
                throw std::runtime_error("unruly as told");
            case UNRULY_CRASH:
                ::raise(SIGSEGV);
                return {};
            case UNRULY_ALLOC:
                return alloc();
            case UNRULY_SECURE:
                return host_.secure_heap(~0U);
            default:
                return host_.unsecure_heap(~0U);
        }
    }

  private:
    Result<void> alloc() {
        const auto handle = client_->alloc(4096, 0, 1U << 2, 0);
        if (!handle) {
            return handle.error();
        }
        const auto bytes = client_->map_kernel(*handle);
        return bytes ? Result<void>() : bytes.error();
    }

    ion::DriverHost& host_;
    std::unique_ptr<ion::KernelClient> client_;
};

Result<std::unique_ptr<ion::Driver>> start(ion::DriverHost& host) {
    auto client = host.client_create("unruly");
    if (!client) {
        return client.error();
    }
    UNRULY_START;
    return std::unique_ptr<ion::Driver>(std::make_unique<UnrulyDriver>(host, *std::move(client)));
}

}  // namespace

IOND_DRIVER("unruly", "1", start);
