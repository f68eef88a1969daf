// SPDX-License-Identifier: Apache-2.0
//
// The comparison by itself: a comparison that misses something would let every difference through.

#include "tests/conformance/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace ion::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string content_of(const std::string& path) {
    std::ifstream file(ION_SOURCE_DIR "/" + path);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class ComparisonTest : public testing::Test {
  protected:
    std::vector<std::string> problems(const Rows& actual, const KnownDifferences& known) {
        return compare(expected_, actual, known).problems;
    }

    const Rows expected_{{"a.one", "-\t0\t-\t-"}, {"a.two", "-\t-1\tEINVAL\t-"}, {"b.one", "-\t5\t-\t-"}};
    const Rows other_{{"a.one", "-\t0\t-\t-"}, {"a.two", "-\t0\t-\t-"}, {"b.one", "-\tSKIP\t-\tx"}};
};

TEST_F(ComparisonTest, FindsNothingWhereAllAgree) {
    EXPECT_THAT(problems(expected_, {}), IsEmpty());
}

TEST_F(ComparisonTest, WantsEveryDifferenceListed) {
    EXPECT_THAT(problems(other_, {{"b.one", "x"}}), ElementsAre(HasSubstr("a.two: expected")));
    EXPECT_THAT(problems(other_, {{"a.two", "x"}, {"b.one", "x"}}), IsEmpty());
}

TEST_F(ComparisonTest, WantsNothingListedThatAgrees) {
    EXPECT_THAT(problems(expected_, {{"a.two", "x"}}), ElementsAre("a.two: agrees, but is listed under x"));
    EXPECT_THAT(problems(expected_, {{"c", "x"}}), ElementsAre(HasSubstr("no such case")));
}

TEST_F(ComparisonTest, WantsEveryCaseAndNoOther) {
    Rows rows = expected_;
    rows.erase("a.one");
    rows["c.one"] = "-\t0\t-\t-";
    EXPECT_THAT(problems(rows, {}), ElementsAre("a.one: no answer", HasSubstr("c.one: no such case")));
    EXPECT_THAT(problems(rows, {{"a.one", "x"}}), testing::SizeIs(2)) << "a list excuses no silence";
}

TEST_F(ComparisonTest, LeavesChanceToItself) {
    EXPECT_THAT(problems(expected_, {{"a.one", "chance"}}), IsEmpty());
    Rows rows = expected_;
    rows["a.one"] = "other";
    EXPECT_THAT(problems(rows, {{"a.one", "chance"}}), IsEmpty());
}

TEST_F(ComparisonTest, TakesASkippedCaseForADifferenceUnlessTheMachineIsAtFault) {
    EXPECT_THAT(problems(other_, {{"a.two", "x"}}), ElementsAre(HasSubstr("b.one: expected")));
    EXPECT_THAT(problems(other_, {{"a.two", "x"}, {"b.one", "machine"}}), IsEmpty());
    EXPECT_THAT(problems(expected_, {{"b.one", "machine"}}), IsEmpty());
    EXPECT_THAT(problems(other_, {{"a.two", "machine"}, {"b.one", "machine"}}), testing::SizeIs(1));
}

TEST_F(ComparisonTest, CountsByGroup) {
    EXPECT_EQ(figures_of(compare(expected_, other_, {})),
              "a            1 / 2\nb            0 / 1\ntotal        1 / 3\n");
}

TEST(ConformanceLists, ExpandAlternatives) {
    std::vector<std::string> wrong;
    const auto known = parse_known("x: a.{b,c}.{1,2} d # e\n   f\ny: d\n", wrong);
    const std::string mechanism = "x";
    for (const char* name : {"a.b.1", "a.b.2", "a.c.1", "a.c.2", "d", "f"}) {
        EXPECT_EQ(known.at(name), mechanism) << name;
    }
    EXPECT_EQ(known.size(), 6U);
    EXPECT_THAT(wrong, ElementsAre("d: listed twice"));
    EXPECT_THAT((wrong.clear(), (void)parse_known(" a\n", wrong), wrong),
                ElementsAre("a: under no mechanism"));
}

TEST(ConformanceLists, RowsHaveEachNameOnce) {
    std::vector<std::string> wrong;
    EXPECT_EQ(parse_rows("case\tinputs\tret\terrno\toutputs\na\t1\na\t2\nb\n", wrong), (Rows{{"a", "1"}}));
    EXPECT_THAT(wrong, ElementsAre("a: two rows", "no row: b"));
}

/// Every list is in order, names real cases, and the documentation explains each of its mechanisms.
TEST(ConformanceLists, NameRealCasesAndExplainedMechanisms) {
    std::vector<std::string> wrong;
    const Rows expected = parse_rows(content_of("tests/conformance/linux-5.10.tsv"), wrong);
    const std::string document = content_of("docs/conformance.md");
    EXPECT_EQ(expected.size(), 1512U);
    std::set<std::string> mechanisms;
    for (const char* list : {"fuse", "node", "cuse", "memfd", "memfd-sync", "udmabuf", "run"}) {
        const std::string path = std::string("tests/conformance/known-") + list + ".txt";
        for (const auto& [name, mechanism] : parse_known(content_of(path), wrong)) {
            EXPECT_TRUE(expected.contains(name)) << path << ": " << name;
            mechanisms.insert(mechanism);
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
    std::set<std::string> explained;
    std::istringstream lines(document);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| `")) {
            explained.insert(line.substr(3, line.find('`', 3) - 3));
        }
    }
    EXPECT_EQ(mechanisms, explained);
}

}  // namespace
}  // namespace ion::test
