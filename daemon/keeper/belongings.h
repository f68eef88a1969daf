// SPDX-License-Identifier: Apache-2.0
//
// Belongings: what outlives every worker. Made at the start, or taken over from a former keeper.

#pragma once

#include <memory>
#include <vector>

#include "daemon/journal/journal.h"
#include "daemon/keeper/box.h"
#include "daemon/keeper/inheritance.h"
#include "daemon/keeper/runtime_files.h"

namespace ion {

/// Descriptors are owned. What it made in the file system goes with it, unless it was left behind.
class Belongings {
  public:
    /// Takes over what is inherited and makes the rest. A journal without the device and the usage mount that it speaks
    /// of is dropped, with all that came with it.
    ///
    /// Every error is one line that says what is wrong and the remedy.
    Result<void> prepare(const CommandLine& options, const FdNumbers& inherited);

    [[nodiscard]] TransportKind transport() const { return transport_; }
    [[nodiscard]] const RuntimePaths& paths() const { return paths_; }
    [[nodiscard]] Journal& journal() const { return *journal_; }
    [[nodiscard]] int device() const { return device_.get(); }
    [[nodiscard]] int usage() const { return usage_.get(); }
    [[nodiscard]] int control() const { return control_.get(); }

    /// Makes an empty box, to be left in a service manager's store with the rest.
    Result<void> add_box();

    /// Of a service manager that keeps all this: then the files are iond-prepare's. Else its ends are not open.
    [[nodiscard]] const BoxEnds& box() const { return box_; }

    /// Leaves what it made in the file system behind.
    void keep_files() { files_.keep(); }

    /// All of them, for a successor.
    [[nodiscard]] FdNumbers named() const;

    /// The same, as numbers.
    [[nodiscard]] std::vector<int> descriptors() const;

  private:
    void choose_transport(const CommandLine& options, const FdNumbers& inherited);
    Result<void> prepare_directory(int lock);
    Result<void> prepare_device(int device);
    Result<void> prepare_usage(int usage);
    Result<void> prepare_control(int control);
    Result<void> prepare_journal(int journal);

    TransportKind transport_ = TransportKind::kNode;
    RuntimePaths paths_;
    RuntimeFiles files_;
    UniqueFd device_;
    UniqueFd usage_;
    UniqueFd control_;
    BoxEnds box_;
    std::unique_ptr<Journal> journal_;
};

}  // namespace ion
