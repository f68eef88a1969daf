// SPDX-License-Identifier: Apache-2.0

#include "daemon/journal/journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "daemon/journal/record_codec.h"

namespace ion {

namespace {

/// The log is a row of batches: this head, then `size` bytes of records.
struct BatchHead {
    std::uint64_t commit = 0;  ///< number of this commit, rising by 1
    std::uint64_t size = 0;
};

/// Below this a compaction is not worth its time.
constexpr std::uint64_t kCompactionFloor = 1ULL << 20;

}  // namespace

Result<std::unique_ptr<Journal>> Journal::create() {
    UniqueFd fd(::memfd_create("iond-journal", MFD_CLOEXEC));
    if (!fd) {
        return fail_errno(errno, "memfd_create(journal)");
    }
    if (::ftruncate(fd.get(), static_cast<off_t>(kJournalSize)) != 0) {
        return fail_errno(errno, "ftruncate(journal)");
    }
    auto journal = map(std::move(fd));
    if (journal) {
        new ((*journal)->base_) JournalHeader;
    }
    return journal;
}

Result<std::unique_ptr<Journal>> Journal::attach(UniqueFd fd) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) {
        return fail_errno(errno, "fstat(journal)");
    }
    if (status.st_size != static_cast<off_t>(kJournalSize)) {
        return fail(EBADMSG, "not a journal: wrong size");
    }
    return map(std::move(fd));
}

Result<void> Journal::check(int fd) {
    struct {
        std::uint64_t magic = 0;
        std::uint32_t version = 0;
    } found;
    static_assert(offsetof(JournalHeader, magic) == 0 && offsetof(JournalHeader, version) == 8);
    if (::pread(fd, &found, sizeof(found), 0) != static_cast<ssize_t>(sizeof(found)) ||
        found.magic != JournalHeader::kMagic) {
        return fail(EBADMSG, "not a journal");
    }
    if (found.version != JournalHeader::kVersion && found.version != JournalHeader::kPreviousVersion) {
        return fail(EBADMSG, "the journal is of version " + std::to_string(found.version) +
                                 "; this program takes over from versions " +
                                 std::to_string(JournalHeader::kPreviousVersion) + " and " +
                                 std::to_string(JournalHeader::kVersion));
    }
    return {};
}

Result<void> Journal::convert() {
    if (auto checked = check(fd_.get()); !checked) {
        return checked;
    }
    header_->version = JournalHeader::kVersion;
    return {};
}

Result<std::unique_ptr<Journal>> Journal::map(UniqueFd fd) {
    void* base =
        ::mmap(nullptr, kJournalSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd.get(), 0);
    if (base == MAP_FAILED) {
        return fail_errno(errno, "mmap(journal)");
    }
    return std::unique_ptr<Journal>(new Journal(std::move(fd), static_cast<std::byte*>(base)));
}

Journal::Journal(UniqueFd fd, std::byte* base)
    : fd_(std::move(fd)),
      base_(base),
      header_(reinterpret_cast<JournalHeader*>(base)),
      slots_(reinterpret_cast<RequestSlot*>(base + kSlotsOffset)) {}

Journal::~Journal() {
    ::munmap(base_, kJournalSize);
}

Result<void> Journal::append(std::span<const Record> records) {
    std::byte* const start = area(area_) + tail_;
    std::span<std::byte> room(start, kAreaSize - tail_);
    BatchHead head{commits_ + 1, 0};
    const auto full = [this] {
        compacted_ = 0;  // the next compaction need not wait for growth that cannot be
        return fail(ENOMEM, "the journal is full");
    };
    if (room.size() < sizeof(head)) {
        return full();
    }
    for (const Record& record : records) {
        const std::size_t written = encode_record(record, room.subspan(sizeof(head) + head.size));
        if (written == 0) {
            return full();
        }
        head.size += written;
    }
    std::memcpy(start, &head, sizeof(head));
    tail_ += sizeof(head) + head.size;
    ++commits_;
    header_->head.store((area_ != 0 ? kAreaBit : 0) | tail_, std::memory_order_release);
    return {};
}

Result<void> Journal::replay(const std::function<void(Record)>& visit) {
    if (auto converted = convert(); !converted) {
        return converted;
    }
    const std::uint64_t head_word = header_->head.load(std::memory_order_acquire);
    area_ = (head_word & kAreaBit) != 0 ? 1 : 0;
    tail_ = std::min(head_word & ~kAreaBit, kAreaSize);
    commits_ = 0;
    std::uint64_t at = 0;
    while (at < tail_) {
        BatchHead head;
        if (tail_ - at < sizeof(head)) {
            return fail(EBADMSG, "journal: torn batch");
        }
        std::memcpy(&head, area(area_) + at, sizeof(head));
        // The first batch may be a compaction of many commits.
        if (at == 0 ? head.commit == 0 : head.commit != commits_ + 1) {
            return fail(EBADMSG, "journal: commits out of order");
        }
        at += sizeof(head);
        if (head.size > tail_ - at) {
            return fail(EBADMSG, "journal: batch beyond its end");
        }
        // Not the whole log: it would have to double again for every worker that dies.
        compacted_ = at == sizeof(head) ? at + head.size : compacted_;
        commits_ = head.commit;
        if (auto read = replay_batch({area(area_) + at, head.size}, visit); !read) {
            return read;
        }
        at += head.size;
    }
    unstage_uncommitted();
    return {};
}

Result<void> Journal::replay_batch(std::span<const std::byte> body,
                                   const std::function<void(Record)>& visit) {
    while (!body.empty()) {
        auto decoded = decode_record(body);
        if (!decoded) {
            return fail(EBADMSG, "journal: unreadable record");
        }
        body = body.subspan(decoded->size);
        visit(std::move(decoded->record));
    }
    return {};
}

/// Their writer died before its commit; the next commit would make them stand.
void Journal::unstage_uncommitted() {
    for (std::uint32_t i = 0; i < kSlotCount; ++i) {
        if (slots_[i].answer_commit.load() > commits_) {
            slots_[i].clear_answer();
        }
    }
}

void Journal::compact_if_grown(
    const std::function<void(const std::function<void(const Record&)>&)>& describe) {
    if (tail_ < std::max(kCompactionFloor, 2 * compacted_)) {
        return;
    }
    const std::uint64_t other = 1 - area_;
    BatchHead head{commits_, 0};
    std::span<std::byte> room(area(other) + sizeof(head), kAreaSize - sizeof(head));
    bool fits = true;
    describe([&](const Record& record) {
        const std::size_t written = encode_record(record, room.subspan(head.size));
        fits = fits && written != 0;
        head.size += written;
    });
    if (!fits) {
        compacted_ = tail_;  // try again when twice as large
        return;
    }
    std::memcpy(area(other), &head, sizeof(head));
    const std::uint64_t old = area_;
    area_ = other;
    tail_ = compacted_ = sizeof(head) + head.size;
    header_->head.store((area_ != 0 ? kAreaBit : 0) | tail_, std::memory_order_release);
    (void)::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      static_cast<off_t>(kAreaOffset[old]), static_cast<off_t>(kAreaSize));
}

}  // namespace ion
