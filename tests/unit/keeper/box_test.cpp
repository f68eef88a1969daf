// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/box.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "daemon/base/file_id.h"

namespace ion {
namespace {

constexpr int kFirst = 100;  // numbers that this program uses for nothing else
constexpr int kEnd = 1000;

/// Memfds under the numbers from kFirst on.
class Box : public testing::Test {
  protected:
    void SetUp() override {
        auto made = make_box();
        ASSERT_TRUE(made);
        box_ = {UniqueFd(::fcntl(made->in.get(), F_DUPFD_CLOEXEC, kEnd)),
                UniqueFd(::fcntl(made->out.get(), F_DUPFD_CLOEXEC, kEnd))};
    }
    void TearDown() override { close_all(); }

    void open(int count) {
        numbers_.resize(static_cast<std::size_t>(count));
        std::iota(numbers_.begin(), numbers_.end(), kFirst);
        for (const int number : numbers_) {
            const UniqueFd memory(::memfd_create("box-test", MFD_CLOEXEC));
            ASSERT_EQ(::dup3(memory.get(), number, O_CLOEXEC), number);
            files_.push_back(*file_id_of(number));
        }
    }
    void close_all() const {
        for (const int number : numbers_) {
            ::close(number);
        }
    }
    [[nodiscard]] bool all_in_place() const {
        for (std::size_t i = 0; i < numbers_.size(); ++i) {
            if (!still_is(numbers_[i], files_[i]) || ::fcntl(numbers_[i], F_GETFD) != FD_CLOEXEC) {
                return false;
            }
        }
        return true;
    }

    BoxEnds box_;
    std::vector<int> numbers_;
    std::vector<FileId> files_;
};

TEST_F(Box, GivesDescriptorsBackUnderTheirNumbers) {
    open(700);  // of three messages
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_), numbers_.size());
    close_all();

    const Unpacked unpacked = take_from_box(box_.out.get(), kEnd);

    EXPECT_EQ(unpacked.placed, numbers_.size());
    EXPECT_EQ(unpacked.lost, 0U);
    EXPECT_TRUE(all_in_place());
    EXPECT_EQ(take_from_box(box_.out.get(), kEnd).placed, 0U);
}

TEST_F(Box, PutsNumbersRightThatAreInEachOthersWay) {
    open(300);
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_), numbers_.size());
    std::ranges::reverse(files_);
    for (std::size_t i = 0; i < numbers_.size() / 2; ++i) {  // what is open under a number is another's
        const int other = numbers_[numbers_.size() - 1 - i];
        const UniqueFd spare(::fcntl(numbers_[i], F_DUPFD_CLOEXEC, kEnd));
        ::dup3(other, numbers_[i], O_CLOEXEC);
        ::dup3(spare.get(), other, O_CLOEXEC);
    }
    ASSERT_TRUE(all_in_place());
    std::ranges::reverse(files_);

    EXPECT_EQ(take_from_box(box_.out.get(), kEnd).placed, numbers_.size());

    EXPECT_TRUE(all_in_place());
}

TEST_F(Box, HasEveryDescriptorUntilItIsOpenUnderItsNumber) {
    open(300);
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_), numbers_.size());
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_),
              numbers_.size());  // by one who was killed while he took them
    close_all();

    EXPECT_EQ(take_from_box(box_.out.get(), kEnd).placed, 2 * numbers_.size());

    EXPECT_TRUE(all_in_place());
}

TEST_F(Box, LeavesOutWhatIsNotOpen) {
    open(3);
    ::close(numbers_[1]);
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_), 2U);
}

TEST_F(Box, TakesNoNumberThatIsNotToBeTaken) {
    open(3);
    EXPECT_EQ(put_into_box(box_.in.get(), numbers_), 3U);
    close_all();

    const Unpacked unpacked = take_from_box(box_.out.get(), kFirst + 1);

    EXPECT_EQ(unpacked.placed, 1U);
    EXPECT_EQ(unpacked.lost, 2U);
    EXPECT_EQ(::fcntl(numbers_[1], F_GETFD), -1);
}

}  // namespace
}  // namespace ion
