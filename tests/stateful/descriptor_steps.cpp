// SPDX-License-Identifier: Apache-2.0
//
// ModelRun: steps with descriptors and mappings.

#include "tests/stateful/model_run.h"

namespace ion::test {

void ModelRun::duplicate(const Descriptor& one) {
    if (const auto report = act(one.puppet, {.act = Act::kDuplicate, .fd = one.fd})) {
        add_descriptor(one.puppet, report->value, one.buffer);
    }
}

void ModelRun::close_descriptor() {
    if (descriptors_.empty()) {
        return;
    }
    const auto one = any(descriptors_);
    if (act(one->puppet, {.act = Act::kClose, .fd = one->fd})) {
        descriptors_.erase(one);
        forget_unheld();
    }
}

void ModelRun::exchange_tag(const Descriptor& one) {
    const std::uint64_t tag = next_tag_++;
    const auto report = act(one.puppet, {.act = Act::kExchangeTag, .fd = one.fd, .tag = tag});
    std::uint64_t& content = contents_.at(one.buffer).tag;
    if (report && static_cast<std::uint64_t>(report->value) != content) {
        differ("content " + std::to_string(report->value) + ", expected " + std::to_string(content));
    }
    content = tag;
}

void ModelRun::hold(const Descriptor& one) {
    if (const auto report = act(one.puppet, {.act = Act::kHold, .fd = one.fd})) {
        mappings_.push_back({one.puppet, static_cast<std::uint64_t>(report->value), one.buffer});
    }
}

void ModelRun::drop() {
    if (mappings_.empty()) {
        return;
    }
    const auto one = any(mappings_);
    if (act(one->puppet, {.act = Act::kDrop, .address = one->address})) {
        mappings_.erase(one);
        forget_unheld();
    }
}

/// By a Unix socket, as programs do.
void ModelRun::pass(const Descriptor& one) {
    const std::size_t taker = below(kPuppets);
    log_.push_back("process " + std::to_string(one.puppet) + " passes " + std::to_string(one.fd) + " to " +
                   std::to_string(taker));
    UniqueFd fd;
    puppets_[one.puppet]->begin({.act = Act::kGive, .fd = one.fd});
    const auto given = puppets_[one.puppet]->report(&fd);
    if (!given || !fd) {
        differ("nothing was given");
        return;
    }
    puppets_[taker]->begin({.act = Act::kTake}, fd.get());
    const auto taken = puppets_[taker]->report();
    if (!taken || taken->error != 0) {
        differ("nothing was taken");
        return;
    }
    add_descriptor(taker, taken->value, one.buffer);
}

void ModelRun::add_descriptor(std::size_t puppet, std::int64_t fd, BufferId buffer) {
    descriptors_.push_back({puppet, static_cast<std::int32_t>(fd), buffer});
}

}  // namespace ion::test
