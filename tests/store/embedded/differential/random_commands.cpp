// The grammar of random commands.
#include "store/embedded/differential/random_commands.hpp"

namespace holdfast::test {
namespace {

// Words; %k key, %v value, %i integer, %s score, %b score bound, %f field, %x stream id, %e end of
// a stream range, %r relative and %a absolute expiry in seconds, %m absolute in ms, %n small count,
// %p pattern. `*[a|b]` draws up to three of the alternatives, `+[a|b]` one to three, `?[a|b]` at
// most one.
constexpr std::string_view templates[] = {
    "GET %k",
    "SET %k %v *[NX|XX|GET|KEEPTTL|EX %r|PX %r|EXAT %a|PXAT %m]",
    "SET %k %v",
    "SETNX %k %v",
    "SETEX %k %r %v",
    "PSETEX %k %r %v",
    "GETDEL %k",
    "GETSET %k %v",
    "APPEND %k %v",
    "STRLEN %k",
    "DEL +[%k]",
    "UNLINK %k",
    "EXISTS +[%k]",
    "TYPE %k",
    "KEYS %p",
    "SCAN 0 COUNT 1000",
    "SCAN 0 MATCH %p COUNT 1000",
    "SCAN x",
    "SCAN 0 TYPE zset COUNT 100",
    "SCAN 0 COUNT 0",
    "SCAN 0 COUNT -1",
    "SCAN 0 COUNT x",
    "RENAME %k %k",
    "PTTL %k",
    "TTL %k",
    "EXPIRE %k %r",
    "PEXPIRE %k %r",
    "EXPIREAT %k %a",
    "PEXPIREAT %k %m",
    "PERSIST %k",
    "INCR %k",
    "INCRBY %k %i",
    "DECR %k",
    "DECRBY %k %i",
    "MGET +[%k]",
    "MSET +[%k %v]",
    "MSET %k",
    "HSET %k +[%f %v]",
    "HSET %k %f",
    "HMSET %k +[%f %v]",
    "HGET %k %f",
    "HMGET %k +[%f]",
    "HGETALL %k",
    "HDEL %k +[%f]",
    "HEXISTS %k %f",
    "HLEN %k",
    "HINCRBY %k %f %i",
    "HKEYS %k",
    "HVALS %k",
    "HSETNX %k %f %v",
    "HSTRLEN %k %f",
    "ZADD %k *[NX|XX|GT|LT|CH|INCR] +[%s %v]",
    "ZADD %k +[%s %v]",
    "ZADD %k +[%s %v]",
    "ZREM %k +[%v]",
    "ZSCORE %k %v",
    "ZRANK %k %v",
    "ZREVRANK %k %v",
    "ZCARD %k",
    "ZRANGE %k %i %i *[REV|WITHSCORES|LIMIT %i %i]",
    "ZRANGE %k %b %b BYSCORE *[REV|WITHSCORES|LIMIT %i %i]",
    "ZRANGEBYSCORE %k %b %b *[WITHSCORES|LIMIT %i %i]",
    "ZREVRANGEBYSCORE %k %b %b *[WITHSCORES|LIMIT %i %i]",
    "ZREVRANGE %k %i %i ?[WITHSCORES|REV]",
    "ZCOUNT %k %b %b",
    "ZPOPMIN %k ?[%i|%n]",
    "ZPOPMAX %k ?[%i|%n]",
    "ZINCRBY %k %s %v",
    "ZREMRANGEBYSCORE %k %b %b",
    "ZREMRANGEBYRANK %k %i %i",
    "SADD %k +[%v]",
    "SREM %k +[%v]",
    "SMEMBERS %k",
    "SISMEMBER %k %v",
    "SCARD %k",
    "LPUSH %k +[%v]",
    "RPUSH %k +[%v]",
    "LPOP %k ?[%i|%n]",
    "RPOP %k ?[%i|%n]",
    "LRANGE %k %i %i",
    "LLEN %k",
    "LTRIM %k %i %i",
    "LINDEX %k %i",
    "LREM %k %i %v",
    "XADD %k %x +[%f %v]",
    "XADD %k *[NOMKSTREAM|MAXLEN %n|MAXLEN = %n|MINID %x|MINID = %x] %x %f %v",
    "XADD %k %x +[%f %v]",
    "XRANGE %k %e %e ?[COUNT %i|COUNT %n]",
    "XREVRANGE %k %e %e ?[COUNT %i|COUNT %n]",
    "XLEN %k",
    "XTRIM %k MAXLEN ?[=] %n",
    "XTRIM %k MINID ?[=] %x",
    "XTRIM %k MAXLEN %i",
    "XDEL %k +[%x]",
    "XSETID %k %x",
    "PUBLISH c %v",
    "PING ?[%v]",
    "ECHO %v",
    "NOSUCH %k",
    "FLUSHALL",
};

using list = std::span<const std::string_view>;

using namespace std::string_view_literals;
constexpr std::string_view keys[] = {"k0", "k1", "k2", "k3", "k4", "k5"};
constexpr std::string_view values[] = {
    "a"sv,
    "b"sv,
    "c"sv,
    "d"sv,
    ""sv,
    "0"sv,
    "1"sv,
    "-1"sv,
    "10"sv,
    "007"sv,
    "-0"sv,
    "+1"sv,
    "1.5"sv,
    " 1"sv,
    "1 "sv,
    "9223372036854775807"sv,
    "9223372036854775808"sv,
    "-9223372036854775808"sv,
    "x\0y\r\n\xff"sv,
    "inf"sv,
    "0x10"sv,
    "a much longer value that no compact encoding of any version of the server holds inline"sv};
constexpr std::string_view integers[] = {"0",
                                         "1",
                                         "2",
                                         "3",
                                         "-1",
                                         "-2",
                                         "-3",
                                         "5",
                                         "100",
                                         "-100",
                                         "x",
                                         "",
                                         "1.0",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775808"};
constexpr std::string_view scores[] = {"0",
                                       "1",
                                       "1.5",
                                       "-1",
                                       "2",
                                       "3",
                                       "0.1",
                                       "1e3",
                                       "inf",
                                       "-inf",
                                       "+inf",
                                       "nan",
                                       "x",
                                       "",
                                       " 1",
                                       "1e400",
                                       "1e-400",
                                       "0x10",
                                       "3.0000000000000004",
                                       "9007199254740993"};
constexpr std::string_view bounds[] = {"-inf", "+inf", "inf", "0",   "1",  "(1",
                                       "1.5",  "(1.5", "2",   "(-1", "-1", "3",
                                       "(inf", "x",    "1e3", "(x",  "nan"};
constexpr std::string_view fields[] = {"f", "g", "h", "", "1"};
constexpr std::string_view ids[] = {"1-1",
                                    "1-2",
                                    "2-1",
                                    "5",
                                    "5-0",
                                    "0-0",
                                    "0-1",
                                    "7-3",
                                    "1-*",
                                    "5-*",
                                    "9-*",
                                    "x",
                                    "",
                                    "1-x",
                                    "18446744073709551615-18446744073709551615",
                                    "3-9",
                                    "01-1",
                                    "0-2",
                                    "18446744073709551616-1",
                                    "-",
                                    "4-4",
                                    "6-0"};
constexpr std::string_view ends[] = {
    "-",    "+",  "1", "1-1", "(1-1", "5",   "(5",
    "2-1",  "x",  "0", "(-",  "(+",   "7-3", "(18446744073709551615-18446744073709551615",
    "(0-0", "0-0"};
// None ends while a round runs: the two sides would not see it at the same instant.
constexpr std::string_view spans[] = {"100000",
                                      "70000",
                                      "5000000",
                                      "0",
                                      "-1",
                                      "x",
                                      "9223372036854775807",
                                      "9223372036854775",
                                      "-9223372036854775808"};
constexpr std::string_view in_seconds[] = {
    "4102444800", "4102444800", "1", "0", "-5", "x", "9223372036854775807", "9223372036854775"};
constexpr std::string_view in_ms[] = {"4102444800000",      "4102444800000", "1", "0", "-5", "x",
                                      "9223372036854775807"};
constexpr std::string_view counts[] = {"0", "1", "2", "3"};
constexpr std::string_view patterns[] = {"*",    "k*",   "k?",     "k[1-3]", "k[^0]", "k[3-1]",
                                         "\\k1", "k0",   "nosuch", "",       "k[",    "[k]4",
                                         "*5",   "k*1*", "k\\",    "k[\\1]", "k[1"};

std::string draw(random_source& random, char what) {
    const auto pick = [&](list from) { return std::string(random.pick(from)); };
    switch (what) {
        case 'k': return pick(keys);
        case 'v': return pick(values);
        case 'i': return pick(integers);
        case 's': return pick(scores);
        case 'b': return pick(bounds);
        case 'f': return pick(fields);
        case 'x': return pick(ids);
        case 'e': return pick(ends);
        case 'r': return pick(spans);
        case 'a': return pick(in_seconds);
        case 'm': return pick(in_ms);
        case 'n': return pick(counts);
        default: return pick(patterns);
    }
}

void expand(random_source& random, std::string_view text, std::vector<std::string>& out);

void expand_alternatives(random_source& random, char how, std::string_view inside,
                         std::vector<std::string>& out) {
    std::vector<std::string_view> all;
    for (std::size_t at = 0; at <= inside.size();) {
        const auto bar = std::min(inside.find('|', at), inside.size());
        all.push_back(inside.substr(at, bar - at));
        at = bar + 1;
    }
    std::size_t times = how == '+' ? 1 + random.below(3) : random.below(how == '?' ? 2 : 4);
    for (; times > 0; --times) expand(random, random.pick(all), out);
}

void expand(random_source& random, std::string_view text, std::vector<std::string>& out) {
    while (!text.empty()) {
        if (text.size() > 1 && text[1] == '[') {
            const auto close = text.find(']');
            expand_alternatives(random, text[0], text.substr(2, close - 2), out);
            text.remove_prefix(close + 1);
        } else {
            const auto word = text.substr(0, text.find(' '));
            if (word.size() == 2 && word[0] == '%')
                out.push_back(draw(random, word[1]));
            else if (!word.empty())
                out.emplace_back(word);
            text.remove_prefix(word.size());
        }
        if (!text.empty() && text[0] == ' ') text.remove_prefix(1);
    }
}

}  // namespace

std::vector<std::string> random_command(random_source& random) {
    std::vector<std::string> words;
    expand(random, random.pick(templates), words);
    if (random.one_in(40) && words.size() > 1) words.pop_back();
    if (random.one_in(40)) words.push_back(draw(random, 'v'));
    if (random.one_in(20))
        for (auto& c : words[0]) c = static_cast<char>(c | 0x20);
    return words;
}

}  // namespace holdfast::test
