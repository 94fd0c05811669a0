// probe_section: tells a probe of one section: before(), the acquisition, acquired(), and released() at its end. Cells whose
// readers and writers run side by side have a probe for each piece of data that is guarded for itself.
#pragma once

#include <utility>

#include "pool/guarded.h"

namespace crosstalk::pool::detail {

template <LockProbe P, Access access>
class ProbeSection {
 public:
  explicit ProbeSection(P& probe) : ProbeSection(probe, [] {}) {}
  // `acquire` is what waits; the section must end before what it has acquired is given back.
  template <class Acquire>
  ProbeSection(P& probe, Acquire&& acquire) : probe_(probe) {
    probe_.before(access);
    std::forward<Acquire>(acquire)();
    probe_.acquired(access);
  }
  ~ProbeSection() { probe_.released(access); }
  ProbeSection(const ProbeSection&) = delete;
  ProbeSection& operator=(const ProbeSection&) = delete;

 private:
  P& probe_;
};

template <LockProbe P>
using SharedSection = ProbeSection<P, Access::shared>;
template <LockProbe P>
using ExclusiveSection = ProbeSection<P, Access::exclusive>;

}  // namespace crosstalk::pool::detail
