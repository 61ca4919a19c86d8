// Holds jobs to their definitions: one generation is of one, and of two the last to come stays.
#pragma once

#include "sim/workload.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace holdfast::sim {

class definition_checker {
public:
    definition_checker(simulation::fleet& of, referee& to) : home_(of), judge_(to) {}

    void on_enrol(const executed& done);
    /// The store has just let a claim in, of this generation.
    void on_claim(const executed& done, std::int64_t generation);

private:
    /// What a generation stands for.
    struct meaning {
        std::string definition;
        std::int64_t anchor;
        bool operator==(const meaning&) const = default;
    };

    void on_stale(const executed& done);

    simulation::fleet& home_;
    referee& judge_;
    std::map<std::pair<std::string, std::int64_t>, meaning> generations_;  // register, generation
    std::map<std::string, std::string> last_to_come_;  // by register, the definition
};

}  // namespace holdfast::sim
