// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/drivers.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/base/log.h"
#include "daemon/worker/inherited_fds.h"

namespace ion {

void Drivers::start(const std::vector<std::string>& words, const State& former, std::uint64_t abandoned) {
    int subject = kFirstDriverSubject;
    for (const std::string& word : words) {
        if ((abandoned >> subject & 1U) != 0) {
            ION_ERROR("driver", "driver {} is left out: it ends each worker that starts it", word);
        } else {
            auto plugin = load(driver_path(word), former);
            auto running = plugin ? run(*std::move(plugin), subject) : Result<Running>(plugin.error());
            if (running) {
                ION_INFO("driver", "driver {} started", running->plugin.title());
                running_.push_back(*std::move(running));
            } else {
                ION_ERROR("driver", "driver {} does not start: {}", word, running.error().context);
            }
        }
        ++subject;
    }
}

Result<LoadedDriver> Drivers::load(const std::string& path, const State& former) {
    const auto known = former.plugins().find(path);
    if (known != former.plugins().end() && still_is(known->second.fd, known->second.file)) {
        return LoadedDriver::load(PluginImage(path, UniqueFd(known->second.fd)), activity_);
    }
    auto plugin = LoadedDriver::read(path, activity_);
    if (!plugin) {
        return plugin;
    }
    const int fd = plugin->image().fd();
    if (const auto file = file_id_of(fd)) {
        Transaction tx;
        tx.records.emplace_back(PluginLoaded{path, fd, *file});
        if (auto durable = device_.commit(std::move(tx)); !durable) {
            return durable.error();
        }
    }
    return plugin;
}

Result<Drivers::Running> Drivers::run(LoadedDriver plugin, int subject) {
    PluginGuard guard(activity_, "driver " + plugin.title(), subject,
                      "is asked nothing more until iond is restarted");
    auto driver = guard.run("start", [&] { return plugin.start(host_); });
    if (!driver) {
        return driver.error();
    }
    if (*driver == nullptr) {
        return fail(EIO, "it gave no driver");
    }
    std::vector<DriverCommand> commands;
    guard.run("commands", [&] {
        const auto all = (*driver)->commands();
        commands.assign(all.begin(), all.end());
    });
    if (auto checked = check(commands); !checked) {
        guard.run("destruction", [&] { driver->reset(); });
        return checked.error();
    }
    return Running{std::move(plugin), std::move(guard), *std::move(driver), std::move(commands)};
}

Result<void> Drivers::check(std::span<const DriverCommand> commands) const {
    for (const DriverCommand& command : commands) {
        if (find(command.number) != nullptr) {
            return fail(EEXIST, fmt::format("another driver has its command {:#x}", command.number));
        }
        if (command.argument_size > DriverCommand::kMaxArgument) {
            return fail(EINVAL, fmt::format("the argument of its command {:#x} is larger than {} bytes",
                                            command.number, DriverCommand::kMaxArgument));
        }
    }
    return {};
}

const DriverCommand* Drivers::command_of(const Running& one, std::uint32_t number) {
    const auto found = std::ranges::find(one.commands, number, &DriverCommand::number);
    return found == one.commands.end() ? nullptr : &*found;
}

const DriverCommand* Drivers::find(std::uint32_t number) const {
    for (const Running& one : running_) {
        if (const DriverCommand* command = command_of(one, number)) {
            return command;
        }
    }
    return nullptr;
}

Result<void> Drivers::custom(ClientId client, std::uint32_t number, std::span<std::byte> argument) {
    const auto owner = std::ranges::find_if(
        running_, [&](const Running& one) { return command_of(one, number) != nullptr; });
    if (owner == running_.end()) {
        return fail(ENOTTY, "no driver has this command");
    }
    if (owner->guard.disabled()) {
        return fail(ENODEV, "its driver threw too many exceptions");
    }
    return owner->guard.run("custom", [&] { return owner->driver->custom(client.value, number, argument); });
}

}  // namespace ion
