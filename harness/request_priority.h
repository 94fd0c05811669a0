// The priority of a request on the pooled path, by what it asks for.
#pragma once

#include "pool/executor/executor.h"
#include "workloads/op.h"

namespace crosstalk::harness {

[[nodiscard]] constexpr pool::Priority priority_of(workloads::OpKind kind) noexcept {
  using Kind = workloads::OpKind;
  switch (kind) {
    case Kind::disconnect:
    case Kind::kick:
      return pool::Priority::urgent;
    case Kind::post:
    case Kind::direct:
      return pool::Priority::high;
    case Kind::join:
    case Kind::leave:
    case Kind::move:
    case Kind::receive:
      return pool::Priority::normal;
    default:
      return pool::Priority::low;
  }
}

}  // namespace crosstalk::harness
