// SPDX-License-Identifier: Apache-2.0
//
// What tests/clients/libion_semantics.c prints before drivers of each kind: the rules of <ion/ion.h>.

#pragma once

namespace ion::test {

/// Descriptors only.
inline constexpr const char* kLibionModern = R"(
is_legacy 0
modular_heaps 1
query_count ok
query_heaps ok
heap cma id=4 alloc_fd=0 usable=1
heap chunk id=3 alloc_fd=0 usable=1
heap carveout id=2 alloc_fd=0 usable=1
heap system_contig id=1 alloc_fd=0 usable=1
heap system id=0 alloc_fd=0 usable=1
query_count_null EINVAL
query_no_room EINVAL
query_bad_array EFAULT
alloc_fd ok
alloc_fd_null EINVAL
alloc_fd_empty EINVAL
alloc_fd_too_much ENOMEM
alloc_fd_no_heap ENODEV
alloc_fd_bad_device EBADF
untouched 1
sync_fd EINVAL
free_0 ENOTTY
import EINVAL
close ok
close_again EBADF
alloc EINVAL
is_still_legacy 0
alloc_fd_after_close EBADF
alloc_fd_reopened ok
close_device ok
close_device_again EBADF
)";

/// Descriptors, in the mainline kernel: its heaps are no modules.
inline constexpr const char* kLibionLinux510 = R"(
is_legacy 0
modular_heaps 0
query_count ok
query_heaps ok
heap cma id=4 alloc_fd=0 usable=1
heap chunk id=3 alloc_fd=0 usable=1
heap carveout id=2 alloc_fd=0 usable=1
heap system_contig id=1 alloc_fd=0 usable=1
heap system id=0 alloc_fd=0 usable=1
query_count_null EINVAL
query_no_room EINVAL
query_bad_array EFAULT
alloc_fd ok
alloc_fd_null EINVAL
alloc_fd_empty EINVAL
alloc_fd_too_much ENOMEM
alloc_fd_no_heap ENODEV
alloc_fd_bad_device EBADF
untouched 1
sync_fd EINVAL
free_0 ENOTTY
import EINVAL
close ok
close_again EBADF
alloc EINVAL
is_still_legacy 0
alloc_fd_after_close EBADF
alloc_fd_reopened ok
close_device ok
close_device_again EBADF
)";

/// Handles.
inline constexpr const char* kLibionLegacy = R"(
is_legacy 1
modular_heaps 0
query_count ok
query_heaps ok
heap cma id=4 alloc_fd=0 usable=1
heap chunk id=3 alloc_fd=0 usable=1
heap carveout id=2 alloc_fd=0 usable=1
heap system_contig id=1 alloc_fd=0 usable=1
heap system id=0 alloc_fd=0 usable=1
query_count_null EINVAL
query_no_room EINVAL
query_bad_array EFAULT
alloc_fd ok
alloc_fd_null EINVAL
alloc_fd_empty EINVAL
alloc_fd_too_much ENOMEM
alloc_fd_no_heap ENODEV
alloc_fd_bad_device EBADF
untouched 1
sync_fd ok
free_0 EINVAL
import ok
import_free ok
close ok
close_again EBADF
alloc ok
alloc_null EINVAL
alloc_odd_alignment EINVAL
map ok
map_usable 1
share ok
share_is_another 1
import_own ok
import_same_handle 1
free_imported ok
sync_shared ok
map_null_pointer EINVAL
map_null_fd EINVAL
map_too_long EINVAL
share_null EINVAL
share_0 EINVAL
share_negative EINVAL
import_null EINVAL
import_closed EBADF
import_not_ours EINVAL
free_negative EINVAL
free ok
freed_free EINVAL
freed_share EINVAL
freed_map EINVAL
freed_is_still_mapped 1
is_still_legacy 1
alloc_fd_after_close EBADF
alloc_fd_reopened ok
close_device ok
close_device_again EBADF
)";

/// Handles; a failed IMPORT is a NULL handle, of which the library makes EINVAL.
inline constexpr const char* kLibionMsm34 = R"(
is_legacy 1
modular_heaps 0
query_count ok
query_heaps ok
heap cma id=4 alloc_fd=0 usable=1
heap chunk id=3 alloc_fd=0 usable=1
heap carveout id=2 alloc_fd=0 usable=1
heap system_contig id=1 alloc_fd=0 usable=1
heap system id=0 alloc_fd=0 usable=1
query_count_null EINVAL
query_no_room EINVAL
query_bad_array EFAULT
alloc_fd ok
alloc_fd_null EINVAL
alloc_fd_empty EINVAL
alloc_fd_too_much ENOMEM
alloc_fd_no_heap ENODEV
alloc_fd_bad_device EBADF
untouched 1
sync_fd ok
free_0 EINVAL
import ok
import_free ok
close ok
close_again EBADF
alloc ok
alloc_null EINVAL
alloc_odd_alignment EINVAL
map ok
map_usable 1
share ok
share_is_another 1
import_own ok
import_same_handle 1
free_imported ok
sync_shared ok
map_null_pointer EINVAL
map_null_fd EINVAL
map_too_long EINVAL
share_null EINVAL
share_0 EINVAL
share_negative EINVAL
import_null EINVAL
import_closed EINVAL
import_not_ours EINVAL
free_negative EINVAL
free ok
freed_free EINVAL
freed_share EINVAL
freed_map EINVAL
freed_is_still_mapped 1
is_still_legacy 1
alloc_fd_after_close EBADF
alloc_fd_reopened ok
close_device ok
close_device_again EBADF
)";

}  // namespace ion::test
