// SPDX-License-Identifier: Apache-2.0

#include "daemon/keeper/belongings.h"

#include <unistd.h>

#include "daemon/base/log.h"

namespace ion {

namespace {

/// -1: it must be made.
int find(const FdNumbers& inherited, const char* name) {
    const auto found = inherited.find(name);
    return found != inherited.end() ? found->second : -1;
}

FdNumbers without_orphans(const FdNumbers& inherited) {
    const bool has_device = inherited.contains(inherited::kCuse) || inherited.contains(inherited::kNode);
    if (!inherited.contains(inherited::kJournal) || (has_device && inherited.contains(inherited::kUsage))) {
        return inherited;
    }
    ION_WARN("keeper", "of the former daemon, {} is left: nothing is taken over",
             descriptors_text(inherited));
    for (const auto& [name, fd] : inherited) {
        ::close(fd);
    }
    return {};
}

}  // namespace

Result<void> Belongings::prepare(const CommandLine& options, const FdNumbers& given) {
    const FdNumbers inherited = without_orphans(given);
    choose_transport(options, inherited);
    const char* device = transport_ == TransportKind::kCuse ? inherited::kCuse : inherited::kNode;
    if (auto done = prepare_directory(find(inherited, inherited::kLock)); !done) {
        return done;
    }
    if (auto done = prepare_device(find(inherited, device)); !done) {
        return done;
    }
    if (auto done = prepare_usage(find(inherited, inherited::kUsage)); !done) {
        return done;
    }
    if (auto done = prepare_control(find(inherited, inherited::kControl)); !done) {
        return done;
    }
    box_ = {UniqueFd(find(inherited, inherited::kBoxIn)), UniqueFd(find(inherited, inherited::kBoxOut))};
    if (box_.in && box_.out) {
        keep_files();
    }
    return prepare_journal(find(inherited, inherited::kJournal));
}

Result<void> Belongings::add_box() {
    auto box = make_box();
    if (!box) {
        return box.error();
    }
    box_ = *std::move(box);
    return {};
}

void Belongings::choose_transport(const CommandLine& options, const FdNumbers& inherited) {
    if (inherited.contains(inherited::kCuse) || inherited.contains(inherited::kNode)) {
        transport_ = inherited.contains(inherited::kCuse) ? TransportKind::kCuse : TransportKind::kNode;
    } else if (options.transport == TransportChoice::kAuto) {
        // A private runtime directory promises to leave /dev alone.
        transport_ = options.runtime_dir.empty() && ::access("/dev/cuse", R_OK | W_OK) == 0
                         ? TransportKind::kCuse
                         : TransportKind::kNode;
    } else {
        transport_ =
            options.transport == TransportChoice::kCuse ? TransportKind::kCuse : TransportKind::kNode;
    }
    paths_ = runtime_paths(options, transport_);
}

Result<void> Belongings::prepare_directory(int lock) {
    if (auto made = files_.make_directory(paths_.directory); !made) {
        return made;
    }
    if (lock >= 0) {
        files_.adopt_lock(paths_.lock, UniqueFd(lock));
        return {};
    }
    return files_.lock(paths_.lock);
}

Result<void> Belongings::prepare_device(int device) {
    if (device >= 0) {
        device_.reset(device);
        if (transport_ == TransportKind::kNode) {
            files_.adopt_mount(paths_.node_mount);
            return paths_.device_link.empty() ? Result<void>() : files_.link(paths_.device_link, paths_.node);
        }
        return {};
    }
    if (transport_ == TransportKind::kCuse) {
        auto connection = open_cuse(paths_.device);
        if (!connection) {
            return connection.error();
        }
        device_ = *std::move(connection);
        return {};
    }
    if (auto made = files_.make_directory(paths_.node_mount); !made) {
        return made;
    }
    if (!paths_.device_link.empty()) {
        if (auto linked = files_.link(paths_.device_link, paths_.node); !linked) {
            return linked;
        }
    }
    auto connection = files_.mount(paths_.node_mount, "ionnode");
    if (!connection) {
        return connection.error();
    }
    device_ = *std::move(connection);
    return {};
}

Result<void> Belongings::prepare_usage(int usage) {
    if (usage >= 0) {
        usage_.reset(usage);
        files_.adopt_mount(paths_.usage_mount);
        return {};
    }
    if (auto made = files_.make_directory(paths_.usage_mount); !made) {
        return made;
    }
    auto connection = files_.mount(paths_.usage_mount, "ionfs");
    if (!connection) {
        return connection.error();
    }
    usage_ = *std::move(connection);
    return {};
}

Result<void> Belongings::prepare_control(int control) {
    if (control >= 0) {
        control_.reset(control);
        files_.adopt_file(paths_.control);
        return {};
    }
    auto listening = files_.listen(paths_.control);
    if (!listening) {
        return listening.error();
    }
    control_ = *std::move(listening);
    return {};
}

Result<void> Belongings::prepare_journal(int journal) {
    auto made = journal >= 0 ? Journal::attach(UniqueFd(journal)) : Journal::create();
    if (!made) {
        return made.error();
    }
    journal_ = *std::move(made);
    return journal_->convert();
}

FdNumbers Belongings::named() const {
    const char* device = transport_ == TransportKind::kCuse ? inherited::kCuse : inherited::kNode;
    FdNumbers all{{device, device_.get()},
                  {inherited::kUsage, usage_.get()},
                  {inherited::kControl, control_.get()},
                  {inherited::kLock, files_.lock_fd()},
                  {inherited::kJournal, journal_->fd()}};
    if (box_.in && box_.out) {
        all.emplace(inherited::kBoxIn, box_.in.get());
        all.emplace(inherited::kBoxOut, box_.out.get());
    }
    return all;
}

std::vector<int> Belongings::descriptors() const {
    std::vector<int> numbers;
    for (const auto& [name, fd] : named()) {
        numbers.push_back(fd);
    }
    return numbers;
}

}  // namespace ion
