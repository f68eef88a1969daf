// SPDX-License-Identifier: Apache-2.0
//
// A worker is stopped before and after each of its commits. What the next one makes of the journal and of the shared
// descriptor table is what a model says, and no descriptor is left that nothing names.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <optional>

#include "daemon/base/descriptor_table.h"
#include "daemon/host/heap_setup.h"
#include "daemon/journal/journal.h"
#include "daemon/worker/checked_configuration.h"
#include "daemon/worker/inherited_fds.h"
#include "tests/fakes/collecting_log.h"
#include "tests/unit/core/object_model.h"

namespace ion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kHeaps = R"(
[[heap]]
type = "system"
name = "system"
id = 0
exporters = ["memfd"]
[[heap]]
type = "carveout"
name = "carveout"
id = 2
base = 0x40000000
size = "1M"
exporters = ["memfd"]
)";
constexpr std::uint64_t kSize = 8192;

/// Real heaps, as a worker makes them.
HeapSet heaps_of(const State& former) {
    static Activity activity;
    const std::vector<ConfigText> texts{{"test", kHeaps}};
    auto checked = former_configuration(former, texts, activity);
    EXPECT_TRUE(checked) << checked.error().context;
    auto heaps = make_heaps(checked->config, checked->plugins, former, 0, {});
    EXPECT_TRUE(heaps) << heaps.error().context;
    return *std::move(heaps);
}

/// What a worker does for its clients: each step is one commit. A model does the same.
class Work {
  public:
    explicit Work(Device& device) : device_(device) {}

    /// `committed` gets the model after each step.
    void run(const std::function<void(const ObjectModel&)>& committed) {
        for (const auto step :
             {&Work::open_one, &Work::open_other, &Work::allocate, &Work::allocate_placed,
              &Work::open_channel, &Work::share, &Work::import, &Work::import_again, &Work::deliver,
              &Work::end_delivery, &Work::free, &Work::release_freed, &Work::close_channel, &Work::close_one,
              &Work::release_delivered, &Work::close_other, &Work::release_last}) {
            (this->*step)();
            committed(model_);
        }
    }

  private:
    void commit(Transaction tx) { EXPECT_TRUE(device_.commit(std::move(tx))); }
    void commit(Record record) {
        Transaction tx;
        tx.records.push_back(std::move(record));
        commit(std::move(tx));
    }

    ClientId open(std::int32_t pid) {
        Transaction tx;
        const ClientId client = device_.open_client(tx, {pid, {"comm"}, 1, 2, 0});
        commit(std::move(tx));
        model_.clients[client].pid = pid;
        return client;
    }
    void open_one() { one_ = open(100); }
    void open_other() { other_ = open(200); }

    BufferId stage(Transaction& tx, std::uint32_t mask, bool owned) {
        const auto buffer = device_.allocate(tx, one_, {kSize, 0, mask, 0, HeapOrder::kAscending, owned});
        EXPECT_TRUE(buffer);
        model_.buffers[*buffer] = {kSize, 0, 100, 0, false};
        return *buffer;
    }
    BufferId allocate_with_handle(std::uint32_t mask) {
        Transaction tx;
        const BufferId buffer = stage(tx, mask, false);
        (void)device_.add_handle(tx, one_, buffer);
        commit(std::move(tx));
        model_.add_handle(one_, buffer);
        return buffer;
    }
    void allocate() { shared_ = allocate_with_handle(1U << 0); }
    void allocate_placed() { freed_ = allocate_with_handle(1U << 2); }

    void open_channel() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ::close(ends[1]);
        channel_ = ends[0];
        commit(ChannelOpened{one_, 100, channel_, *file_id_of(channel_)});
    }
    void close_channel() {
        commit(ChannelClosed{one_, 100});
        ::close(channel_);
    }

    void share() {
        commit(BufferExported{shared_});
        model_.buffers.at(shared_).exported = true;
    }
    void import_for(ClientId client) {
        Transaction tx;
        EXPECT_TRUE(device_.import(tx, client, device_.state().buffer(shared_)->made.file));
        commit(std::move(tx));
    }
    void import() {
        import_for(other_);
        model_.add_handle(other_, shared_);
    }
    void import_again() {
        import_for(one_);
        ++model_.clients.at(one_).handles.at(model_.handle_of(one_, shared_)).references;
    }

    void deliver() {
        Transaction tx;
        delivered_ = stage(tx, 1U << 0, true);
        tx.records.emplace_back(DeliveryStarted{1, 0, 999, one_, delivered_, {}});
        commit(std::move(tx));
        model_.buffers.at(delivered_).deliveries = 1;
        model_.clients.at(one_).charged.insert(delivered_);
    }
    void end_delivery() {
        commit(DeliveryEnded{1});
        model_.buffers.at(delivered_).deliveries = 0;
    }

    void free() {
        const std::uint32_t handle = model_.handle_of(one_, freed_);
        Transaction tx;
        EXPECT_TRUE(device_.free(tx, one_, handle));
        commit(std::move(tx));
        model_.drop_reference(one_, handle);
    }
    void release(BufferId buffer) {
        EXPECT_TRUE(device_.release_if_idle(buffer));
        model_.buffers.erase(buffer);
        for (auto& [id, client] : model_.clients) {
            client.charged.erase(buffer);
        }
    }
    void release_freed() { release(freed_); }
    void release_delivered() { release(delivered_); }
    void release_last() { release(shared_); }

    void close(ClientId client) {
        Transaction tx;
        EXPECT_TRUE(device_.close_client(tx, client));
        commit(std::move(tx));
        model_.close(client);
    }
    void close_one() { close(one_); }
    void close_other() { close(other_); }

    Device& device_;
    ObjectModel model_;
    ClientId one_;
    ClientId other_;
    BufferId shared_;
    BufferId freed_;
    BufferId delivered_;
    int channel_ = -1;
};

/// The model after each commit; the first has nothing.
std::vector<ObjectModel> models() {
    const HeapSet heaps = heaps_of(State{});
    CollectingLog log;
    Device device(heaps, log);
    std::vector<ObjectModel> all(1);
    Work(device).run([&](const ObjectModel& model) { all.push_back(model); });
    return all;
}

enum class Stop : std::uint8_t { kBefore, kAfter };

/// A journal that ends its process at one commit, before it or right after it.
class StoppingLog final : public CommitLog {
  public:
    StoppingLog(Journal& journal, std::uint64_t commit, Stop where)
        : journal_(journal), commit_(commit), where_(where) {}

    Result<void> append(std::span<const Record> records) override {
        if (journal_.commits() + 1 == commit_ && where_ == Stop::kBefore) {
            ::kill(::getpid(), SIGKILL);
        }
        auto appended = journal_.append(records);
        if (journal_.commits() == commit_ && where_ == Stop::kAfter) {
            ::kill(::getpid(), SIGKILL);
        }
        return appended;
    }

  private:
    Journal& journal_;
    std::uint64_t commit_;
    Stop where_;
};

std::vector<int> open_descriptors() {
    std::vector<int> open;
    for (int fd = 0; fd < 1024; ++fd) {
        if (::fcntl(fd, F_GETFD) >= 0) {
            open.push_back(fd);
        }
    }
    return open;
}

class StoppedWorker : public testing::Test {
  protected:
    /// A worker that shares this process's descriptors, as the keeper's do, and is stopped at a commit.
    void run_worker(std::uint64_t commit, Stop where) {
        journal_ = *Journal::create();
        keepers_ = open_descriptors();
        const long pid = ::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        ASSERT_GE(pid, 0);
        if (pid == 0) {
            const HeapSet heaps = heaps_of(State{});
            StoppingLog log(*journal_, commit, where);
            Device device(heaps, log);
            Work(device).run([](const ObjectModel&) {});
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(static_cast<pid_t>(pid), &status, 0), pid);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            << "commit " << commit << " was never made";
    }

    /// What the next worker does first. Returns what it could not restore.
    std::vector<std::string> take_over() {
        State former;
        std::vector<Record> records;
        EXPECT_TRUE(journal_->replay([&](Record record) { records.push_back(std::move(record)); }));
        for (const Record& record : records) {
            EXPECT_TRUE(former.apply(record));
        }
        close_unnamed(keepers_, former);
        heaps_.emplace(heaps_of(former));
        device_.emplace(*heaps_, *journal_);
        for (const Record& record : records) {
            EXPECT_TRUE(device_->replay(record));
        }
        return device_->restore(take_recorded);
    }

    /// The keeper's, and those that the state names.
    [[nodiscard]] std::vector<int> expected_descriptors() const {
        std::vector<int> expected = keepers_;
        const std::vector<int> named = named_by(device_->state());
        expected.insert(expected.end(), named.begin(), named.end());
        std::ranges::sort(expected);
        return expected;
    }

    void end() {
        device_.reset();  // closes the buffers
        heaps_.reset();
        close_all_but(keepers_);
        journal_.reset();
    }

    std::unique_ptr<Journal> journal_;
    std::vector<int> keepers_;
    std::optional<HeapSet> heaps_;
    std::optional<Device> device_;
};

TEST_F(StoppedWorker, AtEachCommitIsRecoveredToTheStateOfAModel) {
    const auto expected = models();
    for (std::uint64_t commit = 1; commit < expected.size(); ++commit) {
        for (const Stop where : {Stop::kBefore, Stop::kAfter}) {
            SCOPED_TRACE((where == Stop::kBefore ? "before commit " : "after commit ") +
                         std::to_string(commit));
            ASSERT_NO_FATAL_FAILURE(run_worker(commit, where));
            EXPECT_THAT(take_over(), IsEmpty());
            EXPECT_EQ(expected[where == Stop::kBefore ? commit - 1 : commit].difference(device_->snapshot()),
                      "");
            EXPECT_EQ(open_descriptors(), expected_descriptors());
            end();
        }
    }
}

TEST_F(StoppedWorker, WhoseDescriptorIsGoneLosesThatBufferAndNothingElse) {
    constexpr std::uint64_t kAfterImport = 7;
    ASSERT_NO_FATAL_FAILURE(run_worker(kAfterImport, Stop::kAfter));
    State former;
    ASSERT_TRUE(journal_->replay([&](const Record& record) { (void)former.apply(record); }));
    const BufferId lost{1};
    ::close(former.buffer(lost)->made.fd);

    EXPECT_THAT(take_over(), ElementsAre("buffer 1: its descriptor is gone"));

    auto expected = models()[kAfterImport];
    expected.buffers.erase(lost);
    for (auto& [id, client] : expected.clients) {
        client.handles.erase(expected.handle_of(id, lost));
    }
    EXPECT_EQ(expected.difference(device_->snapshot()), "");
    end();
}

}  // namespace
}  // namespace ion
