// Checks and indexes the guards.
#include "token/guard_set.hpp"

namespace holdfast {
namespace {

std::string fault_of(const guard_settings& guard) {
    if (guard.keys == nullptr || guard.keys->current() == nullptr)
        return "it has no key that signs; set jwt.secret or a private key";
    if (guard.users == nullptr) return "it has no user table";
    if (guard.tokens.max_ttl < guard.policy.ttl)
        return "its tokens would live longer than it accepts";
    return guard.policy.fault();
}

}  // namespace

guard_set::guard_set(std::vector<guard_settings> guards, std::shared_ptr<user_desk> desk)
    : desk_(std::move(desk)) {
    const auto refuse = [](const guard_name& name, const std::string& why) {
        throw boost::system::system_error(errc::invalid_configuration,
                                          "guard " + name.str() + ": " + why);
    };
    for (auto& guard : guards) {
        if (const auto fault = fault_of(guard); !fault.empty()) refuse(guard.name, fault);
        const auto name = guard.name;
        if (!guards_.emplace(name, std::make_shared<const guard_settings>(std::move(guard))).second)
            refuse(name, "it is configured twice");
    }
}

guard_ptr guard_set::find(const guard_name& name) const {
    const auto found = guards_.find(name);
    return found == guards_.end() ? nullptr : found->second;
}

}  // namespace holdfast
