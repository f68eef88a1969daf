// SPDX-License-Identifier: Apache-2.0
//
// Drivers: the configured drivers of this worker, and their CUSTOM commands.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/kernel_client.h"
#include "plugins/loaded_driver.h"
#include "plugins/plugin_guard.h"

namespace ion {

/// Subject of the activity of the first driver; the next ones follow. Heaps have the numbers below, their ids.
inline constexpr int kFirstDriverSubject = 32;

/// The loop thread only; what it is given outlives it.
class Drivers {
  public:
    Drivers(Device& device, DriverHost& host, Activity& activity)
        : device_(device), host_(host), activity_(activity) {}

    /// Loads and starts the drivers, from the images that a former worker had loaded where there are any. One that
    /// cannot be started is an error in the log, and so is one whose bit, by subject, is in `abandoned`.
    void start(const std::vector<std::string>& words, const State& former, std::uint64_t abandoned);

    /// The command of a running driver; null when nobody has it.
    [[nodiscard]] const DriverCommand* find(std::uint32_t number) const;

    /// Runs it. Errors: the driver's; EIO when it throws, ENODEV when it has done so too often; ENOTTY when nobody has
    /// the command.
    Result<void> custom(ClientId client, std::uint32_t number, std::span<std::byte> argument);

  private:
    struct Running {
        LoadedDriver plugin;
        PluginGuard guard;
        std::unique_ptr<Driver> driver;
        std::vector<DriverCommand> commands;
    };
    [[nodiscard]] static const DriverCommand* command_of(const Running& one, std::uint32_t number);
    [[nodiscard]] Result<LoadedDriver> load(const std::string& path, const State& former);
    [[nodiscard]] Result<Running> run(LoadedDriver plugin, int subject);
    [[nodiscard]] Result<void> check(std::span<const DriverCommand> commands) const;

    Device& device_;
    DriverHost& host_;
    Activity& activity_;
    std::vector<Running> running_;
};

}  // namespace ion
