// Silent renewal: who asks the user table, who mints, and how everybody gets the same successor.
#pragma once

#include "holdfast/journal.hpp"
#include "runtime/wake_event.hpp"
#include "token/auth_service.hpp"
#include "token/session_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace holdfast {

/// The token every node makes of an identity. errc::not_found: its key is not on this node.
result<issued_token> sign_identity(const guard_settings& guard, const session_ref& session,
                                   const token_identity& id, wall_time now);

/// How a renewal ended. Trouble is not among the endings: it is `unchanged`.
struct renewal_outcome {
    enum class ending {
        renewed,
        unchanged,  ///< goes on with the token it has
        ended,      ///< the session is over: logged out meanwhile, or its user is gone
    };
    ending how = ending::unchanged;
    std::optional<issued_token> successor = {};
};

/// One per runtime. Requests of one node that carry the same token share one renewal.
class renewer {
public:
    renewer(session_store& sessions, journal& events) : sessions_(sessions), events_(events) {}

    /// Never fails: a renewal that cannot be done now is done by a later request.
    task<renewal_outcome> renew(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                                presented_token token);

private:
    struct flight {
        explicit flight(boost::asio::any_io_executor executor) : landed(std::move(executor)) {}
        wake_event landed;
        std::optional<renewal_outcome> outcome;
    };

    task<renewal_outcome> renew_alone(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                                      presented_token token);
    task<renewal_outcome> lead(guard_ptr guard, std::shared_ptr<const guard_set> guards,
                               presented_token token);
    task<renewal_outcome> wait_for_winner(guard_ptr guard, presented_token token);
    task<renewal_outcome> mint(guard_ptr guard, presented_token token);
    task<renewal_outcome> end_session(guard_ptr guard, presented_token token);
    renewal_outcome hand_out(const guard_settings& guard, const session_ref& session,
                             const token_identity& id);

    session_store& sessions_;
    journal& events_;
    using flights = std::map<std::string, std::shared_ptr<flight>>;
    // Shared with calls in flight, which may be torn down after this object.
    std::shared_ptr<flights> flights_ = std::make_shared<flights>();
};

}  // namespace holdfast
