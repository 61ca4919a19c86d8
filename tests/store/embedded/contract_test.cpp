// The store contract, on the embedded store in memory.
#include "store/contract/store_contract.hpp"
#include "store/embedded/embedded_store.hpp"

namespace holdfast::test {
namespace {

class memory_world final : public store_world {
public:
    std::unique_ptr<store> open(real_world& world) override {
        return std::make_unique<embedded_store>(world.runtime, engine_, "hf:");
    }

private:
    std::shared_ptr<embedded::embedded_engine> engine_ =
        std::make_shared<embedded::embedded_engine>();
};

const store_world_maker in_memory = [] { return std::make_unique<memory_world>(); };

INSTANTIATE_TEST_SUITE_P(memory, store_contract, testing::Values(in_memory));

}  // namespace
}  // namespace holdfast::test
