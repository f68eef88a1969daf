// SPDX-License-Identifier: Apache-2.0

#include "tests/node/daemon_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/base/unique_fd.h"
#include "daemon/keeper/stored_belongings.h"
#include "tests/node/program.h"

namespace ion::test {
namespace {

namespace fs = std::filesystem;

std::string proc_file(pid_t pid, const std::string& name) {
    return "/proc/" + std::to_string(pid) + "/" + name;
}

/// Session of a process; -1 when it is gone or a zombie.
pid_t session_of(pid_t pid) {
    const std::string stat = read_file(proc_file(pid, "stat"));
    std::istringstream words(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    char state = 'Z';
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = -1;
    words >> state >> parent >> group >> session;
    return words && state != 'Z' ? session : -1;
}

std::vector<std::string> mounts_below(const std::string& directory) {
    std::ifstream table("/proc/self/mountinfo");
    std::vector<std::string> found;
    std::string line;
    while (std::getline(table, line)) {
        std::istringstream words(line);
        std::string word;
        for (int i = 0; i < 5; ++i) {
            words >> word;
        }
        if (word.starts_with(directory + "/")) {
            found.push_back(word);
        }
    }
    return found;
}

/// What follows `label` up to the next comma or newline.
std::string value_after(const std::string& text, const std::string& label) {
    const auto at = text.find(label);
    if (at == std::string::npos) {
        return "";
    }
    const auto begin = at + label.size();
    return text.substr(begin, text.find_first_of(",\n", begin) - begin);
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void run_daemon(std::vector<std::string> words, const std::string& log) {
    const UniqueFd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(output.get(), STDERR_FILENO);
    ::execv(words.front().c_str(), pointers_to(words).data());
    ::_exit(127);
}

struct HeapQuery {
    std::uint32_t count = 0;
    std::uint32_t reserved0 = 0;
    std::uint64_t heaps = 0;
    std::uint32_t reserved1 = 0;
    std::uint32_t reserved2 = 0;
};

}  // namespace

bool tests_use_cuse() {
    const char* transport = std::getenv("ION_TEST_TRANSPORT");
    return transport != nullptr && std::string(transport) == "cuse";
}

Daemon::Daemon(const DaemonTraits& traits) {
    start(traits);
}

Daemon::~Daemon() {
    expect_no_sanitizer_report(log());
    if (::testing::Test::HasFailure()) {
        std::fprintf(stderr, "the daemon said:\n%s", log().c_str());
    }
    clean_up();
}

void expect_no_sanitizer_report(const std::string& log) {
    for (const char* mark : {"AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:"}) {
        EXPECT_EQ(log.find(mark), std::string::npos) << "the daemon was found at fault:\n" << log;
    }
}

void Daemon::start(const DaemonTraits& traits) {
    std::string pattern = "/tmp/ion-test-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    runtime_directory_ = traits.directory.empty() ? directory_ + "/run" : traits.directory;
    // What a killed daemon left, its lock tells, is removed with what this one makes.
    existed_ = fs::exists(runtime_directory_) && !fs::exists(runtime_directory_ + "/lock");
    const char* other = std::getenv("ION_DAEMON");
    words_ = {other != nullptr ? other : ION_BINARY_DIR "/bin/iond", "--runtime-dir", runtime_directory_};
    if (!traits.config.empty()) {
        std::ofstream(directory_ + "/iond.toml") << traits.config;
        words_.insert(words_.end(), {"--config", directory_ + "/iond.toml"});
    }
    if (tests_use_cuse()) {
        words_.insert(words_.end(),
                      {"--transport", "cuse", "--device-name", "ion-test-" + std::to_string(::getpid())});
    }
    words_.insert(words_.end(), traits.arguments.begin(), traits.arguments.end());
    if (traits.service) {
        manager_ = std::make_unique<ServiceManager>(directory_);
        as_root_of_service(
            [](const CommandLine& options) { return open_into_store(options, ::getuid(), ::getgid()); });
    }
    start_keeper();
    device_ = value_after(log(), "ready: device ");
    usage_ = value_after(log(), ", usage ");
}

/// As iond-prepare does.
void Daemon::as_root_of_service(Result<void> (*action)(const CommandLine&)) const {
    const pid_t child = ::fork();
    if (child == 0) {
        manager_->become_service();
        std::vector<std::string> words = words_;
        const ParsedOptions parsed = parse_options(static_cast<int>(words.size()), pointers_to(words).data());
        const auto done = action(parsed.options);
        if (!done) {
            std::fprintf(stderr, "%s\n", done.error().context.c_str());
        }
        ::_exit(done ? 0 : 1);
    }
    int status = -1;
    EXPECT_TRUE(eventually([&] { return ::waitpid(child, &status, WNOHANG) == child; }));
    EXPECT_EQ(status, 0);
}

void Daemon::start_keeper() {
    const auto times_ready = [&] {
        const std::string text = log();
        std::size_t count = 0;
        for (auto at = text.find("ready: device "); at != std::string::npos;
             at = text.find("ready: device ", at + 1)) {
            ++count;
        }
        return count;
    };
    const std::size_t former = times_ready();
    const pid_t parent = ::getpid();
    keeper_ = ::fork();
    if (keeper_ == 0) {
        ::setsid();
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // it cleans up itself if this test is killed
        if (::getppid() == parent) {
            if (manager_) {
                manager_->become_service();
            }
            run_daemon(words_, directory_ + "/log");
        }
        ::_exit(127);
    }
    ASSERT_GT(keeper_, 0);
    session_ = keeper_;
    const bool settled = eventually([&] { return times_ready() > former || reap(); });
    ASSERT_TRUE(settled && keeper_ > 0) << "the daemon did not become ready:\n" << log();
}

void Daemon::restart() {
    for (const pid_t pid : processes()) {
        ::kill(pid, SIGTERM);
    }
    ASSERT_TRUE(eventually([&] { return reap() && processes().empty(); })) << "a process is left";
    start_keeper();
}

pid_t Daemon::worker() const {
    pid_t found = -1;
    EXPECT_TRUE(eventually([&] {
        for (const pid_t pid : processes()) {
            if (read_file(proc_file(pid, "comm")) == "iond-worker\n") {
                found = pid;
            }
        }
        return found > 0;
    })) << "there is no worker";
    return found;
}

std::vector<pid_t> Daemon::processes() const {
    std::vector<pid_t> found;
    for (const auto& name : names_in("/proc")) {
        if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }) &&
            session_of(std::stoi(name)) == session_) {
            found.push_back(std::stoi(name));
        }
    }
    return found;
}

void Daemon::kill_worker() {
    const pid_t former = worker();
    ASSERT_EQ(::kill(former, SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return worker() != former; }));
    EXPECT_TRUE(serves());
}

bool Daemon::serves() const {
    const pid_t child = ::fork();
    if (child == 0) {
        const int device = ::open(device_.c_str(), O_RDWR | O_CLOEXEC);
        HeapQuery query;
        ::_exit(device >= 0 && ::ioctl(device, _IOWR('I', 8, HeapQuery), &query) == 0 && query.count > 0 ? 0
                                                                                                         : 1);
    }
    int status = -1;
    if (!eventually([&] { return ::waitpid(child, &status, WNOHANG) == child; })) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }
    return status == 0;
}

bool Daemon::idle() const {
    constexpr std::size_t kKeeperWorkerZygoteAndTwoInjectors = 5;
    constexpr std::ptrdiff_t kSocketsOfControlZygoteAndTwoInjectors = 4;
    const std::size_t guard = manager_ ? 1 : 0;
    const std::ptrdiff_t box = manager_ ? 2 : 0;
    const auto is_socket = [](const std::string& line) { return line.find(" socket:") != std::string::npos; };
    return eventually([&] {
        return processes().size() == kKeeperWorkerZygoteAndTwoInjectors + guard &&
               std::ranges::count_if(descriptors(), is_socket) ==
                   kSocketsOfControlZygoteAndTwoInjectors + box;
    });
}

std::string Daemon::log() const {
    return read_file(directory_ + "/log");
}

std::vector<std::string> Daemon::descriptors() const {
    std::vector<std::string> lines;
    for (const auto& number : names_in(proc_file(keeper_, "fd"))) {
        std::error_code gone;
        lines.push_back(number + " " + fs::read_symlink(proc_file(keeper_, "fd/" + number), gone).string());
    }
    return lines;
}

bool Daemon::wait_until_empty() const {
    const bool empty = eventually([&] {
        const auto heaps = names_in(usage_ + "/heaps");
        return !heaps.empty() && names_in(usage_ + "/clients").empty() &&
               std::ranges::all_of(heaps, [&](const std::string& heap) {
                   return heap.ends_with("_shrink") || figure(heap_text(*this, heap), "total ") == 0;
               });
    });
    if (!empty) {
        for (const auto& heap : names_in(usage_ + "/heaps")) {
            std::fprintf(stderr, "%s:\n%s", heap.c_str(), heap_text(*this, heap).c_str());
        }
    }
    return empty;
}

void Daemon::stop() {
    ASSERT_EQ(::kill(keeper_, SIGTERM), 0);
    ASSERT_TRUE(eventually([&] { return reap(); })) << "the daemon does not end";
    EXPECT_EQ(status_, 0);
    EXPECT_TRUE(eventually([&] { return processes().empty(); })) << "a process is left";
    if (manager_) {
        manager_->stop_service();
        as_root_of_service([](const CommandLine& options) {
            clear_stored(options);
            return Result<void>();
        });
    }
    EXPECT_TRUE(mounts_below(directory_).empty()) << mounts_below(directory_).front();
    for (const auto& entry : fs::exists(runtime_directory_)
                                 ? fs::recursive_directory_iterator(runtime_directory_)
                                 : fs::recursive_directory_iterator()) {
        EXPECT_TRUE(entry.is_directory()) << entry << " is left";
    }
    EXPECT_EQ(fs::exists(runtime_directory_), existed_) << runtime_directory_;
    EXPECT_FALSE(fs::exists(fs::symlink_status(device_))) << device_ << " is left";
}

void Daemon::kill_keeper() {
    ASSERT_EQ(::kill(keeper_, SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return reap(); }));
}

bool Daemon::reap() {
    if (keeper_ > 0 && ::waitpid(keeper_, &status_, WNOHANG) == keeper_) {
        keeper_ = -1;
    }
    return keeper_ < 0;
}

void Daemon::clean_up() {
    if (keeper_ > 0) {
        ::kill(keeper_, SIGTERM);
        if (!eventually([&] { return reap(); })) {
            ::kill(keeper_, SIGKILL);
            (void)eventually([&] { return reap(); });
        }
    }
    for (const pid_t left : session_ > 0 ? processes() : std::vector<pid_t>()) {
        ::kill(left, SIGKILL);
    }
    for (const auto& mount : mounts_below(directory_)) {
        ::umount2(mount.c_str(), MNT_DETACH);
    }
    std::error_code ignored;
    if (!directory_.empty() && mounts_below(directory_).empty()) {
        fs::remove_all(directory_, ignored);
    }
}

std::string heap_text(const Daemon& daemon, const std::string& heap) {
    return read_file(daemon.usage() + "/heaps/" + heap);
}

void empty_pool(const Daemon& daemon, const std::string& heap) {
    std::ofstream file(daemon.usage() + "/heaps/" + heap + "_shrink");
    EXPECT_TRUE(file << "0\n" << std::flush);
}

std::int64_t figure(const std::string& text, const std::string& label) {
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        const auto at = line.find_first_not_of(' ');
        if (at != std::string::npos && line.compare(at, label.size(), label) == 0) {
            const std::string rest = line.substr(at + label.size());
            const auto digit = rest.find_first_not_of(' ');
            if (digit != std::string::npos && rest[digit] >= '0' && rest[digit] <= '9') {
                return std::stoll(rest.substr(digit));
            }
        }
    }
    return -1;
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace ion::test
