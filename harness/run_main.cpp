#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ostream>

#include "harness/crosstalk.h"
#include "harness/descriptor_buffer.h"
#include "harness/program.h"

namespace crosstalk::harness {

namespace {

// A program may be started with a standard stream closed. The next file it opens would then get that number,
// and what is printed would land in a results file. /dev/null takes its place, opened so that printing is
// still an error.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const int opened = ::open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    if (opened < 0 || opened == descriptor) continue;
    ::dup2(opened, descriptor);
    ::close(opened);
  }
}

// Losing what was printed is an error of its own, unless an interrupt outweighs it or nobody reads any more.
int exit_code(int code, int error, std::ostream& err) {
  if (error == 0 || error == EPIPE || code > 128) return code;
  err << "crosstalk: standard output: " << std::strerror(error) << '\n';
  return kExitOutput;
}

}  // namespace

int run_main(int argc, char** argv, const Catalog& catalog) {
  occupy_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  DescriptorBuffer data(STDOUT_FILENO);
  DescriptorBuffer messages(STDERR_FILENO);
  std::ostream out(&data);
  std::ostream err(&messages);
  err << std::unitbuf;  // a message is there when it is given, whatever happens next,
  err.tie(&out);        // and behind the data that was printed before it
  const int code = run_program(catalog, argc, argv, {out, err});
  out.flush();
  return exit_code(code, data.error(), err);
}

}  // namespace crosstalk::harness
