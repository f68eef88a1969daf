// SPDX-License-Identifier: Apache-2.0

#include "daemon/base/activity.h"

#include <gtest/gtest.h>

namespace ion {
namespace {

TEST(Activity, SaysNothingAtFirst) {
    const Activity activity;
    EXPECT_EQ(activity_text(activity), "");
    EXPECT_EQ(activity.subject.load(), -1);
}

TEST(Activity, GoesBackToWhatWasSaidBefore) {
    Activity activity;
    {
        const ActivityNote outer(activity, "copy", "driver b", 3);
        {
            const ActivityNote inner(activity, "allocate", "heap \"sf\"", 24);
            EXPECT_EQ(activity_text(activity), "allocate of heap \"sf\"");
            EXPECT_EQ(activity.subject.load(), 24);
        }
        EXPECT_EQ(activity_text(activity), "copy of driver b");
        EXPECT_EQ(activity.subject.load(), 3);
    }
    EXPECT_EQ(activity_text(activity), "");
}

TEST(Activity, CutsWhatIsTooLong) {
    Activity activity;
    const ActivityNote note(activity, "load", std::string(1000, 'x'));
    EXPECT_EQ(activity_text(activity).size(), activity.text.size());
}

TEST(Activity, IsReadSafelyWhateverItHolds) {
    Activity activity;
    activity.length.store(0xFFFFFFFF);
    EXPECT_EQ(activity_text(activity).size(), activity.text.size());
}

}  // namespace
}  // namespace ion
