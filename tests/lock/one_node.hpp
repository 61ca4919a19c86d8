// One process with a store of its own, whose loop the test runs.
#pragma once

#include "holdfast/locker.hpp"
#include "store/embedded/embedded_store.hpp"
#include "support/run.hpp"

#include <memory>

namespace holdfast::test {

struct one_node {
    real_world world;
    embedded_store state{world.runtime, std::make_shared<embedded::embedded_engine>(), "hf:"};
    locker locks{world.runtime, state};
    lock_name n{"n"};
    lease_ttl ttl{seconds{30}};
};

}  // namespace holdfast::test
