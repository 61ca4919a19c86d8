// Applying recorded effects.
#include "store/embedded/replay.hpp"

#include "store/embedded/commands.hpp"

namespace holdfast::embedded {

bool replay(keyspace& onto, std::string_view recorded) {
    const subscribers nobody;
    outbox nowhere(nobody);
    context c{onto, nowhere};
    bool sound = true;
    onto.set_expiry_mode(keyspace::expiry::ignored);
    const bool complete = effects::for_each(recorded, [&](arguments command) {
        if (sound && execute(c, command).is_error()) sound = false;
    });
    onto.set_expiry_mode(keyspace::expiry::live);
    return complete && sound;
}

}  // namespace holdfast::embedded
