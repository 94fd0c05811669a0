// The programs that are compared, copied so that nothing but their contents tells them apart: paths of equal length, for the
// length of argv moves the stack, and copies that no build overwrites while they are measured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace crosstalk::harness::gate {

// One side, in one or several links of the same objects.
struct Arm {
  std::string name;                            // base, head, control: of its folder
  std::string flag;                            // --base or --head: what it is called in an error
  std::vector<std::filesystem::path> layouts;  // not empty
};

class Programs {
 public:
  // Copies into the folder, which is made where it is not there: base, head, and a second copy of base, the control. Throws
  // reports::OutputError, and leaves no copy then.
  Programs(std::filesystem::path folder, const std::vector<std::filesystem::path>& base,
           const std::vector<std::filesystem::path>& head);
  // Takes the copies away again, and the folder if nothing else is in it.
  ~Programs();
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  [[nodiscard]] const Arm& base() const noexcept { return base_; }
  [[nodiscard]] const Arm& head() const noexcept { return head_; }
  [[nodiscard]] const Arm& control() const noexcept { return control_; }
  // Have base and head the same bytes, link by link? Then nothing but noise can be found.
  [[nodiscard]] bool are_equal() const;

 private:
  void copy_all(const std::vector<std::filesystem::path>& base,
                const std::vector<std::filesystem::path>& head);
  [[nodiscard]] std::vector<std::filesystem::path> copies_of(
      const std::vector<std::filesystem::path>& programs, char letter);
  void remove_all() noexcept;

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> made_;
  Arm base_, head_, control_;
};

}  // namespace crosstalk::harness::gate
