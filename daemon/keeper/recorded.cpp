// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/recorded.h"

#include <fcntl.h>

#include <algorithm>

#include "daemon/worker/inherited_fds.h"

namespace ion {

Result<State> recorded_state(Journal& journal) {
    State state;
    if (auto done = journal.replay([&](const Record& record) { (void)state.apply(record); }); !done) {
        return done.error();
    }
    return state;
}

int end_of_recorded(int fd) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy || !Journal::check(copy.get())) {
        return 0;
    }
    const auto journal = Journal::attach(std::move(copy));
    const auto state = journal ? recorded_state(**journal) : Result<State>(journal.error());
    int end = 0;
    for (const int number : state ? named_by(*state) : std::vector<int>()) {
        end = std::max(end, number + 1);
    }
    return end;
}

}  // namespace ion
