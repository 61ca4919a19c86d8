# The two commands of the README, and the rest of the daily ones. Everything lands in build/.
PRESET ?= default
BUILD := $(if $(filter default,$(PRESET)),build,build-$(PRESET))

.PHONY: help setup build run test test-threads test-interop test-compilers bench format clean

help:
	@echo "make run      install what is missing, build, start the daemon with a demo (no server needed)"
	@echo "make build    the program at build/bin/holdfast"
	@echo "make test     install what is missing, build, run all tests   (PRESET=gcc|asan|tsan for others)"
	@echo "make test-threads  what several threads share, under ThreadSanitizer"
	@echo "make test-interop  our locks against those of Go, Node and Java, fetched by go, npm and mvn where they are"
	@echo "make test-compilers  the simulator makes the same runs of the same seeds, built by clang and by g++"
	@echo "make bench    the benchmarks, each figure beside its limit   (BENCH=--quick for a short look)"
	@echo "make format   clang-format over all C++ sources"
	@echo "make clean    remove the build folders"

setup:
	@tools/setup.sh

build: setup
	@cmake --preset $(PRESET) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build --preset $(PRESET)

# The folder is configured as for all else: what is switched off here would stay off for the tests.
run: setup
	@cmake --preset $(PRESET) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@cmake --build --preset $(PRESET) --target holdfast
	@$(BUILD)/bin/holdfast serve

test: build
	@ctest --preset $(PRESET) --no-tests=error -j $$(( $$(nproc) + 1 )) || { tools/failures $(BUILD); exit 1; }

# ThreadSanitizer over the programs in which threads meet.
THREADED := base_test runtime_test store_embedded_test lock_threads_test lock_family_threads_test
test-threads: setup
	@cmake --preset tsan >build-tsan.log 2>&1 || { cat build-tsan.log; exit 1; }
	@cmake --build --preset tsan --target $(THREADED)
	@for program in $(THREADED); do build-tsan/bin/$$program --gtest_brief=1 || exit 1; done

# The only tests that fetch something. Where a package client is missing its cases are skipped.
test-interop: build
	@bench/peers/build $(BUILD)/peers
	@ctest --preset $(PRESET) --no-tests=error -L interop

test-compilers: setup
	@for preset in default gcc; do \
	    folder=$$([ $$preset = default ] && echo build || echo build-$$preset); \
	    cmake --preset $$preset >$$folder.log 2>&1 || { cat $$folder.log; exit 1; }; \
	    cmake --build --preset $$preset --target holdfast-sim || exit 1; \
	done
	@tools/same-hashes build build-gcc

bench: build
	@bench/run $(BUILD) $(BENCH)

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

clean:
	@rm -rf build build-*
