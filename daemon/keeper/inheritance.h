// SPDX-License-Identifier: Apache-2.0
//
// Descriptors that a keeper starts with, by name: from the keeper whose place it takes (successor.h), or from the service
// manager's store (fd_store.h).

#pragma once

#include <map>
#include <string>

namespace ion {

/// Numbers of open descriptors by their names.
using FdNumbers = std::map<std::string, int>;

/// The names. A device's says what it is: kCuse or kNode.
namespace inherited {
inline constexpr const char* kCuse = "cuse";        ///< a /dev/cuse
inline constexpr const char* kNode = "node";        ///< the /dev/fuse of the node's mount
inline constexpr const char* kUsage = "usage";      ///< the /dev/fuse of the usage mount
inline constexpr const char* kControl = "control";  ///< listening socket
inline constexpr const char* kLock = "lock";        ///< the locked file of the runtime directory
inline constexpr const char* kJournal = "journal";  ///< everything else that has to be known
inline constexpr const char* kBoxIn = "box-in";     ///< with a service manager: the ends of a box (box.h)
inline constexpr const char* kBoxOut = "box-out";
}  // namespace inherited

/// Where become_successor() leaves them: "name=number:name=number".
inline constexpr const char* kDescriptorsVariable = "IOND_DESCRIPTORS";

[[nodiscard]] std::string descriptors_text(const FdNumbers& descriptors);

/// What kDescriptorsVariable names, else what the service manager kept; the variables are gone afterwards. Numbers that
/// are not open are left out. A store from which something is missing is emptied, so that the next start makes all anew.
[[nodiscard]] FdNumbers take_inherited();

/// The same descriptors under numbers of at least `end`, where there are any.
[[nodiscard]] FdNumbers moved_up(const FdNumbers& descriptors, int end);

}  // namespace ion
