#include "workloads/rate_profile.h"

#include <catch2/catch.hpp>

#include "workloads/random.h"
#include "workloads/test_files.h"
#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

constexpr double kSecond = 1e9;

// Operations n = 0, 1, 2, ... that are due in [from, to).
std::size_t due_between(const RateProfile& profile, double from_ns, double to_ns) {
  std::size_t count = 0;
  ProfileCursor cursor(profile);
  for (double n = 0; n < profile.operations(); ++n) {
    const double at = cursor.instant_ns(n);
    count += at >= from_ns && at < to_ns ? 1 : 0;
  }
  return count;
}

TEST_CASE("a constant rate has equal gaps from the start on", "[workloads][rate_profile]") {
  const RateProfile profile = constant(4, 10 * kSecond);
  CHECK(profile.operations() == 40);
  CHECK(profile.length_ns() == 10 * kSecond);
  for (int n = 0; n < 40; ++n) CHECK(profile.instant_ns(n) == Approx(n * kSecond / 4).epsilon(1e-15));
  CHECK(profile.instant_ns(40) == profile.length_ns());
  CHECK(profile.instant_ns(1e18) == profile.length_ns());
  CHECK(profile.rate_at(0) == 4);
  CHECK(profile.rate_at(10 * kSecond - 1) == 4);
  CHECK(profile.rate_at(10 * kSecond) == 0);
  CHECK(profile.rate_at(-1) == 0);
}

TEST_CASE("stages follow each other and each has its share", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("30s:1k, 1m:5k/s,10:0.3k");
  CHECK(profile.length_ns() == 100 * kSecond);
  CHECK(profile.operations() == 30'000 + 300'000 + 3'000);
  const std::size_t middle = due_between(profile, 30 * kSecond, 90 * kSecond);
  CHECK(due_between(profile, 0, 30 * kSecond) == 30'000);
  CHECK(middle == 300'000);
  note_accuracy("stages, operations due in 1m at 5k/s", 300'000, static_cast<double>(middle), 0);
  CHECK(due_between(profile, 90 * kSecond, 100 * kSecond) == 3'000);
  CHECK(profile.instant_ns(30'000) == 30 * kSecond);
  CHECK(profile.instant_ns(30'001) == Approx(30 * kSecond + kSecond / 5'000).epsilon(1e-15));
  CHECK(profile.rate_at(30 * kSecond) == Approx(5'000));
}

TEST_CASE("a ramp has the count of its mean rate and follows the parabola", "[workloads][rate_profile]") {
  const RateProfile up = parse_stages("10s:0..200");
  CHECK(up.operations() == 1'000);
  // After t seconds 10 t^2 operations.
  for (const double t : {0.1, 1.0, 3.0, 7.7}) CHECK(up.instant_ns(10 * t * t) == Approx(t * kSecond));
  CHECK(up.instant_ns(0) == 0);
  CHECK(up.rate_at(2.5 * kSecond) == Approx(50));
  const RateProfile down = parse_stages("10s:200..0");
  for (const double n : {0.0, 1.0, 400.0, 999.0, 999.999}) {
    CHECK(down.instant_ns(n) == Approx(10 * kSecond - up.instant_ns(1'000 - n)).margin(1e-3));
  }
  const RateProfile mild = parse_stages("4s:10..30");
  CHECK(mild.operations() == 80);
  for (const double t : {0.0, 1.0, 2.0, 3.9}) {
    CHECK(mild.instant_ns(10 * t + 2.5 * t * t) == Approx(t * kSecond).margin(1e-3));
    CHECK(mild.rate_at(t * kSecond) == Approx(10 + 5 * t));
  }
}

TEST_CASE("a ramp is a ramp to the last operation, however little it rises", "[workloads][rate_profile]") {
  for (const double rise : {1e-12, 1e-9, 1e-3, 1.0}) {
    const RateProfile::Stage stage{100 * kSecond, 1'000, 1'000 + rise};
    const RateProfile profile({&stage, 1}, {});
    for (double n = 0; n < 100'000; n += 997) {
      const double t = profile.instant_ns(n) / kSecond;
      REQUIRE(1'000 * t + rise / 200 * t * t == Approx(n).epsilon(1e-13).margin(1e-9));
    }
  }
}

TEST_CASE("a burst is due at once and delays nothing", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("burst@45s:20k,30s:1k,1m:5k");
  CHECK(profile.operations() == 30'000 + 300'000 + 20'000);
  CHECK(profile.instant_ns(30'000 + 75'000 - 1) == Approx(45 * kSecond - kSecond / 5'000).epsilon(1e-15));
  for (const double n : {0.0, 1.0, 9'999.5, 19'999.0}) CHECK(profile.instant_ns(105'000 + n) == 45 * kSecond);
  // The operation that would be due then without the burst.
  CHECK(profile.instant_ns(125'000) == 45 * kSecond);
  CHECK(profile.instant_ns(125'001) == Approx(45 * kSecond + kSecond / 5'000).epsilon(1e-15));
  CHECK(profile.rate_at(45 * kSecond) == Approx(5'000));
}

TEST_CASE("bursts at the begin, on a border, in a ramp and in a silence", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages(
      "10s:0..2,10s:0,10s:1,burst@0:3,burst@10s:5,burst@15s:7,burst@20s:2,burst@5s:4,burst@5s:1");
  CHECK(profile.operations() == 3 + 10 + 5 + 5 + 7 + 2 + 10);
  for (const double n : {0.0, 1.0, 2.0}) CHECK(profile.instant_ns(n) == 0);
  // After t seconds of the ramp t^2 / 10: two and a half before its bursts.
  CHECK(profile.instant_ns(3 + 2) == Approx(std::sqrt(20) * kSecond));
  CHECK(profile.instant_ns(3 + 2.5) == 5 * kSecond);
  CHECK(profile.instant_ns(3 + 7.4) == 5 * kSecond);
  CHECK(profile.instant_ns(3 + 5 + 4.9) == Approx(7 * kSecond));
  CHECK(profile.instant_ns(18) == 10 * kSecond);
  CHECK(profile.instant_ns(22.9) == 10 * kSecond);
  // What comes after a silence is due when it ends, not when it begins.
  CHECK(profile.instant_ns(23) == 15 * kSecond);
  CHECK(profile.instant_ns(29.9) == 15 * kSecond);
  CHECK(profile.instant_ns(30) == 20 * kSecond);
  CHECK(profile.instant_ns(32) == 20 * kSecond);
  CHECK(profile.instant_ns(33) == Approx(21 * kSecond));
  CHECK(profile.rate_at(15 * kSecond) == 0);
}

TEST_CASE("nothing is due in a silence", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("5s:0,5s:2,5s:0");
  CHECK(profile.operations() == 10);
  CHECK(profile.instant_ns(0) == 5 * kSecond);
  CHECK(profile.instant_ns(9) == Approx(9.5 * kSecond));
  CHECK(profile.instant_ns(10) == 15 * kSecond);
  CHECK(profile.rate_at(0) == 0);
  CHECK(profile.rate_at(12 * kSecond) == 0);
}

TEST_CASE("counts that are whole stay whole", "[workloads][rate_profile]") {
  CHECK(constant(0.1, 30 * kSecond).operations() == 3);
  std::string text = "100ms:3";
  for (int i = 1; i < 1'000; ++i) text += ",100ms:3";
  const RateProfile profile = parse_stages(text);
  CHECK(profile.operations() == 300);
  for (int i = 0; i < 1'000; i += 10) {
    CHECK(due_between(profile, i * 1e8 - 1, (i + 10) * 1e8 - 1) == 3);
  }
}

TEST_CASE("a thousand million operations keep their gaps", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("500s:1M,250s:1M..3M,burst@750s:1M,1s:0,1h:1");
  CHECK(profile.operations() == 500e6 + 500e6 + 1e6 + 3'600);
  CHECK(profile.instant_ns(499'999'999) == Approx(499.999'999 * kSecond).epsilon(1e-15));
  CHECK(profile.instant_ns(499'999'999) - profile.instant_ns(499'999'998) == Approx(1'000).margin(1e-3));
  const double gap_ns = profile.instant_ns(999'999'999) - profile.instant_ns(999'999'998);
  note_accuracy("stages, gap after 1e9 operations, ns", 1e9 / 3e6, gap_ns, 1e-3);
  // At three million a second the last gap of the ramp.
  CHECK(gap_ns == Approx(1e9 / 3e6).margin(1e-3));
  CHECK(profile.instant_ns(1'000'000'000) == 750 * kSecond);
  CHECK(profile.instant_ns(1'000'999'999) == 750 * kSecond);
  CHECK(profile.instant_ns(1'001'000'000) == 751 * kSecond);
  CHECK(profile.instant_ns(1'001'000'001) == Approx(752 * kSecond).epsilon(1e-15));
}

TEST_CASE("the cursor says what the profile says", "[workloads][rate_profile]") {
  RandomStream random(1, Purpose::plan);
  for (int round = 0; round < 200; ++round) {
    std::vector<RateProfile::Stage> stages(1 + random.below(8));
    double length_ns = 0;
    for (auto& stage : stages) {
      const auto rate = [&] { return random.uniform() < 0.3 ? 0 : 100 * random.uniform(); };
      stage = {1 + 1e9 * random.uniform(), rate(), rate()};
      length_ns += stage.length_ns;
    }
    std::vector<RateProfile::Burst> bursts(random.below(4));
    for (auto& burst : bursts)
      burst = {length_ns * random.uniform(), 1.0 + static_cast<double>(random.below(9))};
    stages.front().to_ops_s = 5;
    const RateProfile profile(stages, bursts);
    ProfileCursor cursor(profile);
    double before = 0;
    for (double n = 0; n <= profile.operations() + 3; n += random.uniform()) {
      const double at = cursor.instant_ns(n);
      REQUIRE(at == profile.instant_ns(n));
      REQUIRE(at >= before);
      REQUIRE(at <= profile.length_ns());
      before = at;
    }
  }
}

TEST_CASE("exponential gaps of the count are a Poisson process of the rate", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("10s:0..2k,10s:2k,burst@5s:1,10s:500");
  RandomStream random(1, Purpose::arrivals);
  std::vector<double> windows(30);
  ProfileCursor cursor(profile);
  for (double n = random.exponential(); n < profile.operations(); n += random.exponential()) {
    windows[static_cast<std::size_t>(cursor.instant_ns(n) / kSecond)] += 1;
  }
  for (std::size_t i = 0; i < 30; ++i) {
    const double expected = i < 10 ? 100 + 200 * static_cast<double>(i) : i < 20 ? 2'000 : 500;
    CHECK(std::abs(windows[i] - expected) < 4 * std::sqrt(expected));
  }
}

TEST_CASE("scaling and compressing", "[workloads][rate_profile]") {
  const RateProfile profile = parse_stages("10s:10,10s:10..30,burst@12s:7");
  const RateProfile more = profile.scaled_rate(3);
  CHECK(more.length_ns() == profile.length_ns());
  CHECK(more.operations() == 3 * 307);
  CHECK(more.rate_at(5 * kSecond) == Approx(30));
  const RateProfile faster = profile.compressed(4);
  CHECK(faster.length_ns() == 5 * kSecond);
  CHECK(faster.operations() == 307);
  CHECK(faster.rate_at(1 * kSecond) == Approx(40));
  for (double n = 0; n < 307; ++n) {
    CHECK(more.instant_ns(3 * n) == Approx(profile.instant_ns(n)));
    CHECK(faster.instant_ns(n) == Approx(profile.instant_ns(n) / 4));
  }
  CHECK(profile.scaled_rate(1).hash() == profile.hash());
  const std::vector<std::uint64_t> hashes{profile.hash(),
                                          more.hash(),
                                          faster.hash(),
                                          RateProfile().hash(),
                                          parse_stages("10s:10,10s:30..10,burst@12s:7").hash(),
                                          parse_stages("10s:10,10s:10..30,burst@12s:7,1s:0").hash()};
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(hashes[i] != hashes[j]);
  }
}

TEST_CASE("nothing is a profile, too", "[workloads][rate_profile]") {
  const RateProfile nothing;
  CHECK(nothing.operations() == 0);
  CHECK(nothing.length_ns() == 0);
  CHECK(nothing.instant_ns(0) == 0);
  CHECK(nothing.rate_at(0) == 0);
  CHECK(ProfileCursor(nothing).instant_ns(0) == 0);
}

TEST_CASE("stages that cannot be are refused with piece, bound and value", "[workloads][rate_profile]") {
  const std::string length =
      ": the length must be a duration above 0 and at most 1e16 ns like 500us, 30s or 1m30s, got ";
  const std::string rate =
      ": the rate must be between 0 and 1e9 operations a second like 50k or 1.5M/s, got ";
  const std::string form = "stages: each must read LENGTH:RATE, LENGTH:FROM..TO or burst@TIME:COUNT, got ";
  const std::string count = ": the count must be a whole number between 1 and 1e15 like 20k, got ";
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", form + "nothing"},
           {"30s", form + "'30s'"},
           {"30s:1,", form + "nothing"},
           {"30s:1,,1s:1", form + "nothing"},
           {"0s:1", "stages: '0s:1'" + length + "'0s'"},
           {"1w:1", "stages: '1w:1'" + length + "'1w'"},
           {"-1:1", "stages: '-1:1'" + length + "'-1'"},
           {"1e9h:1", "stages: '1e9h:1'" + length + "'1e9h'"},
           {"1:", "stages: '1:'" + rate + "nothing"},
           {"1:2G", "stages: '1:2G'" + rate + "'2G'"},
           {"1:-2", "stages: '1:-2'" + rate + "'-2'"},
           {"1:5..x", "stages: '1:5..x'" + rate + "'x'"},
           {"1:..5", "stages: '1:..5'" + rate + "nothing"},
           {"1:5,burst@1s", "stages: a burst must read burst@TIME:COUNT, got 'burst@1s'"},
           {"1:5,burst@x:1",
            "stages: 'burst@x:1': the time must be a duration like 500us, 30s or 1m30s, got 'x'"},
           {"1:5,burst@0:0", "stages: 'burst@0:0'" + count + "'0'"},
           {"1:5,burst@0:1.5", "stages: 'burst@0:1.5'" + count + "'1.5'"},
           {"1:5,burst@0:5/s", "stages: 'burst@0:5/s'" + count + "'5/s'"},
           {"1:5,burst@1s:5",
            "stages: '1:5,burst@1s:5': burst: must be before the end of the stages at 1 s, got 1 s"},
           {"burst@0:1", "stages: 'burst@0:1': length: must be above 0 and at most 1e16 ns in all, got 0 ns"},
           {"1:0,2:0", "stages: '1:0,2:0': operations: must be above 0 and at most 1e15 in all, got 0"}}) {
    INFO(text);
    CHECK_THROWS_WITH(parse_stages(text), message);
  }
  CHECK_THROWS_WITH(constant(2e9, 1e9),
                    "rate: must be between 0 and 1e9 operations a second, got 2000000000");
  CHECK_THROWS_AS(constant(1, std::numeric_limits<double>::quiet_NaN()), InputError);
  CHECK_THROWS_AS(constant(1, 0), InputError);
}

RateProfile envelope(const std::string& text) {
  const TemporaryFolder folder;
  return read_envelope(folder.put("e.csv", text));
}

TEST_CASE("an envelope is a count a minute", "[workloads][rate_profile]") {
  const RateProfile profile = envelope(
      "\xEF\xBB\xBFviewers,minute,messages,more\r\n-1,7,114,\r\n9,8,-1,a\r\n9,9,,b\r\n9,10,0,c\r\n9,13,6,d\r\n");
  CHECK(profile.length_ns() == 7 * 60 * kSecond);
  CHECK(profile.operations() == 120);
  CHECK(due_between(profile, 0, 60 * kSecond) == 114);
  CHECK(due_between(profile, 60 * kSecond, 360 * kSecond) == 0);
  CHECK(profile.instant_ns(114) == 360 * kSecond);
  CHECK(profile.instant_ns(115) == Approx(370 * kSecond));
  CHECK(envelope("minute,rate\n0,2.5\n1,1k\n").operations() == 150 + 60'000);
  CHECK(envelope("minute,rate,messages\n0,2.5,7\n").operations() == 7);
}

TEST_CASE("the counts of a long envelope add up exactly", "[workloads][rate_profile]") {
  std::string text = "minute,messages\n";
  double sum = 0;
  RandomStream random(1, Purpose::plan);
  std::vector<std::size_t> counts;
  for (int i = 0; i < 9'534; ++i) {
    counts.push_back(random.below(900));
    text += std::to_string(i) + "," + std::to_string(counts.back()) + "\n";
    sum += static_cast<double>(counts.back());
  }
  const RateProfile profile = envelope(text);
  CHECK(profile.operations() == sum);
  std::vector<std::size_t> due(counts.size());
  const RateProfile fast = profile.compressed(100);
  ProfileCursor cursor(fast);
  for (double n = 0; n < sum; ++n)
    ++due[static_cast<std::size_t>(cursor.instant_ns(n) / (0.6 * kSecond) + 1e-9)];
  CHECK(due == counts);
}

TEST_CASE("envelopes that cannot be are refused with file and line", "[workloads][rate_profile]") {
  const TemporaryFolder folder;
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", ":1: the file is empty"},
           {"minute,messages\n", ":1: the file has a header and no rows"},
           {"minute,viewers\n0,1\n", ":1: there is no column messages or rate"},
           {"messages\n0\n", ":1: there is no column minute"},
           {"minute,minute,rate\n", ":1: column minute stands twice"},
           {"minute,messages\n0,1\n1\n", ":3: must have 2 cells, got 1"},
           {"minute,messages\n0,1\n\n", ":3: must have 2 cells, got 1"},
           {"minute,messages\nx,1\n", ":2: minute: must be a whole number up to 166666, got 'x'"},
           {"minute,messages\n0.5,1\n", ":2: minute: must be a whole number up to 166666, got '0.5'"},
           {"minute,messages\n1,1\n1,1\n", ":3: minute: must be above that of the row before, 1, got 1"},
           {"minute,messages\n1,-2\n",
            ":2: messages: must be between 0 and 6e+10, or -1 or nothing where it is not known, got '-2'"},
           {"minute,rate\n1,2G\n",
            ":2: rate: must be between 0 and 1000000000, or -1 or nothing where it is not known, got '2G'"},
           {"minute,rate\n1,2", ":2: the last line is cut off (it does not end in a newline)"},
           {std::string("minute,rate\n1,2\0\n", 17), ":2: a NUL byte (is the file UTF-16?)"},
           {"minute,rate\n1,0\n", ": operations: must be above 0 and at most 1e15 in all, got 0"}}) {
    INFO(text);
    const auto file = folder.put("e.csv", text);
    CHECK_THROWS_WITH(read_envelope(file), file.string() + message);
  }
  CHECK_THROWS_WITH(read_envelope(folder.path() / "none.csv"), Catch::Contains("none.csv: cannot be opened"));
  CHECK_THROWS_WITH(read_envelope(folder.path()), Catch::Contains("cannot be opened"));
}

TEST_CASE("a profile may be led in at its first rate", "[workloads][profile]") {
  const RateProfile profile = parse_stages("1s:100,1s:300,burst@0s:7").led_in(5e8);
  CHECK(profile.length_ns() == Approx(2.5e9));
  CHECK(profile.operations() == Approx(50 + 400 + 7));
  CHECK(profile.rate_at(0) == Approx(100));
  CHECK(profile.instant_ns(25) == Approx(2.5e8));
  CHECK(profile.instant_ns(53) == Approx(5e8));  // of the burst
  CHECK(profile.instant_ns(57 + 50) == Approx(1e9));
  CHECK(profile.instant_ns(57 + 100 + 150) == Approx(2e9));
  CHECK(parse_stages("1s:100").led_in(0).operations() == 100);
}

}  // namespace
}  // namespace crosstalk::workloads
