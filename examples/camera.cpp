// SPDX-License-Identifier: Apache-2.0
//
// A camera and its viewer: a few buffers go round between two processes. Each crosses the socket once as a
// descriptor, afterwards its number in a message is enough.
//
//   camera produce SOCKET FRAMES       waits for the viewer; the device is $ION_DEVICE or /dev/ion
//   camera consume SOCKET              checks every frame until the camera ends

#include <algorithm>
#include <cstring>
#include <ion/ion.hpp>
#include <vector>

#include "pass_fd.h"

namespace {

constexpr std::size_t kFrameBytes = 640 * 480 * 2;
constexpr std::uint32_t kBuffers = 4;

/// A buffer and where it is mapped.
struct Frame {
    explicit Frame(ion::Buffer owned) : buffer(std::move(owned)), memory(buffer.map()) {}
    ion::Buffer buffer;
    ion::Mapping memory;
};

std::byte shade(std::uint32_t frame) {
    return static_cast<std::byte>(frame % 255 + 1);
}

void expose(Frame& frame, std::uint32_t number) {
    ion::SyncScope writing(frame.buffer, ion::Access::kWrite);
    std::memset(frame.memory.data(), std::to_integer<int>(shade(number)), frame.memory.size());
    writing.end();
}

bool shows(const Frame& frame, std::uint32_t number) {
    const ion::SyncScope reading(frame.buffer, ion::Access::kRead);
    return std::all_of(frame.memory.data(), frame.memory.data() + frame.memory.size(),
                       [number](std::byte pixel) { return pixel == shade(number); });
}

int produce(const char* path, std::uint32_t count) {
    const ion::Device device;
    std::vector<Frame> frames;
    for (std::uint32_t i = 0; i < kBuffers; ++i) {
        frames.emplace_back(device.allocate(kFrameBytes, ION_HEAP_SYSTEM_MASK));
    }
    const int viewer = accept_one(path);
    for (const Frame& frame : frames) {
        send_fd(viewer, 0, frame.buffer.fd());
    }
    for (std::uint32_t number = 0; number < count; ++number) {
        const std::uint32_t index = number % kBuffers;
        std::uint32_t returned = index;
        if (number >= kBuffers) {  // the viewer must have given it back
            need(receive_fd(viewer, &returned, nullptr) && returned == index, "buffer from the viewer");
        }
        expose(frames[index], number);
        send_fd(viewer, number, -1);
    }
    std::uint32_t returned = 0;
    for (std::uint32_t left = std::min(count, kBuffers); left > 0; --left) {
        need(receive_fd(viewer, &returned, nullptr), "last buffers from the viewer");
    }
    std::printf("exposed %u frames in %u buffers\n", count, kBuffers);
    return 0;
}

int consume(const char* path) {
    const int camera = connect_to(path);
    std::vector<Frame> frames;
    std::uint32_t number = 0;
    int fd = -1;
    while (frames.size() < kBuffers && receive_fd(camera, &number, &fd)) {
        frames.emplace_back(ion::Buffer(fd));
    }
    std::uint32_t seen = 0;
    for (; receive_fd(camera, &number, nullptr); ++seen) {
        if (number != seen || !shows(frames.at(number % kBuffers), number)) {
            std::fprintf(stderr, "frame %u is not what was exposed\n", seen);
            return 1;
        }
        send_fd(camera, number % kBuffers, -1);
    }
    std::printf("saw %u frames\n", seen);
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 4 && std::strcmp(argv[1], "produce") == 0) {
        return produce(argv[2], static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 0)));
    }
    if (argc == 3 && std::strcmp(argv[1], "consume") == 0) {
        return consume(argv[2]);
    }
    std::fprintf(stderr, "usage: %s produce SOCKET FRAMES | consume SOCKET\n", argv[0]);
    return 2;
} catch (const std::exception& error) {
    std::fprintf(stderr, "camera: %s\n", error.what());
    return 1;
}
