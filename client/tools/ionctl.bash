# SPDX-License-Identifier: Apache-2.0
#
# shellcheck shell=bash
#
# Completion of ionctl for bash: the program itself knows what can follow.

_ionctl() {
    mapfile -t COMPREPLY < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ionctl ionctl
