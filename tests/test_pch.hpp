// Precompiled for the tests: what the rooms have, and GoogleTest.
#pragma once

#include "base/asio_pch.hpp"

#include <gtest/gtest.h>
