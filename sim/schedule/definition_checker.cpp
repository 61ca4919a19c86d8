// Reads what registrations were answered.
#include "sim/schedule/definition_checker.hpp"

#include "sim/world/store_view.hpp"

namespace holdfast::sim {

void definition_checker::on_enrol(const executed& done) {
    if ((*done.answer)[0].as_text() == "STALE") return on_stale(done);
    const auto& job = done.keys[0];
    const auto generation = (*done.answer)[1].as_integer();
    const meaning now{done.args[1], (*done.answer)[5].as_integer()};
    const auto [known, fresh] = generations_.try_emplace({job, generation}, now);
    if (fresh) last_to_come_[job] = now.definition;
    if (known->second != now)
        judge_.fail("definition", job + ": generation " + std::to_string(generation) +
                                      " stood for something else before");
}

// Who has heard of a later one gives way to it, even if all data is lost then. By a clock that was
// set back, who came last can have the lower generation.
void definition_checker::on_stale(const executed& done) {
    const auto& job = done.keys[0];
    const bool has_heard = number(done.args[7]) > number(done.args[8]);
    const bool by_the_clock = home_.server.stepped_at() != steady_time::min();
    judge_.mark("schedule: gave way to another definition");
    if (!has_heard && !by_the_clock && done.args[1] == last_to_come_[job])
        judge_.fail("definition", job + ": " + done.by.name() +
                                      " has the last that came, and was told it is outdated");
}

void definition_checker::on_claim(const executed& done, std::int64_t generation) {
    const auto& job = done.keys[0];
    const auto known = generations_.find({job, generation});
    const auto registered = field_at(home_.server, job, "definition");
    if (known == generations_.end() || known->second.definition != registered)
        judge_.fail("definition", done.by.name() + " claimed " + job + " by another definition " +
                                      "than the one that is registered");
}

}  // namespace holdfast::sim
