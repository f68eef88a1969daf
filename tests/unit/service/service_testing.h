// SPDX-License-Identifier: Apache-2.0
//
// ServiceTest: one client before an IonService, under each personality.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <variant>

#include "daemon/service/ion_service.h"
#include "tests/fakes/fake_device.h"

namespace ion {

inline constexpr Personality kPersonalities[] = {Personality::kAuto, Personality::kLegacy,
                                                 Personality::kModern, Personality::kMsm34};

/// Personalities that serve handles.
inline constexpr Personality kWithHandles[] = {Personality::kAuto, Personality::kLegacy, Personality::kMsm34};

inline const char* name_of(Personality personality) {
    constexpr const char* kNames[] = {"auto", "legacy", "modern", "msm-3.4", "linux-5.10"};
    return kNames[static_cast<int>(personality)];
}

class ServiceTest : public testing::Test, protected FakeDevice {
  protected:
    ServiceTest() : client(open()) {}

    /// One step of a request; what it stages is committed when it is an answer.
    Outcome serve(const abi::Request& request, const CallerFacts& facts = {}) {
        Transaction tx;
        abi::Decoded decoded;
        decoded.request = request;
        Outcome outcome = IonService(device, personality).serve(tx, client, decoded, facts);
        if (std::holds_alternative<Answer>(outcome)) {
            EXPECT_TRUE(device.commit(std::move(tx)));
        }
        return outcome;
    }

    /// The errno of a request that is answered at once; -1 when it is not.
    int error_of(const abi::Request& request, const CallerFacts& facts = {}) {
        const Outcome outcome = serve(request, facts);
        const auto* answer = std::get_if<Answer>(&outcome);
        return answer == nullptr ? -1 : answer->error;
    }

    /// As error_of(), and checks that the struct is not written.
    int plain_error_of(const abi::Request& request, const CallerFacts& facts = {}) {
        const Outcome outcome = serve(request, facts);
        const auto* answer = std::get_if<Answer>(&outcome);
        if (answer == nullptr) {
            return -1;
        }
        EXPECT_FALSE(answer->outputs.handle || answer->outputs.fd || answer->outputs.value);
        return answer->error;
    }

    [[nodiscard]] static CallerFacts identity(FileId file) {
        CallerFacts facts;
        facts.identity = CallerFacts::Identity{.error = 0, .file = file};
        return facts;
    }
    [[nodiscard]] static CallerFacts no_descriptor(int error = EBADF) {
        CallerFacts facts;
        facts.identity = CallerFacts::Identity{.error = error, .file = {}};
        return facts;
    }

    [[nodiscard]] std::uint32_t references(HandleId handle) const {
        const Handle* found = device.state().client(client)->handles.find(handle);
        return found == nullptr ? 0 : found->references;
    }

    [[nodiscard]] bool uses_handles() const { return device.state().client(client)->used_handles; }

    Personality personality = Personality::kAuto;
    ClientId client;
};

}  // namespace ion
