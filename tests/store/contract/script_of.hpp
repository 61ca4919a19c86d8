// Makes a script out of text in a test.
#pragma once

#include "base/encode.hpp"
#include "holdfast/store.hpp"

#include <openssl/sha.h>

#include <span>
#include <string>
#include <utility>

namespace holdfast::test {

/// Owns the text and the sum that a `script` only points to.
class owned_script {
public:
    explicit owned_script(std::string text) : text_(std::move(text)) {
        unsigned char digest[SHA_DIGEST_LENGTH];
        SHA1(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), digest);
        sha1_ = hex_encode(std::as_bytes(std::span(digest)));
    }
    script get() const { return {"test/script", sha1_, text_}; }

private:
    std::string text_;
    std::string sha1_;
};

}  // namespace holdfast::test
