// A keyspace as commands that rebuild it: what a compacted journal starts with.
#include "store/embedded/keyspace.hpp"
#include "store/embedded/number.hpp"
#include "store/embedded/stream_ids.hpp"

#include <string>
#include <vector>

namespace holdfast::embedded {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t items_per_command = 128;

class dumper {
public:
    explicit dumper(const std::function<void(const effects&)>& out) : out_(out) {}

    void dump_key(const std::string& key, const keyspace::slot& held) {
        key_ = key;
        std::visit([this](const auto& v) { dump_value(v); }, held.data);
        if (held.expires_at_ms != keyspace::never)
            piece_.add({"PEXPIREAT", key, std::to_string(held.expires_at_ms)});
        if (piece_.bytes().size() >= piece_bytes) flush();
    }
    void flush() {
        if (!piece_.empty()) out_(piece_);
        piece_.clear();
    }

private:
    void dump_value(const string_value& text) { piece_.add({"SET", key_, text}); }

    void dump_value(const hash_value& hash) {
        for (const auto& [id, e] : hash) add_items("HSET", {e.key, e.value});
        end_items();
    }
    void dump_value(const list_value& list) {
        for (const auto& item : list) add_items("RPUSH", {item});
        end_items();
    }
    void dump_value(const set_value& set) {
        for (const auto& [id, e] : set) add_items("SADD", {e.key});
        end_items();
    }
    void dump_value(const sorted_set& set) {
        for (const auto& item : set) add_items("ZADD", {format_double(item.score), item.member});
        end_items();
    }
    void dump_value(const stream_value& stream) {
        for (const auto& [id, fields] : stream.entries) {
            add_items("XADD", {to_text(id)});
            command_.insert(command_.end(), fields.begin(), fields.end());
            end_items();
        }
        // An empty stream still remembers its last id.
        if (stream.entries.empty()) {
            const auto id = stream.last_id == stream_id{} ? stream_id{0, 1} : stream.last_id;
            piece_.add({"XADD", key_, "MAXLEN", "0", to_text(id), "-", "-"});
        }
        piece_.add({"XSETID", key_, to_text(stream.last_id)});
    }

    void add_items(std::string_view name, std::initializer_list<std::string_view> items) {
        if (command_.size() >= items_per_command) end_items();
        if (command_.empty()) command_ = {std::string(name), key_};
        for (const auto item : items) command_.emplace_back(item);
    }
    void end_items() {
        if (command_.empty()) return;
        piece_.add(std::vector<std::string_view>(command_.begin(), command_.end()));
        command_.clear();
        if (piece_.bytes().size() >= piece_bytes) flush();
    }

    const std::function<void(const effects&)>& out_;
    effects piece_;
    std::string key_;
    std::vector<std::string> command_;
};

}  // namespace

void dump(const keyspace& from, const std::function<void(const effects&)>& out) {
    dumper d(out);
    for (const auto& [id, e] : from.keys()) d.dump_key(e.key, e.value);
    d.flush();
}

}  // namespace holdfast::embedded
