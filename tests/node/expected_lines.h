// SPDX-License-Identifier: Apache-2.0
//
// What the programs of semantics_test.cpp and run_test.cpp print: the rules of docs/abi.md, one line for each case. Names say what is
// tried; 5a5a is what the program put into an output beforehand.

#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace ion::test {

/// The lines of a text but for empty ones.
inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty()) {
            lines.push_back(line);
        }
    }
    return lines;
}

/// tests/clients/semantics_a.c
inline constexpr const char* kGenerationA = R"(
free_null_first ENOTTY
alloc ok handle=1 len=5000
free_null_later EINVAL
alloc_empty EINVAL handle=5a5a len=0
alloc_no_heap ENODEV handle=5a5a len=4096
alloc_mask_0 ENODEV handle=5a5a len=4096
flags ok flags=0
flags_unknown EINVAL flags=5a5a
share ok lowest=1 cloexec=1
map ok lowest=1 cloexec=1
share_unknown EINVAL fd=5a5a
share_null EINVAL fd=5a5a
content aaaa
clean_by_handle ok
invalidate_by_handle ok
both_by_handle ok
clean_by_fd ok
clean_unknown_handle EINVAL
clean_no_handle_no_fd EINVAL
clean_at_0 EINVAL
clean_beyond_mapping EINVAL
clean_unmapped EINVAL
import_own ok handle=1
import_closed EBADF handle=0
import_negative EBADF handle=0
import_not_ours EINVAL handle=0
free ok
free_again ok
free_gone EINVAL
import_orphan ok handle=1
content aaaa
free_orphan ok
)";

/// tests/clients/semantics_b.c
inline constexpr const char* kGenerationB = R"(
free_0_first ENOTTY
alloc ok handle=1 len=5000
alloc_second ok handle=2 len=4096
alloc_either ok handle=3 len=4096
free_0_later EINVAL
free_negative EINVAL
free_second ok
alloc_lowest_number ok handle=2 len=4096
alloc_empty EINVAL handle=5a5a len=0
alloc_no_heap ENODEV handle=5a5a len=4096
alloc_no_mask ENODEV handle=5a5a len=4096
alloc_odd_alignment EINVAL handle=5a5a len=4096
alloc_heap_full ENOMEM handle=5a5a len=1073741824
share ok lowest=1 cloexec=1
map ok lowest=1 cloexec=1
content bbbb
share_0 EINVAL fd=5a5a
share_negative EINVAL fd=5a5a
share_unknown EINVAL fd=5a5a
sync ok
sync_not_ours EINVAL
sync_closed EBADF
import_own ok handle=1
import_closed EBADF handle=0
import_not_ours EINVAL handle=0
free ok
free_again ok
free_gone EINVAL
share_gone EINVAL fd=5a5a
import_orphan ok handle=1
clean ok
invalidate ok
both_at_0 ok
clean_unknown EINVAL
clean_wraps EINVAL
custom_clean ok
custom_clean_bad_pointer EFAULT
custom_unknown ENOTTY
custom_get_phys ENOTTY
prefetch ok
drain ok
prefetch_nothing ok
prefetch_33_regions EINVAL
prefetch_bad_regions EFAULT
prefetch_bad_sizes EFAULT
)";

/// tests/clients/semantics_c.c
inline constexpr const char* kGenerationC = R"(
alloc ok lowest=1 cloexec=1 rdwr=1 unused=5a5a
alloc_carveout ok lowest=1 cloexec=1 rdwr=1 unused=5a5a
alloc_empty EINVAL fd=5a5a
alloc_huge EINVAL fd=5a5a
alloc_no_heap ENODEV fd=5a5a
alloc_heap_full ENOMEM fd=5a5a
content 0
query_count ok count=5
query_count_ignores_count ok count=5
query_one ok count=1
heap cma type=4 id=4; next ''
query_all ok count=5
heap cma type=4 id=4
heap chunk type=3 id=3
heap carveout type=2 id=2
heap system_contig type=1 id=1
heap system type=0 id=0
query_none EINVAL count=0
query_reserved0 EINVAL count=0
query_reserved1 EINVAL count=0
query_reserved2 EINVAL count=1
query_bad_array EFAULT count=1
abi_version ok version=2
unknown ENOTTY
unknown_without_argument ENOTTY
unknown_other_magic ENOTTY
unknown_24_bytes ENOTTY
unknown_28_bytes EINVAL
unknown_33_bytes EINVAL
unknown_bad_pointer EFAULT
unknown_33_bytes_bad_pointer EFAULT
unknown_28_bytes_by_old_program ENOTTY
unknown_33_bytes_by_old_program EINVAL
argument_ends_with_page ok
argument_crosses_pages ok
argument_crosses_end EFAULT
argument_read_only EFAULT leaked=0
argument_unreadable EFAULT
argument_null EFAULT
)";

/// tests/clients/objects.c
inline constexpr const char* kObjects = R"(
import_twice 1 1 of 1
free ok 1
free ok 2
free ok 3
free EINVAL 4
exports_import_to_one_handle 1
exports_show_one_content e0 e0
import_pipe EINVAL handle=0
import_socket EINVAL handle=0
import_file EINVAL handle=0
import_device EINVAL handle=0
import_directory EINVAL handle=0
import_memfd EINVAL handle=0
import_o_path EBADF handle=0
import_closed EBADF handle=0
import_negative EBADF handle=0
import_lowest EBADF handle=0
share_by_other_client EINVAL
free_by_other_client EINVAL
import_by_other_client 2
free_by_owner ok
still_there_for_other 1
zeroed 1
zeroed_when_used_again 1
sealed 1
resized 0 0
generations handles=1,2
import_of_c 3
content_of_c c0
)";

/// tests/clients/processes.c
inline constexpr const char* kProcesses = R"(
child_shares_handle_of_parent 1
parent_sees_content_of_child c41d
parent_frees_handle_of_child ok
child_goes_on_after_parent_closed 1
import_of_received 1 content=5e47
written_by_receiver 5e47
killed_by 9
)";

/// tests/clients/personality.c under "auto"
inline constexpr const char* kPersonalityAuto = R"(
free_0_first ENOTTY
abi_version ok
alloc ok
alloc_secure ok
free_0_later EINVAL
import_closed EBADF handle=0
import_not_ours EINVAL handle=0
import_a_closed EBADF handle=0
import_a_not_ours EINVAL handle=0
share ok
share_uncached_while_mapped ok
)";

/// tests/clients/personality.c under "legacy"
inline constexpr const char* kPersonalityLegacy = R"(
free_0_first EINVAL
abi_version ENOTTY
alloc ok
alloc_secure ok
free_0_later EINVAL
import_closed EBADF handle=0
import_not_ours EINVAL handle=0
import_a_closed EBADF handle=0
import_a_not_ours EINVAL handle=0
share ok
share_uncached_while_mapped ok
)";

/// tests/clients/personality.c under "modern"
inline constexpr const char* kPersonalityModern = R"(
free_0_first ENOTTY
abi_version ok
alloc ENOTTY
alloc_secure ENOTTY
free_0_later ENOTTY
import_closed ENOTTY handle=5a5a
import_not_ours ENOTTY handle=5a5a
import_a_closed ENOTTY handle=5a5a
import_a_not_ours ENOTTY handle=5a5a
share ENOTTY
)";

/// tests/clients/personality.c under "msm-3.4"
inline constexpr const char* kPersonalityMsm34 = R"(
free_0_first EINVAL
abi_version ENOTTY
alloc ok
alloc_secure ENODEV
free_0_later EINVAL
import_closed ok handle=0
import_not_ours ok handle=0
import_a_closed ok handle=0
import_a_not_ours ok handle=0
share ok
share_uncached_while_mapped EEXIST
)";

}  // namespace ion::test
