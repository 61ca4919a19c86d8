// The room's scripts on a store of the test's choice, one job, short questions.
#pragma once

#include "schedule/job_store.hpp"
#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace holdfast::test {

/// A store of either kind, empty.
class any_store {
public:
    any_store(real_world& world, bool redis);
    ~any_store();
    store& get() { return *store_; }
    /// Everything it held is gone.
    void wipe();

private:
    real_world& world_;
    std::unique_ptr<redis_server> server_;
    std::shared_ptr<embedded::embedded_engine> engine_;
    std::unique_ptr<store> store_;
};

class script_test : public testing::TestWithParam<bool> {
protected:
    script_test() : any_(world_, GetParam()), job_(any_.get(), job_name("nightly")) {
        now_ = ask_now();
    }

    schedule::registration_answer enrol(std::string definition = "a", std::uint64_t version = 0) {
        schedule::registration_request request{
            "cron", std::move(definition), version, "n1", wall_time{},
            false,  milliseconds{2000},    0};
        return enrol(std::move(request));
    }
    schedule::registration_answer enrol(schedule::registration_request request) {
        const auto answer = world_.run(job_.enrol(std::move(request))).value();
        generation_ = answer.generation;
        return answer;
    }
    /// A claim as node n1 would make it, of the generation enrolled last, its clock right.
    schedule::claim_request ask(wall_time fire_time, std::string token = "aa") {
        schedule::claim_request request;
        request.fire_time = fire_time;
        request.token = std::move(token);
        request.node = "n1";
        request.lease = lease_;
        request.caller_now = ask_now();
        request.max_skew = milliseconds{60'000};
        request.generation = generation_;
        request.overlap = "allow";
        request.keep_history = 100;
        return request;
    }
    schedule::firing_answer claim(schedule::claim_request request) {
        return world_.run(job_.claim(std::move(request))).value();
    }
    schedule::adopt_request ask_adopt(std::string token, std::string on_crash = "abandon") {
        return {"n2",
                std::move(token),
                std::move(on_crash),
                "allow",
                3,
                milliseconds{0},
                lease_,
                generation_,
                0,
                100};
    }
    schedule::firing_answer adopt(schedule::adopt_request request) {
        return world_.run(job_.adopt(std::move(request))).value();
    }
    schedule::completion_answer complete(std::string token, wall_time fire_time,
                                         std::string next = "") {
        schedule::completion words{.token = std::move(token),
                                   .fire_time = fire_time,
                                   .outcome = "succeeded",
                                   .exit_code = "0",
                                   .duration = milliseconds{5},
                                   .output = "done\n",
                                   .keep_history = 100,
                                   .keep_outputs = 5,
                                   .next_token = std::move(next),
                                   .next_lease = lease_,
                                   .overlap = overlap_};
        return world_.run(job_.complete(std::move(words))).value();
    }
    schedule::beat heartbeat(std::string token, std::uint64_t fence) {
        return world_.run(job_.heartbeat(std::move(token), fence, lease_)).value();
    }
    bool start(std::string token) {
        return world_.run(job_.start(std::move(token), lease_)).value();
    }
    void pass(milliseconds span) {
        world_.run(world_.runtime.sleep_until(world_.runtime.now() + span));
    }
    /// Milliseconds as the store keeps them, and a moment ago, so that it is due.
    wall_time ask_now() { return from_unix_ms(to_unix_ms(world_.runtime.wall_now())); }

    real_world world_;
    any_store any_;
    schedule::job_store job_;
    wall_time now_;
    milliseconds lease_{60'000};
    std::string overlap_ = "forbid";  ///< of what is completed
    std::int64_t generation_ = 0;
};

}  // namespace holdfast::test
