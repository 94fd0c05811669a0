#include "workloads/random.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

constexpr std::array kPurposes{Purpose::membership, Purpose::operations, Purpose::arrivals, Purpose::lengths,
                               Purpose::lurkers,    Purpose::plan,       Purpose::faults,   Purpose::think,
                               Purpose::clusters,   Purpose::herds,      Purpose::outside,  Purpose::repeats};

std::vector<double> sample(std::size_t n, RandomStream random, double (RandomStream::*draw)()) {
  std::vector<double> result;
  for (std::size_t i = 0; i < n; ++i) result.push_back((random.*draw)());
  return result;
}

TEST_CASE("a stream is the same whenever seed, purpose and id are", "[workloads][random]") {
  RandomStream one(7, Purpose::operations, 3);
  RandomStream two(7, Purpose::operations, 3);
  for (int i = 0; i < 1000; ++i) CHECK(one.next() == two.next());
}

TEST_CASE("streams of other seeds, purposes and ids share no value", "[workloads][random]") {
  std::set<std::uint64_t> seen;
  std::size_t drawn = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 0x8000'0000'0000'0000ULL, ~0ULL}) {
    for (const Purpose purpose : kPurposes) {
      for (std::uint64_t id = 0; id < 50; ++id) {
        RandomStream random(seed, purpose, id);
        for (int i = 0; i < 4; ++i, ++drawn) seen.insert(random.next());
      }
    }
  }
  CHECK(seen.size() == drawn);
}

TEST_CASE("the numbers of a stream never change: traces would", "[workloads][random]") {
  RandomStream random(1, Purpose::membership, 0);
  CHECK(random.next() == 0x2e9d4711e741d5a7);
  CHECK(random.next() == 0xef8b1cb3ffd0a98d);
  CHECK(RandomStream(42, Purpose::lengths, 5).next() == 0x18a30ea118f29067);
}

TEST_CASE("below is uniform and stays below", "[workloads][random]") {
  RandomStream random(1, Purpose::operations);
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1000}}) {
    std::vector<double> counts(n);
    for (int i = 0; i < 100'000; ++i) counts.at(random.below(n)) += 1;
    if (n > 1) CHECK(chi_square_deviate(counts, std::vector<double>(n, 1 / static_cast<double>(n))) < 3.1);
  }
}

// Of 2^64 words, 3 * 2^62 results take one or two: without drawing again, every third result would come twice
// as often as the others.
TEST_CASE("below has no bias where it matters most", "[workloads][random]") {
  RandomStream random(2, Purpose::operations);
  const std::uint64_t n = std::uint64_t{3} << 62;
  std::vector<double> counts(3);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random.below(n);
    if (value < n) counts[value % 3] += 1;
  }
  CHECK(counts[0] + counts[1] + counts[2] == 100'000);
  CHECK(chi_square_deviate(counts, {1.0 / 3, 1.0 / 3, 1.0 / 3}) < 3.1);
}

TEST_CASE("uniform has no 1, positive has no 0, and both are uniform", "[workloads][random]") {
  const auto law = [](double x) { return x; };
  const auto uniform = sample(100'000, RandomStream(13, Purpose::operations), &RandomStream::uniform);
  const auto positive = sample(100'000, RandomStream(4, Purpose::operations), &RandomStream::positive);
  CHECK(*std::min_element(uniform.begin(), uniform.end()) >= 0);
  CHECK(*std::max_element(uniform.begin(), uniform.end()) < 1);
  CHECK(*std::min_element(positive.begin(), positive.end()) > 0);
  CHECK(*std::max_element(positive.begin(), positive.end()) <= 1);
  CHECK(kolmogorov_deviate(uniform, law) < 1.95);
  CHECK(kolmogorov_deviate(positive, law) < 1.95);
}

TEST_CASE("exponential and normal follow their laws", "[workloads][random]") {
  const auto exponential = sample(100'000, RandomStream(5, Purpose::arrivals), &RandomStream::exponential);
  CHECK(kolmogorov_deviate(exponential, [](double x) { return 1 - std::exp(-x); }) < 1.95);
  const auto normal = sample(100'000, RandomStream(6, Purpose::lengths), &RandomStream::normal);
  CHECK(kolmogorov_deviate(normal, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }) < 1.95);
}

TEST_CASE("the tests of a law reject another law", "[workloads][random]") {
  const auto exponential = sample(100'000, RandomStream(5, Purpose::arrivals), &RandomStream::exponential);
  CHECK(kolmogorov_deviate(exponential, [](double x) { return 1 - std::exp(-1.02 * x); }) > 1.95);
  CHECK(chi_square_deviate({1000, 1000, 1150}, {1.0 / 3, 1.0 / 3, 1.0 / 3}) > 3.1);
}

}  // namespace
}  // namespace crosstalk::workloads
