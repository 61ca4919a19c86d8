// Defects on purpose, for a test that asks whether the simulation's checkers find them.
#pragma once

#include <string_view>

namespace holdfast {

// What is compiled without HOLDFAST_MUTANTS, and so all that is shipped, has no defect and does not
// even ask whether it has one. The two are different entities, so that a test program may hold some
// files of each sort.
#ifdef HOLDFAST_MUTANTS
inline namespace with_mutants {
/// Whether this defect is the one that was chosen.
bool mutant(std::string_view name) noexcept;
/// From now on this one is there; "" for none. `name` must live as long as it is chosen.
void choose_mutant(std::string_view name) noexcept;
}  // namespace with_mutants
#else
inline namespace without_mutants {
consteval bool mutant(std::string_view) noexcept { return false; }
}  // namespace without_mutants
#endif

}  // namespace holdfast
