// SPDX-License-Identifier: Apache-2.0
//
// What the request handlers of IonService share.

#pragma once

#include "daemon/service/ion_service.h"

namespace ion {

/// One request being served.
struct IonService::Context {
    Transaction& tx;
    ClientId client;
    const Client& state;
    const abi::Decoded& request;
    const CallerFacts& facts;
};

/// An answer without outputs.
inline Outcome error_answer(int error) {
    return Answer{error, {}};
}

}  // namespace ion
