// SPDX-License-Identifier: Apache-2.0

#include "tests/stateful/model_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <utility>

#include "tests/node/program.h"

namespace ion::test {
namespace {

constexpr std::uint32_t kKillsWorkerOnceIn = 60;  // of the calls of the device
constexpr std::uint32_t kLooksOnceIn = 40;        // steps
constexpr std::size_t kLogged = 60;

std::string text_of(const Order& order) {
    return std::string(kActNames[static_cast<std::size_t>(order.act)]) +
           (order.width == Width::kPointer ? " (A) device " : " (B) device ") + std::to_string(order.device) +
           " fd " + std::to_string(order.fd) + " handle " + std::to_string(order.handle) + " length " +
           std::to_string(order.length) + " mask " + std::to_string(order.heap_mask);
}

}  // namespace

ModelRun::ModelRun(Daemon& daemon, std::uint32_t seed) : daemon_(daemon), random_(seed) {
    for (auto& puppet : puppets_) {
        puppet = std::make_unique<Puppet>(daemon.device());
    }
}

bool ModelRun::run(int steps) {
    for (int step = 0; step < steps && difference_.empty(); ++step) {
        if (below(300) == 0) {
            kill_worker();
        } else if (below(200) == 0) {
            kill_puppet();
        } else {
            take(random_step());
        }
        if (difference_.empty() && below(kLooksOnceIn) == 0) {
            check_figures();
        }
    }
    if (difference_.empty()) {
        check_figures();
    }
    return difference_.empty();
}

ModelRun::Step ModelRun::random_step() {
    // More is made than dropped at first; the close of a device and the end of a process take much away at once.
    struct Weighted {
        Step step;
        std::size_t weight;
    };
    static constexpr Weighted kSteps[] = {{&ModelRun::open_device, 3},
                                          {&ModelRun::close_device, 1},
                                          {&ModelRun::allocate, 4},
                                          {&ModelRun::allocate_fd, 3},
                                          {&ModelRun::allocate_wrongly, 1},
                                          {&ModelRun::free_handle, 3},
                                          {&ModelRun::free_wrongly, 1},
                                          {&ModelRun::share, 3},
                                          {&ModelRun::share_wrongly, 1},
                                          {&ModelRun::import, 4},
                                          {&ModelRun::import_wrongly, 1},
                                          {&ModelRun::sync, 1},
                                          {&ModelRun::duplicate, 1},
                                          {&ModelRun::close_descriptor, 3},
                                          {&ModelRun::exchange_tag, 2},
                                          {&ModelRun::hold, 1},
                                          {&ModelRun::drop, 1},
                                          {&ModelRun::pass, 2}};
    std::size_t all = 0;
    for (const Weighted& one : kSteps) {
        all += one.weight;
    }
    std::size_t rest = below(all);
    const Weighted* chosen = kSteps;
    while (rest >= chosen->weight) {
        rest -= chosen->weight;
        ++chosen;
    }
    return chosen->step;
}

void ModelRun::take(const Step& step) {
    if (const auto* plain = std::get_if<PlainStep>(&step)) {
        (this->**plain)();
    } else if (const auto* of_client = std::get_if<ClientStep>(&step);
               of_client != nullptr && !clients_.empty()) {
        (this->**of_client)(any(clients_)->first);
    } else if (const auto* of_descriptor = std::get_if<DescriptorStep>(&step);
               of_descriptor != nullptr && !descriptors_.empty()) {
        const Descriptor one = *any(descriptors_);
        (this->**of_descriptor)(one);
    }
}

std::string ModelRun::what() const {
    std::string text;
    for (std::size_t i = log_.size() < kLogged ? 0 : log_.size() - kLogged; i < log_.size(); ++i) {
        text += log_[i] + "\n";
    }
    return text + difference_ + "\n";
}

void ModelRun::differ(const std::string& difference) {
    difference_ = "step " + std::to_string(log_.size()) + ": " + difference;
}

std::optional<Report> ModelRun::act(std::size_t puppet, const Order& order, int expected) {
    const bool of_device = order.device >= 0 || order.act == Act::kOpen;
    const bool kills = of_device && below(kKillsWorkerOnceIn) == 0;
    const pid_t worker = kills ? daemon_.worker() : 0;
    log_.push_back("process " + std::to_string(puppet) + ": " + text_of(order) +
                   (kills ? ", worker killed" : ""));
    puppets_[puppet]->begin(order);
    if (kills) {
        ::kill(worker, SIGKILL);
    }
    const auto report = puppets_[puppet]->report();
    if (kills && !eventually([&] { return daemon_.worker() != worker; })) {
        differ("no other worker came");
    } else if (!report) {
        differ("no answer");
    } else if (report->error != expected) {
        differ("errno " + std::to_string(report->error) + ", expected " + std::to_string(expected));
    } else {
        return report;
    }
    return std::nullopt;
}

Order ModelRun::order_for(Act act, ClientId client) {
    Order order;
    order.act = act;
    order.width = below(2) == 0 ? Width::kPointer : Width::kInt;
    order.device = clients_.at(client).fd;
    return order;
}

const ModelRun::Descriptor* ModelRun::descriptor_for(ClientId client) {
    std::vector<const Descriptor*> own;
    for (const Descriptor& one : descriptors_) {
        if (one.puppet == clients_.at(client).puppet) {
            own.push_back(&one);
        }
    }
    return own.empty() ? nullptr : *any(own);
}

void ModelRun::kill_worker() {
    log_.emplace_back("worker killed");
    daemon_.kill_worker();
}

void ModelRun::kill_puppet() {
    const std::size_t puppet = below(kPuppets);
    log_.push_back("process " + std::to_string(puppet) + " killed");
    puppets_[puppet].reset();
    puppets_[puppet] = std::make_unique<Puppet>(daemon_.device());
    std::erase_if(clients_, [&](const auto& client) {
        if (client.second.puppet == puppet) {
            model_.close(client.first);
        }
        return client.second.puppet == puppet;
    });
    std::erase_if(descriptors_, [&](const Descriptor& one) { return one.puppet == puppet; });
    std::erase_if(mappings_, [&](const Mapping& one) { return one.puppet == puppet; });
    forget_unheld();
}

}  // namespace ion::test
