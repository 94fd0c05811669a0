#include "harness/count/call_redirect.h"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>

namespace crosstalk::harness::count {
namespace {

using Getenv = char* (*)(const char*);
Getenv real_getenv = nullptr;
int calls = 0;

char* counted_getenv(const char* name) {
  ++calls;
  return real_getenv(name);
}

TEST_CASE("calls of a shared library's function go where they are sent, and can be handed on", "[count]") {
  REQUIRE(::setenv("CROSSTALK_REDIRECT_TEST", "here", 1) == 0);
  real_getenv = reinterpret_cast<Getenv>(find_function("getenv"));
  REQUIRE(real_getenv != nullptr);
  CHECK(redirect_calls("getenv", reinterpret_cast<void*>(&counted_getenv)) > 0);
  const int before = calls;
  const char* const value = std::getenv("CROSSTALK_REDIRECT_TEST");
  CHECK(calls == before + 1);
  REQUIRE(value != nullptr);
  CHECK(std::string(value) == "here");
  CHECK(redirect_calls("getenv", reinterpret_cast<void*>(real_getenv)) > 0);
  CHECK(std::getenv("CROSSTALK_REDIRECT_TEST") != nullptr);
  CHECK(calls == before + 1);
}

TEST_CASE("a function that nobody imports has no entries", "[count]") {
  CHECK(redirect_calls("crosstalk_no_such_function", reinterpret_cast<void*>(&counted_getenv)) == 0);
  CHECK(find_function("crosstalk_no_such_function") == nullptr);
}

}  // namespace
}  // namespace crosstalk::harness::count
