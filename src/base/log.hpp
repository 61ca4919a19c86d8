// Structured log lines: time, level, event name, then key=value fields.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

enum class log_level { debug, info, warn, error, off };
enum class log_format { text, json };

struct log_field {
    std::string_view key;
    std::string value;
};

/// Writes lines to standard error. Thread-safe; copies share one sink. Control characters in values
/// are escaped, so a value can never start a line of its own.
class logger {
public:
    logger(log_level level, log_format format);

    void debug(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void info(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void warn(std::string_view event, std::initializer_list<log_field> fields = {}) const;
    void error(std::string_view event, std::initializer_list<log_field> fields = {}) const;

    bool enabled(log_level level) const noexcept { return level >= level_; }

private:
    void write(log_level level, std::string_view event,
               std::initializer_list<log_field> fields) const;

    struct sink;
    std::shared_ptr<sink> sink_;
    log_level level_;
    log_format format_;
};

}  // namespace holdfast
