// Guards as the configuration describes them.
#pragma once

#include "cli/config/config.hpp"
#include "token/guard_set.hpp"
#include "token/jws/key_ring.hpp"

#include <memory>

namespace holdfast::cli {

/// Opens every guard's user table. Throws command_failure that names the guard and says what to do.
std::shared_ptr<const guard_set> make_guards(const config& from, key_ring_ptr keys,
                                             std::shared_ptr<user_desk> desk);

}  // namespace holdfast::cli
