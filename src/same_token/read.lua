-- The three tokens as they stand. Writes nothing, so checking a call never mints.
--
-- KEYS 1 current  2 past  3 meta hash (the first two are Sa-Token's own names)
-- ARGV none
-- Reply as state.lua says, what = 'read'.
-- @include state.lua
return state('read', store_ms())
