// The one translation unit that compiles Asio's non-template parts, with and without OpenSSL.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
