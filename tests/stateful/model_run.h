// SPDX-License-Identifier: Apache-2.0
//
// ModelRun: a random sequence of calls by several processes on a running daemon, each compared with what the model of the
// object rules says.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "tests/node/daemon_fixture.h"
#include "tests/stateful/puppet.h"
#include "tests/unit/core/object_model.h"

namespace ion::test {

/// The first difference ends it; what() says what it was and what was done before.
class ModelRun {
  public:
    ModelRun(Daemon& daemon, std::uint32_t seed);

    /// True when there was no difference in so many steps, nor in the figures at their end.
    [[nodiscard]] bool run(int steps);

    /// The last steps, and the difference.
    [[nodiscard]] std::string what() const;

  private:
    static constexpr std::size_t kPuppets = 3;
    static constexpr std::size_t kMostClients = 8;
    static constexpr std::size_t kMostBuffers = 60;

    struct OpenDevice {
        std::size_t puppet = 0;
        std::int32_t fd = -1;
    };
    /// A descriptor of a buffer.
    struct Descriptor {
        std::size_t puppet = 0;
        std::int32_t fd = -1;
        BufferId buffer;
    };
    struct Mapping {
        std::size_t puppet = 0;
        std::uint64_t address = 0;
        BufferId buffer;
    };
    struct Content {
        std::string heap;
        std::uint64_t tag = 0;
    };
    using Clients = std::map<ClientId, OpenDevice>;

    using PlainStep = void (ModelRun::*)();
    using ClientStep = void (ModelRun::*)(ClientId);
    using DescriptorStep = void (ModelRun::*)(const Descriptor&);
    using Step = std::variant<PlainStep, ClientStep, DescriptorStep>;

    [[nodiscard]] Step random_step();
    /// Takes it with any client or descriptor; not where there is none.
    void take(const Step& step);

    void open_device();
    void close_device(ClientId client);
    void allocate(ClientId client);
    void allocate_fd(ClientId client);
    void allocate_wrongly(ClientId client);
    void free_handle(ClientId client);
    void free_wrongly(ClientId client);
    void share(ClientId client);
    void share_wrongly(ClientId client);
    void import(ClientId client);
    void import_wrongly(ClientId client);
    void sync(ClientId client);
    void duplicate(const Descriptor& one);
    void close_descriptor();
    void exchange_tag(const Descriptor& one);
    void hold(const Descriptor& one);
    void drop();
    void pass(const Descriptor& one);
    void kill_worker();
    void kill_puppet();

    /// Has a puppet do something, at times with the worker killed meanwhile: the report, whose errno must be `expected`.
    std::optional<Report> act(std::size_t puppet, const Order& order, int expected = 0);
    void add_descriptor(std::size_t puppet, std::int64_t fd, BufferId buffer);
    BufferId make_buffer(const Order& order);
    /// What nobody has any more is no longer part of the model.
    void forget_unheld();
    [[nodiscard]] bool has_anybody(BufferId buffer) const;
    [[nodiscard]] std::set<BufferId> buffers_of(ClientId client) const;
    /// As the daemon shows it, within a bounded time: it notices late that the last outside use has ended.
    void check_figures();
    [[nodiscard]] std::string figures_difference() const;
    void differ(const std::string& difference);

    [[nodiscard]] Order order_for(Act act, ClientId client);
    /// A descriptor of a buffer that the client's process has; null when it has none.
    [[nodiscard]] const Descriptor* descriptor_for(ClientId client);
    std::uint32_t below(std::size_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    template <typename Container>
    auto any(Container& all) {
        return std::next(all.begin(), static_cast<std::ptrdiff_t>(below(all.size())));
    }

    Daemon& daemon_;
    std::mt19937 random_;
    std::array<std::unique_ptr<Puppet>, kPuppets> puppets_;
    ObjectModel model_;
    Clients clients_;
    std::map<BufferId, Content> contents_;
    std::vector<Descriptor> descriptors_;
    std::vector<Mapping> mappings_;
    std::uint64_t next_client_ = 1;
    std::uint64_t next_buffer_ = 1;
    std::uint64_t next_tag_ = 1;
    std::vector<std::string> log_;
    std::string difference_;
};

}  // namespace ion::test
