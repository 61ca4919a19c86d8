// Log lines over spdlog's thread-safe standard-error sink.
#include "base/log.hpp"

#include "base/utf8.hpp"
#include "base/write_json.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace holdfast {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::debug: return spdlog::level::debug;
        case log_level::info: return spdlog::level::info;
        case log_level::warn: return spdlog::level::warn;
        case log_level::error: return spdlog::level::err;
        case log_level::off: return spdlog::level::off;
    }
    return spdlog::level::off;
}

bool needs_quotes(std::string_view text) {
    return text.empty() || text.find_first_of(" =\"\\") != text.npos ||
           std::string_view::npos !=
               text.find_first_of(std::string_view("\0\t\n\v\f\r\x1b\x7f", 8)) ||
           !is_utf8(text);
}

std::string text_line(std::string_view event, std::initializer_list<log_field> fields) {
    std::string line(event);
    for (const auto& [key, value] : fields) {
        line.append(" ").append(key).append("=");
        if (needs_quotes(value))
            line += json_quote(value);
        else
            line += value;
    }
    return line;
}

std::string json_line(std::string_view event, std::initializer_list<log_field> fields) {
    std::string line = "\"event\":" + json_quote(event);
    for (const auto& [key, value] : fields)
        line.append(",\"").append(key).append("\":").append(json_quote(value));
    return line;
}

}  // namespace

struct logger::sink {
    explicit sink(log_format format)
        : out("holdfast", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        out.set_level(spdlog::level::trace);
        out.set_pattern(format == log_format::json
                            ? R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})"
                            : "%Y-%m-%dT%H:%M:%S.%fZ %l %v",
                        spdlog::pattern_time_type::utc);
        out.flush_on(spdlog::level::trace);
    }
    spdlog::logger out;
};

logger::logger(log_level level, log_format format)
    : sink_(std::make_shared<sink>(format)), level_(level), format_(format) {}

void logger::write(log_level level, std::string_view event,
                   std::initializer_list<log_field> fields) const {
    if (!enabled(level)) return;
    const auto line =
        format_ == log_format::json ? json_line(event, fields) : text_line(event, fields);
    sink_->out.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void logger::debug(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::debug, event, fields);
}
void logger::info(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::info, event, fields);
}
void logger::warn(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::warn, event, fields);
}
void logger::error(std::string_view event, std::initializer_list<log_field> fields) const {
    write(log_level::error, event, fields);
}

}  // namespace holdfast
