// The precompiled header of the tests belongs to a target, and a target to a source file.
#include "test_pch.hpp"
