// `holdfast cron next|lint|describe`: what a cron expression means, before it runs anything.
#include "base/write_json.hpp"
#include "cli/command.hpp"
#include "holdfast/cron.hpp"
#include "runtime/asio_runtime.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <memory>

namespace holdfast::cli {
namespace {

constexpr int largest_count = 100'000;

struct cron_options {
    std::string dialect = "holdfast";
    std::string zone = "UTC";
    std::string from;
    std::string job;  // decides H
    std::vector<std::string> words;
    int count = 1;
    bool json = false;
};

// Parsed and checked arguments.
struct cron_request {
    std::string text;
    cron_dialect dialect;
    time_zone zone;
    wall_time from;
};

std::uint64_t hash_of(std::string_view job) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;  // FNV-1a
    for (const char c : job) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
    return job.empty() ? 0 : hash;
}

// An expression may begin with a dash ("-5 * * * *" is a mistake to explain, not an option).
std::string expression_text(const CLI::App& command, const cron_options& options) {
    std::string text;
    for (const auto& word : options.words) text += (text.empty() ? "" : " ") + word;
    for (const auto& left : command.remaining()) {
        if (!options.words.empty() || left.find(' ') == left.npos)
            throw command_failure(exit_code::usage, "do not understand " + left +
                                                        "; see holdfast cron " +
                                                        command.get_name() + " --help");
        text = left;
    }
    if (options.words.empty() && text.empty())
        throw command_failure(exit_code::usage, "no expression given; write holdfast cron " +
                                                    command.get_name() + " '0 2 * * *'");
    return text;
}

wall_time now() {
    boost::asio::io_context context;
    return asio_runtime(context).wall_now();
}

cron_request request_of(const CLI::App& command, const cron_options& options) {
    cron_request request;
    request.text = expression_text(command, options);
    const auto dialect = cron_dialect_of(options.dialect);
    if (!dialect)
        throw command_failure(exit_code::usage, "unknown dialect " + options.dialect +
                                                    "; write holdfast, spring, quartz or vixie");
    request.dialect = *dialect;
    const auto zone = time_zone::find(options.zone);
    if (!zone)
        throw command_failure(exit_code::usage,
                              "unknown time zone " + options.zone +
                                  "; write a name of the IANA database, as Europe/Berlin");
    request.zone = *zone;
    if (options.from.empty()) {
        request.from = now();
        return request;
    }
    const auto from = parse_instant(options.from, *zone);
    if (!from)
        throw command_failure(exit_code::usage,
                              "cannot read --from " + options.from +
                                  "; write an instant as 2026-11-22T02:30:00+08:00");
    request.from = *from;
    return request;
}

std::string explain(const std::string& text, const cron_problem& problem) {
    return "invalid expression '" + text + "' at character " +
           std::to_string(problem.position + 1) + ": " + problem.message;
}

cron_expression parse(const cron_request& request, const cron_options& options) {
    cron_problem problem;
    auto parsed =
        cron_expression::parse(request.text, request.dialect, hash_of(options.job), &problem);
    if (!parsed) throw command_failure(exit_code::no, explain(request.text, problem));
    return std::move(*parsed);
}

std::string json_head(const cron_request& request, const time_zone& zone) {
    return "{\"expression\":" + json_quote(request.text) +
           ",\"dialect\":" + json_quote(name_of(request.dialect)) +
           ",\"zone\":" + json_quote(zone.name());
}

void print_next(const CLI::App& command, const cron_options& options) {
    const auto request = request_of(command, options);
    const auto expression = parse(request, options);
    const auto zone = expression.own_zone().value_or(request.zone);
    std::string times;
    auto at = request.from;
    for (int i = 0; i < options.count; ++i) {
        const auto next = expression.next_after(at, zone);
        if (!next) break;
        at = *next;
        const auto text = zone.format(at);
        times += options.json ? (times.empty() ? "" : ",") + json_quote(text) : text + '\n';
    }
    if (options.json)
        std::cout << json_head(request, zone) << ",\"times\":[" << times << "]}\n";
    else
        std::cout << (times.empty() ? "none\n" : times);
}

std::string_view name_of_kind(cron_warning::kind kind) {
    constexpr std::string_view names[] = {"never_fires",     "fires_twice",  "moved_or_skipped",
                                          "dialects_differ", "bare_weekday", "step_beyond_range",
                                          "short_months",    "manual_only"};
    return names[static_cast<std::size_t>(kind)];
}

void print_invalid(const cron_request& request, const cron_problem& problem) {
    std::cout << json_head(request, request.zone)
              << ",\"valid\":false,\"error\":" << json_quote(problem.message)
              << ",\"position\":" << problem.position << ",\"length\":" << problem.length << "}\n";
}

int lint(const CLI::App& command, const cron_options& options) {
    const auto request = request_of(command, options);
    cron_problem problem;
    const auto parsed =
        cron_expression::parse(request.text, request.dialect, hash_of(options.job), &problem);
    if (!parsed) {
        if (options.json) print_invalid(request, problem);
        throw command_failure(exit_code::no, explain(request.text, problem));
    }
    bool fires = true;
    std::string list;
    for (const auto& warning : parsed->lint(request.zone, request.from)) {
        const auto kind = name_of_kind(warning.what);
        fires = fires && warning.what != cron_warning::kind::never_fires;
        if (options.json)
            list += (list.empty() ? "" : ",") + ("{\"kind\":" + json_quote(kind)) +
                    ",\"text\":" + json_quote(warning.text) + "}";
        else
            list += std::string(kind) + ": " + warning.text + '\n';
    }
    if (options.json)
        std::cout << json_head(request, request.zone)
                  << ",\"valid\":true,\"fires\":" << (fires ? "true" : "false")
                  << ",\"canonical\":" << json_quote(parsed->text()) << ",\"warnings\":[" << list
                  << "]}\n";
    else
        std::cout << (list.empty() ? "ok\n" : list);
    return fires ? exit_code::done : exit_code::no;
}

void print_description(const CLI::App& command, const cron_options& options) {
    const auto request = request_of(command, options);
    const auto text = parse(request, options).describe();
    if (options.json)
        std::cout << json_head(request, request.zone) << ",\"description\":" << json_quote(text)
                  << "}\n";
    else
        std::cout << text << '\n';
}

CLI::App* add_subcommand(CLI::App& cron, const char* name, const char* about,
                         const std::shared_ptr<cron_options>& options) {
    auto* command = cron.add_subcommand(name, about);
    command->allow_extras();
    command->add_option("expression", options->words, "The expression, best in quotes");
    command->add_option("--dialect", options->dialect, "holdfast (default), spring, quartz, vixie");
    command->add_option("--zone", options->zone, "A zone of the IANA database (default UTC)");
    command->add_option("--job", options->job, "The job's name, which decides what H stands for");
    command->add_flag("--json", options->json, "One JSON object");
    return command;
}

}  // namespace

void add_cron_command(CLI::App& app, int& exit_code) {
    auto* cron = app.add_subcommand("cron", "Show, check and explain cron expressions");
    cron->require_subcommand(1);
    cron->footer(
        footer_with("holdfast cron next -n 3 '0 0/10 * * * ?'\nholdfast cron lint '30 2 * * *'"));
    const auto options = std::make_shared<cron_options>();

    auto* next =
        add_subcommand(*cron, "next", "Print the next fire times, one a line, or none", options);
    next->add_option("--from", options->from, "Fire times after this instant (default: now)");
    next->add_option("-n,--count", options->count, "How many (default 1)")
        ->check(CLI::Range(1, largest_count));
    next->footer(
        "Examples:\n"
        "  holdfast cron next -n 3 --zone Asia/Shanghai '30 2 * * *'\n"
        "  holdfast cron next --dialect quartz --from 2026-01-01T00:00:00Z '0 0 12 ? * 2-6'\n"
        "Exit codes: 0 printed, 1 the expression is invalid.");
    next->callback([=, &exit_code] {
        print_next(*next, *options);
        exit_code = exit_code::done;
    });

    auto* check = add_subcommand(*cron, "lint", "List what is likely to surprise", options);
    check->add_option("--from", options->from, "Look at clock changes after this (default: now)");
    check->footer(
        "Examples:\n"
        "  holdfast cron lint --zone America/New_York '30 2 * * *'\n"
        "  holdfast cron lint --dialect spring '0 0 0 31W * ?'\n"
        "Exit codes: 0 it fires (warnings or not), 1 it is invalid or can never fire.");
    check->callback([=, &exit_code] { exit_code = lint(*check, *options); });

    auto* describe = add_subcommand(*cron, "describe", "Say in English when it fires", options);
    describe->footer(
        "Example:\n"
        "  holdfast cron describe '0 0/10 * * * ?'\n"
        "Exit codes: 0 described, 1 the expression is invalid.");
    describe->callback([=, &exit_code] {
        print_description(*describe, *options);
        exit_code = exit_code::done;
    });
}

}  // namespace holdfast::cli
