// Execution: in an exploring child, one execution of the scenario after the other until the search is over.
#pragma once

namespace crosstalk::harness::explore {

// Follows Runtime::plan and ends the process: 0 if nothing was found, else 1.
[[noreturn]] void run_executions() noexcept;

}  // namespace crosstalk::harness::explore
