// Sends the calls of a function of a shared library elsewhere, for the whole process, as the dynamic linker does for a library that
// is loaded before all others: every loaded object has a table of the addresses of what it imports, and the entries of the function
// are overwritten. So a program that never asks for it runs the same instructions as if this did not exist.
//
// Not reached: calls inside the object that defines the function, hence all of a static program, and libraries that are loaded
// later. There is no way back: it is for processes that end soon.
#pragma once

#include <cstddef>

namespace crosstalk::harness::count {

// `symbol`: as the linker has it, mangled. `to`: a function that may be called in its place. The entries that were overwritten; 0
// also on machines whose tables this does not know. While no other thread runs.
std::size_t redirect_calls(const char* symbol, void* to) noexcept;

// Where calls of the symbol end as long as they are not redirected; null: there is no such symbol.
[[nodiscard]] void* find_function(const char* symbol) noexcept;

}  // namespace crosstalk::harness::count
