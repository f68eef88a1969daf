// SPDX-License-Identifier: Apache-2.0

#include "daemon/worker/worker.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <optional>
#include <utility>

#include "daemon/base/log.h"
#include "daemon/config/load.h"
#include "daemon/control/control_server.h"
#include "daemon/host/heap_setup.h"
#include "daemon/host/memory_pressure.h"
#include "daemon/loop/event_loop.h"
#include "daemon/worker/call_runner.h"
#include "daemon/worker/fault_commands.h"
#include "daemon/worker/inherited_fds.h"
#include "daemon/worker/restart_records.h"
#include "daemon/worker/scrubber_thread.h"
#include "daemon/worker/status_document.h"
#include "daemon/worker/trace_feed.h"
#include "daemon/worker/usage_files.h"

namespace ion {

namespace {

constexpr std::chrono::milliseconds kOverrunCheck{250};
constexpr std::chrono::seconds kStopPatience{3};

/// Wires the parts together. Lives until the process ends by _exit(): nothing is destroyed, because closing a
/// descriptor here closes it in the keeper.
class Worker : public InjectorPoolHost, public ControlHost {
  public:
    explicit Worker(const WorkerSetup& setup) : setup_(setup), journal_(*setup.journal) {}

    [[noreturn]] void run() {
        take_over();
        watch_sessions();
        watch_signals();
        pressure_ = drain_under_pressure(*loop_, heaps_);
        overruns_ = loop_->every(kOverrunCheck, [this] {
            injectors_->check_overruns(InjectorPool::Clock::now());
            runner_->look_at_waits();
            tell_totals();
        });
        after_turn();  // says that it serves, before anything has happened
        loop_->run([this] { after_turn(); });
        ::_exit(exit_status_);
    }

    void watch(int fd) override {
        injector_watches_[fd] = loop_->on_readable(fd, [this, fd] { injectors_->readable(fd); });
    }
    void unwatch(int fd) override { injector_watches_.erase(fd); }

    void watch_control(int fd) override {
        control_watches_[fd] = loop_->on_readable(fd, [this, fd] { control_->readable(fd); });
    }
    void unwatch_control(int fd) override { control_watches_.erase(fd); }

    void begin_recording(int peer) override { feed_.begin(peer); }
    void end_recording(int peer) override { feed_.end(peer); }

    Result<std::string> control(ControlCommand command, std::string_view document) override {
        switch (command) {
            case ControlCommand::kStatus:
                return status_document(*device_,
                                       StatusFacts{setup_.transport == TransportKind::kCuse ? "cuse" : "node",
                                                   ::getpid(), runner_->in_progress(), journal_.size()});
            case ControlCommand::kHeapAdd:
                return commands_->add(document);
            case ControlCommand::kHeapRemove:
                return commands_->remove(document);
            case ControlCommand::kReload:
                return reload();
            case ControlCommand::kFaultAdd:
                return fault_commands_->add(document);
            case ControlCommand::kFaultRemove:
                return fault_commands_->remove(document);
            case ControlCommand::kUpgrade:
                if (auto checked = setup_.check_successor(); !checked) {
                    return checked.error();
                }
                upgrade_wanted_ = true;  // when this answer has been sent
                return std::string();
            case ControlCommand::kRecord:
                return std::string();  // begin_recording() follows
        }
        return fail(ENOSYS, "unknown command");
    }

    void injector_started(int fd, int pid) override {
        commit(InjectorStarted{fd, pid, file_id_of(fd) ? *file_id_of(fd) : FileId{}});
    }
    void injector_gone(int fd) override { commit(InjectorGone{fd}); }
    void injector_left(int tid, int pid) override { commit(InjectorLeft{tid, pid}); }
    void left_injector_ended(int tid) override { commit(LeftInjectorEnded{tid}); }

  private:
    void commit(Record record) {
        Transaction tx;
        tx.records.push_back(std::move(record));
        (void)device_->commit(std::move(tx));
    }

    void take_over() {
        State former;
        std::vector<Record> records;
        if (auto replayed = journal_.replay([&](Record record) { records.push_back(std::move(record)); });
            !replayed) {
            give_up(replayed.error().context);
        }
        for (const Record& record : records) {
            (void)former.apply(record);
        }
        close_unnamed(setup_.keeper_fds, former);
        auto loop = EventLoop::create();
        if (!loop) {
            give_up(loop.error().context);
        }
        loop_ = *std::move(loop);
        if (auto scrubber = ScrubberThread::create(*loop_)) {
            scrubber_ = *std::move(scrubber);
        } else {
            ION_ERROR("worker", "freed memory is not kept: {}", scrubber.error().context);
        }
        auto configuration = make_heaps_of(former);
        device_.emplace(heaps_, feed_);
        feed_.attach(*device_);
        for (const Record& record : records) {
            (void)device_->replay(record);
        }
        changes_.emplace(*device_, heaps_, std::move(configuration), surroundings(),
                         journal_.header().abandoned);
        faults_.emplace(*device_);
        build();
        restore(former);
        attach_transports();
    }

    [[nodiscard]] HeapSurroundings surroundings() {
        return {.scrubber = scrubber_.get(), .activity = &journal_.header().activity};
    }

    CheckedConfiguration make_heaps_of(const State& former) {
        auto configuration = former_configuration(former, setup_.texts, journal_.header().activity);
        if (!configuration) {
            give_up(configuration.error().context);
        }
        auto heaps = make_heaps(configuration->config, configuration->plugins, former,
                                journal_.header().abandoned.load(), surroundings());
        if (!heaps) {
            give_up(heaps.error().context);
        }
        heaps_ = *std::move(heaps);
        return *std::move(configuration);
    }

    [[nodiscard]] Personality personality() const { return changes_->served().config.personality; }

    /// They have buffers without being outside.
    [[nodiscard]] HolderLooks::Target processes_of_ours() const {
        HolderLooks::Target target{.without = {::getpid(), setup_.keeper, journal_.header().guard.load()},
                                   .named = ::getpid()};
        for (const auto& [fd, injector] : device_->state().injectors()) {
            target.without.insert(injector.pid);
        }
        return target;
    }

    void build() {
        service_.emplace(*device_, personality());
        commands_.emplace(
            *changes_, [this] { return read_config_texts({.file = setup_.config_file}); },
            journal_.header().activity);
        fault_commands_.emplace(*changes_, *commands_, *faults_);
        injectors_.emplace(setup_.zygote_fd, *this);
        channels_.emplace(*device_, *loop_);
        kernel_clients_.emplace(*device_, personality() == Personality::kMsm34);
        drivers_.emplace(*device_, *kernel_clients_, journal_.header().activity);
        reaper_.emplace(*device_, *loop_);
        runner_.emplace(CallRunnerParts{
            *device_, *service_, journal_.header(), *injectors_, *channels_, *reaper_, refusals_, *drivers_,
            *faults_, *loop_, abi::DecodeOptions{.linux_5_10 = personality() == Personality::kLinux510}});
        if (auto looks = HolderLooks::create(*loop_, [this] { return processes_of_ours(); })) {
            looks_ = *std::move(looks);
        } else {
            ION_ERROR("worker", "holders are not looked for: {}", looks.error().context);
        }
        usage_.emplace(*device_, refusals_, *faults_, looks_.get(),
                       usage_settings(changes_->served().config));
        control_.emplace(setup_.control_fd, *this);
    }

    void restore(const State& former) {
        Transaction tx;
        tx.records = restart_records(former, heaps_, changes_->served());
        (void)device_->commit(std::move(tx));
        const auto lost = device_->restore(take_recorded);
        for (const auto& what : lost) {
            ION_ERROR_ABOUT(log::Subject{.id = log::kLostId}, "worker", "{}", what);
        }
        faults_->set(changes_->served().config.faults);
        channels_->resume();
        drivers_->start(changes_->served().drivers, former, journal_.header().abandoned.load());
    }

    void attach_transports() {
        auto device = DeviceTransport::create(journal_, setup_.transport, setup_.device_fd,
                                              setup_.device_name, *runner_);
        auto usage = UsageTransport::create(journal_, setup_.usage_fd, *usage_);
        if (!device || !usage) {
            give_up(device ? usage.error().context : device.error().context);
        }
        device_transport_ = *std::move(device);
        usage_transport_ = *std::move(usage);
        runner_->attach(device_transport_->session());
        usage_->attach(usage_transport_->session());
        injectors_->start(device_->state().left_injectors());
        control_->start();
        device_transport_->session().resume([this](SlotIndex slot) { return runner_->resume(slot); });
        usage_transport_->session().resume([this](SlotIndex slot) { return usage_->resume(slot); });
    }

    void watch_sessions() {
        for (const auto id : {SessionId::kDevice, SessionId::kUsage}) {
            FuseSession& session = session_of(id);
            auto& watch = session_watches_[static_cast<std::size_t>(id)];
            watch = loop_->on_readable(session.fd(), [&session] { session.readable(); });
            session_watched_[static_cast<std::size_t>(id)] = true;
        }
    }

    FuseSession& session_of(SessionId id) {
        return id == SessionId::kDevice ? device_transport_->session() : usage_transport_->session();
    }

    void watch_signals() {
        stop_signal_ = loop_->on_signal(SIGTERM, [this] { begin_stop(); });
        reload_signal_ = loop_->on_signal(kReloadSignal, [this] {
            if (auto done = reload(); !done) {
                ION_ERROR("worker", "nothing has been reloaded: {}", done.error().context);
            }
        });
    }

    Result<std::string> reload() {
        auto done = commands_->reload();
        if (done && setup_.log_level.empty()) {
            log::init(changes_->served().config.log_level);
        }
        if (done) {
            usage_->set(usage_settings(changes_->served().config));
            faults_->set(changes_->served().config.faults);
        }
        return done;
    }

    void tell_totals() {
        std::uint64_t bytes = 0;
        for (const auto& heap : heaps_.all()) {
            bytes += heap.heap->usage().allocated;
        }
        journal_.header().pulse.tell(device_->state().clients().size(), device_->state().buffers().size(),
                                     bytes);
    }

    void after_turn() {
        journal_.header().pulse.turns.fetch_add(1);
        reaper_->turn();
        usage_->turn();
        journal_.compact_if_grown([this](const auto& emit) { device_->state().describe(emit); });
        if (!announced_ && journal_.header().ready.load() != 0) {
            announced_ = true;
            ::kill(setup_.keeper, SIGUSR1);
        }
        if (std::exchange(upgrade_wanted_, false)) {
            ::kill(setup_.keeper, kUpgradeSignal);
        }
        for (const auto id : {SessionId::kDevice, SessionId::kUsage}) {
            pause_when_full(id);
            FuseSession& session = session_of(id);
            turns_[static_cast<std::size_t>(id)] =
                session.has_turns() ? loop_->soon([&session] { session.readable(); }) : Watch();
        }
        if (device_transport_->session().dead() || usage_transport_->session().dead()) {
            ION_ERROR("worker", "the kernel has ended the connection of {}",
                      device_transport_->session().dead() ? "the device" : "the usage mount");
            finish(kWorkerLostTransport);
        }
        const bool waited = std::chrono::steady_clock::now() - stop_began_ > kStopPatience;
        const bool idle =
            runner_->in_progress() + injectors_->busy() == 0 && device_transport_->session().caught_up();
        if (stopping_ && (idle || waited)) {
            finish(kWorkerStopped);
        }
    }

    /// With every slot taken the descriptor stays readable, and the loop would spin on it.
    void pause_when_full(SessionId id) {
        const auto index = static_cast<std::size_t>(id);
        FuseSession& session = session_of(id);
        const bool want = !session.full() && !stopping_;
        if (want != session_watched_[index]) {
            session_watched_[index] = want;
            session_watches_[index] =
                want ? loop_->on_readable(session.fd(), [&session] { session.readable(); }) : Watch();
        }
    }

    void begin_stop() {
        stopping_ = true;
        stop_began_ = std::chrono::steady_clock::now();
        device_transport_->session().stop_reading();
        usage_transport_->session().stop_reading();
        if (::getppid() != setup_.keeper) {
            ION_ERROR("worker", "the keeper is gone");
        }
    }

    void finish(int status) {
        exit_status_ = status;
        loop_->stop();
    }

    [[noreturn]] void give_up(const std::string& why) {
        ION_ERROR("worker", "{}", why);
        ::_exit(kWorkerUnusable);
    }

    const WorkerSetup& setup_;
    Journal& journal_;
    std::unique_ptr<EventLoop> loop_;
    std::unique_ptr<ScrubberThread> scrubber_;
    TraceFeed feed_{
        journal_, [] {
            return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                              std::chrono::nanoseconds(1));
        }};
    HeapSet heaps_;
    std::optional<Device> device_;
    std::optional<HeapChanges> changes_;
    std::optional<HeapCommands> commands_;
    std::optional<Faults> faults_;
    std::optional<FaultCommands> fault_commands_;
    std::optional<IonService> service_;
    std::optional<InjectorPool> injectors_;
    std::optional<Channels> channels_;
    RefusalLog refusals_;
    std::optional<Reaper> reaper_;
    std::optional<KernelClients> kernel_clients_;
    std::optional<Drivers> drivers_;
    std::optional<CallRunner> runner_;
    std::unique_ptr<HolderLooks> looks_;
    std::optional<UsageFiles> usage_;
    std::optional<ControlServer> control_;
    std::unique_ptr<DeviceTransport> device_transport_;
    std::unique_ptr<UsageTransport> usage_transport_;
    std::map<int, Watch> injector_watches_;
    std::map<int, Watch> control_watches_;
    std::array<Watch, kSessions> session_watches_;
    std::array<bool, kSessions> session_watched_{};
    std::array<Watch, kSessions> turns_;
    Watch stop_signal_;
    Watch reload_signal_;
    Watch overruns_;
    std::unique_ptr<MemoryPressure> pressure_;
    bool announced_ = false;
    bool upgrade_wanted_ = false;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point stop_began_{};
    int exit_status_ = kWorkerStopped;
};

}  // namespace

void run_worker(const WorkerSetup& setup) {
    ::prctl(PR_SET_NAME, "iond-worker");
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != setup.keeper) {
        ::_exit(kWorkerStopped);  // the keeper was gone before it could be watched
    }
    setup.journal->header().worker.store(::getpid());
    // What a terminal sends to the whole group is the keeper's business.
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGIO, SIG_IGN);  // a lease of ours that somebody breaks
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(kReloadSignal, SIG_IGN);  // until this worker can do it
    auto* worker = new Worker(setup);  // never destroyed, see there
    worker->run();
}

}  // namespace ion
