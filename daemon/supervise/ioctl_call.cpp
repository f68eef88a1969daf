// SPDX-License-Identifier: Apache-2.0

#include "daemon/supervise/ioctl_call.h"

#include <linux/ioctl.h>

#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "daemon/abi/decode.h"

namespace ion {

namespace {

std::span<const std::byte> bytes_of(const std::int32_t& number) {
    return std::as_bytes(std::span(&number, 1));
}

}  // namespace

IoctlCall::IoctlCall(const Listener& listener, const Notification& call, LoopDoor& door, Model& model,
                     ClientId client)
    : listener_(listener),
      call_(call),
      door_(door),
      model_(model),
      client_(client),
      caller_(listener, call),
      command_(static_cast<std::uint32_t>(call.arguments[1])),
      argument_(call.arguments[2]) {}

int IoctlCall::serve() {
    // That driver looks at the size that the number declares before it copies anything.
    if (model_.decoding().linux_5_10 && _IOC_SIZE(command_) > abi::kLargestOfLinux510) {
        return EINVAL;
    }
    if (!read_input()) {
        return EFAULT;
    }
    while (true) {
        const auto result = abi::decode(bytes(), model_.decoding());
        if (const auto* decoded = std::get_if<abi::Decoded>(&result)) {
            meet_faults(*decoded);
            return write_beside(*decoded) ? serve(*decoded) : EFAULT;
        }
        if (const auto* malformed = std::get_if<abi::Malformed>(&result)) {
            int error = 0;
            door_.run([&] { error = model_.refusal(client_, command_, malformed->error); });
            return error;
        }
        if (!fetch(std::get<abi::NeedMemory>(result).ranges)) {
            return EFAULT;
        }
    }
}

/// This thread serves nobody else meanwhile.
void IoctlCall::meet_faults(const abi::Decoded& decoded) {
    FaultVerdict verdict;
    door_.run([&] { verdict = model_.judge(client_, decoded); });
    facts_.faults = std::move(verdict.faults);
    std::this_thread::sleep_for(std::chrono::milliseconds(verdict.delay_ms));
}

bool IoctlCall::read_input() {
    if ((_IOC_DIR(command_) & _IOC_WRITE) == 0) {
        return true;
    }
    input_.resize(_IOC_SIZE(command_));
    return caller_.read(argument_, input_).has_value();
}

bool IoctlCall::fetch(const std::vector<abi::MemoryRange>& ranges) {
    for (const abi::MemoryRange& range : ranges) {
        std::vector<std::byte> room(range.size);
        if (!caller_.read(range.address, room)) {
            return false;
        }
        fetched_.push_back(abi::FetchedMemory{range, std::move(room)});
    }
    return true;
}

/// What an answer puts beside the declared bytes (IMPORT of A0/A1, 64 bits: the handle's upper half, always 0) is
/// written before anything is changed.
bool IoctlCall::write_beside(const abi::Decoded& decoded) {
    const auto encoded = abi::encode(bytes(), decoded.outputs, abi::Outputs{0, {}, {}});
    return encoded.extra.empty() ||
           caller_.write(encoded.extra.front().range.address, encoded.extra.front().bytes).has_value();
}

int IoctlCall::serve(const abi::Decoded& decoded) {
    while (true) {
        Verdict verdict;
        door_.run([&] { verdict = model_.serve(client_, decoded, facts_); });
        if (const auto result = std::visit([&](auto& one) { return on(decoded, one); }, verdict)) {
            return *result;
        }
    }
}

std::optional<int> IoctlCall::on(const abi::Decoded& /*decoded*/, const NeedIdentity& need) {
    const auto file = caller_.identify(need.fd);
    facts_.identity =
        file ? CallerFacts::Identity{0, *file} : CallerFacts::Identity{file.error().code, FileId{}};
    return std::nullopt;
}

std::optional<int> IoctlCall::on(const abi::Decoded& /*decoded*/, const NeedRangeCheck& need) {
    facts_.range_error = caller_.check_range(need.address, need.length) ? 0 : EINVAL;
    return std::nullopt;
}

std::optional<int> IoctlCall::on(const abi::Decoded& /*decoded*/, const NeedWrite& need) {
    facts_.write_error = caller_.write(need.address, need.bytes) ? 0 : EFAULT;
    return std::nullopt;
}

std::optional<int> IoctlCall::on(const abi::Decoded& decoded, const Answer& answer) {
    const auto encoded = abi::encode(bytes(), decoded.outputs, answer.outputs);
    if (!encoded.declared.empty() && !caller_.write(argument_, encoded.declared)) {
        return EFAULT;
    }
    return answer.error;
}

std::optional<int> IoctlCall::on(const abi::Decoded& decoded, Delivery& delivery) {
    const int error = install(decoded, delivery);
    if (error != 0 && delivery.failure_writes_errno) {
        (void)caller_.write(abi::fd_address(bytes(), decoded.outputs), bytes_of(-error));
    }
    delivery.fd.reset();  // before anybody looks whether the buffer is idle
    door_.post([&model = model_, number = delivery.number] { model.delivered(number); });
    return error;
}

int IoctlCall::install(const abi::Decoded& decoded, const Delivery& delivery) const {
    const std::uint64_t place = abi::fd_address(bytes(), decoded.outputs);
    // A number that cannot be told would be a descriptor lost in the program: write what is there already, to see.
    if (!caller_.write(place, std::span(input_).subspan(place - argument_, sizeof(std::int32_t)))) {
        return EFAULT;
    }
    const auto number = listener_.add_descriptor(call_, delivery.fd.get(), true);
    if (!number) {
        return number.error().code;
    }
    return caller_.write(place, bytes_of(*number)) ? 0 : EFAULT;
}

}  // namespace ion
