// SREM and ZREM: the same command over two kinds of collection.
#pragma once

#include "store/embedded/commands.hpp"

namespace holdfast::embedded {

/// Takes members out of a collection, and the key with the last of them; answers how many were in.
template <class Collection>
answer remove_members(context& c, arguments args) {
    const auto found = c.keys.find<Collection>(args[1]);
    if (found.wrong_type) return errors::wrong_type();
    if (!found) return answer::integer(0);
    std::size_t removed = 0;
    for (const auto member : args.subspan(2)) removed += found->erase(member) ? 1 : 0;
    if (found->empty()) c.keys.erase(args[1]);
    if (removed > 0) c.keys.changed();
    return answer::size(removed);
}

}  // namespace holdfast::embedded
