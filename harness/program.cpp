#include "harness/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <string_view>

#include "harness/calibrate_command.h"
#include "harness/campaign.h"
#include "harness/capacity_command.h"
#include "harness/capacity_options.h"
#include "harness/compare_command.h"
#include "harness/demo_command.h"
#include "harness/gate/gate_command.h"
#include "harness/gate/gate_options.h"
#include "harness/list_command.h"
#include "harness/plug_in_check.h"
#include "harness/printable.h"
#include "harness/report_command.h"
#include "harness/report_options.h"
#include "harness/run_command.h"
#include "harness/run_flags.h"
#include "harness/run_options.h"
#include "harness/trace_command.h"
#include "harness/verify/verify_command.h"
#include "reports/csv_reader.h"
#include "reports/environment.h"
#include "reports/folder_merge.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"
#include "workloads/nearest.h"

#ifndef CROSSTALK_VERSION
#define CROSSTALK_VERSION "unknown"
#endif

namespace crosstalk::harness {

namespace {

using Arguments = std::vector<std::string>;

struct Context {
  const Catalog& catalog;
  const Environment& environment;
  Streams streams;
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::string (*help)();  // null: the command answers --help itself
  int (*run)(const Context&, const Arguments&);
};

constexpr std::array kCommands{
    Command{"run", "measure strategies under a workload", run_help,
            [](const Context& c, const Arguments& arguments) {
              return run_command(c.catalog, parse_run(c.catalog, arguments, c.environment), c.streams);
            }},
    Command{"list", "what there is: strategies, locks, scenarios, metrics, pools", list_help,
            [](const Context& c, const Arguments& arguments) {
              return list_command(c.catalog, arguments, c.environment, c.streams);
            }},
    Command{"trace", "write or describe the operations of a workload", trace_help,
            [](const Context& c, const Arguments& arguments) {
              return trace_command(arguments, c.environment, c.streams);
            }},
    Command{"compare", "throughput first, then latency at half of it: who wins?", nullptr,
            [](const Context& c, const Arguments& arguments) {
              return compare_command(c.catalog, arguments, c.environment, c.streams);
            }},
    Command{"capacity", "the largest rate at which every condition still holds", capacity_help,
            [](const Context& c, const Arguments& arguments) {
              return capacity_command(c.catalog, arguments, c.environment, c.streams);
            }},
    Command{"gate", "is the new version worse than the old one?", gate::gate_help,
            [](const Context& c, const Arguments& arguments) {
              return gate::gate_command(arguments, c.environment, c.streams);
            }},
    Command{"report", "results folders: printed again, exported, merged", report_help,
            [](const Context& c, const Arguments& arguments) {
              return report_command(arguments, c.environment, c.streams);
            }},
    Command{"verify", "does a lock, container or pool keep its contract?", verify::verify_help,
            [](const Context& c, const Arguments& arguments) {
              return verify::verify_command(c.catalog, arguments, c.environment, c.streams);
            }},
    Command{"calibrate", "what can this machine measure, and what disturbs it?", calibrate_help,
            [](const Context& c, const Arguments& arguments) {
              return calibrate_command(c.catalog, arguments, c.environment, c.streams);
            }},
    Command{"demo", "watch the thread pool at work", demo_help,
            [](const Context& c, const Arguments& arguments) {
              return demo_command(arguments, c.environment, c.streams);
            }},
};

std::string program_help() {
  std::string text =
      "usage: crosstalk COMMAND [flags]\n\n" +
      wrapped(
          "Which locks, containers and thread pools survive a crowded chat room? Simulates thousands "
          "of chat clients against an in-process chat server.",
          0) +
      "\n\n";
  for (const Command& command : kCommands) {
    text += "  " + std::string(command.name) + std::string(11 - command.name.size(), ' ') +
            std::string(command.summary) + "\n";
  }
  text += "  help       about a command: crosstalk help run\n\n  --version, --help\n\n";
  text +=
      "Exit codes: 0 ok; 1 conditions not met; 2 usage, configuration or input; 3 a law\n"
      "was broken; 4 nothing usable was measured; 5 undecided; 6 not comparable;\n"
      "7 results could not be written; 8 a trial or program crashed or hung; 130, 143\n"
      "interrupted.\n";
  return text;
}

std::string version() {
  const reports::BuildFacts& build = reports::build_facts();
  return "crosstalk " CROSSTALK_VERSION " (commit " + build.commit + ", " + build.compiler + ", " +
         build.build_type + ")\n";
}

const Command& command_named(const std::string& name) {
  const auto found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == name; });
  if (found != kCommands.end()) return *found;
  Arguments names{"help"};
  std::string listed;
  for (const Command& command : kCommands) {
    names.emplace_back(command.name);
    listed += " " + std::string(command.name);
  }
  throw UsageError("unknown command " + shown(name) + workloads::did_you_mean(name, names) +
                   " (there are:" + listed + " help)");
}

bool asks_for_help(const Arguments& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& a) { return a == "--help" || a == "-h"; });
}

int run_one(const Context& context, const Command& command, const Arguments& arguments) {
  // Help is given even where the rest of the command line is wrong.
  if (command.help != nullptr && asks_for_help(arguments)) {
    context.streams.out << command.help();
    return kExitOk;
  }
  return command.run(context, arguments);
}

int print_and_end(const Context& context, const Arguments& rest, const std::string& text) {
  if (!rest.empty()) throw UsageError("unexpected argument " + shown(rest.front()));
  context.streams.out << text;
  return kExitOk;
}

int dispatch(const Context& context, const Arguments& arguments) {
  if (arguments.empty()) {
    context.streams.err << program_help();
    return kExitUsage;
  }
  const std::string& first = arguments.front();
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (first == "--help" || first == "-h") return print_and_end(context, rest, program_help());
  if (first == "--version") return print_and_end(context, rest, version());
  if (first == "help") {
    if (rest.empty() || asks_for_help(rest)) return print_and_end(context, {}, program_help());
    if (rest.size() > 1) throw UsageError("unexpected argument " + shown(rest[1]));
    return run_one(context, command_named(rest.front()), {"--help"});
  }
  if (first.starts_with("-")) {
    const std::string meant = workloads::did_you_mean(first, {"--help", "--version"});
    throw UsageError("unknown flag " + shown(first) +
                     (meant.empty() ? "; a command's flags stand behind it" : meant));
  }
  return run_one(context, command_named(first), rest);
}

// Whatever the text holds, it is one line.
int failed(std::ostream& err, const char* text, int code) noexcept {
  try {
    err << "crosstalk: " << printable(text) << std::endl;
  } catch (const std::exception&) {
    // Not even the memory for this: the code has to say it.
  }
  return code;
}

}  // namespace

int run_program(const Catalog& catalog, const Arguments& arguments, const Environment& environment,
                Streams streams) noexcept {
  try {
    return dispatch({catalog, environment, streams}, arguments);
  } catch (const UsageError& error) {
    return failed(streams.err, error.what(), kExitUsage);
  } catch (const workloads::InputError& error) {
    return failed(streams.err, error.what(), kExitUsage);
  } catch (const reports::CsvError& error) {
    return failed(streams.err, error.what(), kExitUsage);
  } catch (const BrokenContract& error) {
    streams.err << error.page();
    return failed(streams.err, error.what(), kExitBroken);
  } catch (const UnfitBuild& error) {
    return failed(streams.err, error.what(), kExitUnusable);
  } catch (const reports::NotComparable& error) {
    return failed(streams.err, error.what(), kExitNotComparable);
  } catch (const reports::OutputError& error) {
    return failed(streams.err, error.what(), kExitOutput);
  } catch (const std::bad_alloc&) {
    return failed(streams.err, "out of memory", kExitCrashed);
  } catch (const std::exception& error) {
    return failed(streams.err, error.what(), kExitCrashed);
  } catch (...) {
    return failed(streams.err, "an unknown error", kExitCrashed);
  }
}

int run_program(const Catalog& catalog, int argc, const char* const* argv, Streams streams) noexcept {
  try {
    Environment environment;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      const auto equals = text.find('=');
      if (equals != std::string_view::npos)
        environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    const Arguments arguments(argv + std::min(argc, 1), argv + argc);
    return run_program(catalog, arguments, environment, streams);
  } catch (const std::exception& error) {
    return failed(streams.err, error.what(), kExitCrashed);
  }
}

}  // namespace crosstalk::harness
