// SPDX-License-Identifier: Apache-2.0
//
// A fixed number of requests, from their bytes to their answer, whose instructions somebody counts: what a worker
// does between the read of a request and the write of its answer, over the journal and a heap without memory.
//
//   hot_path WORKLOAD COUNT BUFFERS CLIENTS
//
// WORKLOAD: "channel", ALLOC by channel and release of its buffer; "handle", ALLOC of a handle and FREE; "import",
// IMPORT of a buffer by its file and FREE. BUFFERS and CLIENTS are there before. What is to be counted is what happens
// in the function count_this().

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/abi/decode.h"
#include "daemon/abi/uapi_extension.h"
#include "daemon/abi/uapi_legacy.h"
#include "daemon/journal/journal.h"
#include "daemon/service/ion_service.h"
#include "tests/instructions/still_heap.h"

namespace ion {
namespace {

namespace uapi = abi::uapi;

constexpr int kWarmUp = 100;
constexpr std::uint32_t kPage = 4096;
constexpr std::uint32_t kHeapMask = 1;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "hot_path: %s\n", what);
        std::exit(1);
    }
}

template <typename T>
T require(Result<T> result, const char* what) {
    require(result.has_value(), what);
    return *std::move(result);
}

/// One client before the service, among others.
class HotPath {
  public:
    HotPath(int buffers, int clients) : journal_(require(Journal::create(), "journal")) {
        require(heaps_.add({HeapId{0}, 0, "system", "still", std::make_unique<StillHeap>()}).has_value(),
                "heap");
        std::vector<ClientId> all;
        for (int i = 0; i < clients; ++i) {
            all.push_back(open(i + 1));
        }
        for (int i = 0; i < buffers; ++i) {
            client_ = all.at(static_cast<std::size_t>(i % clients));
            (void)allocate();
        }
        client_ = all.back();
        const uapi::Alloc64 kept = allocate();
        const auto buffer = require(device_.lookup(client_, kept.handle), "buffer");
        imported_.identity =
            CallerFacts::Identity{.error = 0, .file = device_.state().buffer(buffer)->made.file};
    }

    void by_channel() {
        ion_channel_alloc_data data{};
        data.len = kPage;
        data.heap_id_mask = kHeapMask;
        Transaction tx;
        const abi::Decoded request = decoded(ION_IOC_CHANNEL_ALLOC, data);
        const Outcome outcome = service_.serve(tx, client_, request, {});
        const BufferId buffer = std::get<SendByChannel>(outcome).buffer;
        const std::uint64_t token = device_.state().counters().next_token;
        tx.records.emplace_back(BufferExported{buffer});
        tx.records.emplace_back(TokenUsed{token});
        encode(ION_IOC_CHANNEL_ALLOC, request, data, abi::Outputs{{}, -1, token});
        commit(std::move(tx));
        require(device_.open_export(buffer).has_value(), "export");
        release();
        require(device_.state().buffer(buffer) == nullptr, "release");
    }

    void by_handle() { free(allocate().handle); }

    void import() {
        uapi::Fd64 data{};
        answer(uapi::kImport64, data, imported_);
        free(data.handle);
    }

  private:
    template <typename Wire>
    static std::span<std::byte> bytes_of(Wire& data) {
        return std::as_writable_bytes(std::span(&data, 1));
    }
    template <typename Wire>
    static abi::Call call_of(std::uint32_t command, Wire& data) {
        return {.command = command, .input = bytes_of(data)};
    }

    template <typename Wire>
    static abi::Decoded decoded(std::uint32_t command, Wire& data) {
        auto result = abi::decode(call_of(command, data), {});
        require(std::holds_alternative<abi::Decoded>(result), "decode");
        return std::get<abi::Decoded>(std::move(result));
    }

    template <typename Wire>
    static void encode(std::uint32_t command, const abi::Decoded& request, Wire& data,
                       const abi::Outputs& outputs) {
        const auto reply = abi::encode(call_of(command, data), request.outputs, outputs);
        require(reply.declared.size() == sizeof(data), "reply");
        std::memcpy(&data, reply.declared.data(), sizeof(data));
    }

    /// Serves a request that is answered at once; its outputs are in `data` then.
    template <typename Wire>
    void answer(std::uint32_t command, Wire& data, const CallerFacts& facts = {}) {
        Transaction tx;
        const abi::Decoded request = decoded(command, data);
        const Outcome outcome = service_.serve(tx, client_, request, facts);
        const auto& result = std::get<Answer>(outcome);
        require(result.error == 0, "answer");
        if (result.outputs.handle) {
            encode(command, request, data, result.outputs);
        }
        commit(std::move(tx));
    }

    uapi::Alloc64 allocate() {
        uapi::Alloc64 data{};
        data.len = kPage;
        data.heap_id_mask = kHeapMask;
        answer(uapi::kAlloc64, data);
        return data;
    }

    void free(std::uint64_t handle) {
        uapi::Handle64 data{handle};
        answer(uapi::kFree64, data);
        release();
    }

    ClientId open(int pid) {
        Transaction tx;
        const ClientId client = device_.open_client(tx, Opener{.pid = pid});
        commit(std::move(tx));
        return client;
    }

    void commit(Transaction tx) { require(device_.commit(std::move(tx)).has_value(), "commit"); }

    void release() {
        for (const BufferId buffer : device_.take_unreferenced()) {
            (void)device_.release_if_idle(buffer);  // it may have a handle by now
        }
        (void)device_.take_gained();
    }

    std::unique_ptr<Journal> journal_;
    HeapSet heaps_;
    Device device_{heaps_, *journal_};
    IonService service_{device_, Personality::kAuto};
    ClientId client_;
    CallerFacts imported_;
};

using Work = void (HotPath::*)();

Work work_of(std::string_view name) {
    if (name == "channel") {
        return &HotPath::by_channel;
    }
    if (name == "handle") {
        return &HotPath::by_handle;
    }
    return name == "import" ? &HotPath::import : nullptr;
}

}  // namespace
}  // namespace ion

/// Not inlined: callgrind collects while it is on the stack.
extern "C" [[gnu::noinline]] void count_this(ion::HotPath& path, ion::Work work, int count) {
    for (int i = 0; i < count; ++i) {
        (path.*work)();
    }
}

int main(int argc, char** argv) {
    const ion::Work work = argc == 5 ? ion::work_of(argv[1]) : nullptr;
    if (work == nullptr) {
        std::fputs("usage: hot_path channel|handle|import COUNT BUFFERS CLIENTS\n", stderr);
        return 2;
    }
    ion::HotPath path(std::atoi(argv[3]), std::atoi(argv[4]));
    for (int i = 0; i < ion::kWarmUp; ++i) {
        (path.*work)();
    }
    count_this(path, work, std::atoi(argv[2]));
    return 0;
}
