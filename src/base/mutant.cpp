// Which defect is there at the moment. Part of test programs only.
#include "base/mutant.hpp"

#ifdef HOLDFAST_MUTANTS
namespace holdfast {
inline namespace with_mutants {
namespace {

std::string_view chosen;

}  // namespace

bool mutant(std::string_view name) noexcept { return name == chosen; }

void choose_mutant(std::string_view name) noexcept { chosen = name; }

}  // namespace with_mutants
}  // namespace holdfast
#endif
