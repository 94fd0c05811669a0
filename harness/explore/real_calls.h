// The functions that stand behind those that are interposed.
#pragma once

#include <dlfcn.h>
#include <pthread.h>

namespace crosstalk::harness::explore {

template <class F>
F* real_function(const char* name) noexcept {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

// The pointer is looked up at the first call; none of these is called before the program's libraries are loaded.
#define CROSSTALK_EXPLORE_REAL(name)                                                                   \
  ([] {                                                                                                \
    static decltype(::name)* real = nullptr;                                                           \
    if (real == nullptr) real = ::crosstalk::harness::explore::real_function<decltype(::name)>(#name); \
    return real;                                                                                       \
  }())

inline int real_pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*function)(void*),
                               void* argument) {
  return CROSSTALK_EXPLORE_REAL(pthread_create)(handle, attributes, function, argument);
}

}  // namespace crosstalk::harness::explore
