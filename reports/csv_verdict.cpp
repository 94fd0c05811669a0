// Usage: crosstalk_csv_verdict NAME FILE [NAME FILE]...: what the readers say of each FILE as NAME.csv; verdicts end with a NUL.
// A program for scripts/tests/test_golden.py.
#include "reports/csv_verdict.h"

#include <iostream>

int main(int argc, char** argv) {
  using namespace crosstalk::reports;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string verdict;
    try {
      verdict = csv_verdict(argv[i], bytes_of(argv[i + 1]));
    } catch (const CsvError& error) {
      verdict = std::string("refused ") + error.what();
    }
    std::cout << verdict << '\0';
  }
  return std::cout.flush() ? 0 : 1;
}
