// The one thing of a member that needs the core.
#include "holdfast/lock_member.hpp"

#include "lock/lock_core.hpp"

namespace holdfast {

boost::asio::any_io_executor lock_member::executor() const { return core_->rt.executor(); }

}  // namespace holdfast
