# On a bare Debian 12 machine `make demo` and `make test` are all that is needed.
BUILD ?= build
PREFIX ?= /usr/local
PACKAGES := cmake ninja-build g++ pkg-config libfmt-dev libcli11-dev nlohmann-json3-dev libtomlplusplus-dev \
            libeigen3-dev libhwy-dev zlib1g-dev libgtest-dev libflac-dev libmatio-dev libedf-dev libtorch-dev libgloo-dev libopenblas0-openmp
LINT_PACKAGES := clang-format clang-tidy
export CLEF_SHARED ?= $(abspath ../shared)

FUZZ_SECONDS ?= 600

.PHONY: help deps lint-deps fuzz-deps aarch64-deps build install static demo test test-aarch64 sanitize \
        thread-sanitize bench fuzz lint format clean

# The rooms whose tests run under the sanitizers and on other machines: all but training and commands.
ROOMS := base signal formats encoder runtime evaluation

help:    ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | \
	    awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

deps:    ## install what the build needs and is not there yet (Debian packages)
	@sh scripts/install-packages.sh $(PACKAGES)

lint-deps: deps
	@sh scripts/install-packages.sh $(LINT_PACKAGES)

build: deps  ## the program, at build/clef
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release $(CMAKE_FLAGS) >$(BUILD)-configure.log 2>&1 || \
	    { cat $(BUILD)-configure.log; exit 1; }
	@mkdir -p $(BUILD) && mv $(BUILD)-configure.log $(BUILD)/configure.log
	cmake --build $(BUILD)

static: deps  ## a small program with few shared libraries, at build-static/clef: no training, no MATLAB
	@cmake -S . -B $(BUILD)-static -G Ninja -DCMAKE_BUILD_TYPE=Release -DCLEF_STATIC=ON -DCLEF_TRAINING=OFF \
	    -DCLEF_MATLAB=OFF -DCLEF_TESTS=OFF >/dev/null
	cmake --build $(BUILD)-static
	strip -o $(BUILD)-static/clef-stripped $(BUILD)-static/clef
	strip -o $(BUILD)-static/libclef-stripped.so $(BUILD)-static/libclef.so
	@ls -l $(BUILD)-static/clef-stripped $(BUILD)-static/libclef-stripped.so
	@ldd $(BUILD)-static/clef-stripped

install: build  ## program, libclef, header, clef.pc and CMake package under PREFIX (/usr/local)
	cmake --install $(BUILD) --prefix $(PREFIX)

demo: build  ## the main job on simulated patients, ending in demo/report.html
	$(BUILD)/clef demo -o demo

test: build  ## build everything and run every test
	cd $(BUILD) && ctest --output-on-failure
	@[ -d "$(CLEF_SHARED)" ] || echo "SKIPPED: every comparison with goldens and real recordings:" \
	    "$(CLEF_SHARED) is not here (set CLEF_SHARED)"

aarch64-deps: deps
	@sh scripts/install-packages.sh g++-aarch64-linux-gnu qemu-user mmdebstrap

test-aarch64: aarch64-deps  ## cross-compile for 64-bit ARM and run the rooms' tests under qemu
	sh scripts/arm64-sysroot.sh $(abspath $(BUILD)-aarch64)/sysroot
	@cmake -S . -B $(BUILD)-aarch64 -G Ninja -DCMAKE_BUILD_TYPE=Release -DCLEF_TRAINING=OFF \
	    -DCMAKE_TOOLCHAIN_FILE=$(abspath cmake/aarch64.cmake) -DCLEF_SYSROOT=$(abspath $(BUILD)-aarch64)/sysroot >/dev/null
	cmake --build $(BUILD)-aarch64 --target $(ROOMS:%=test_%)
	sh scripts/run-room-tests.sh $(BUILD)-aarch64 $(ROOMS)

sanitize: deps  ## the rooms' tests under AddressSanitizer and UndefinedBehaviorSanitizer
	sh scripts/sanitize.sh $(BUILD)-sanitize CLEF_SANITIZE $(ROOMS)

thread-sanitize: deps  ## the rooms' tests under ThreadSanitizer
	sh scripts/sanitize.sh $(BUILD)-thread-sanitize CLEF_SANITIZE_THREADS $(ROOMS)

bench: deps  ## benchmarks: ratios against peers in the same run
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=Release -DCLEF_BENCHMARKS=ON $(CMAKE_FLAGS) >/dev/null
	cmake --build $(BUILD) --target bench_forward bench_layers bench_session bench_reading bench_views bench_intervals clef
	$(BUILD)/bench_forward
	$(BUILD)/bench_intervals
	$(BUILD)/bench_layers
	@python=$$(sh bench/python-peers.sh $(BUILD)/onnx-peers onnxruntime numpy) && \
	    $$python bench/onnx.py $(BUILD)/clef $(BUILD)/bench_session || \
	    echo "SKIPPED: a forward pass against ONNX Runtime"
	@python=$$(sh bench/python-peers.sh $(BUILD)/foundation-peers --no-deps 'numpy<2' momentfm==0.1.4 \
	        transformers==4.33.3 tokenizers==0.13.3 huggingface-hub==0.24.0 safetensors filelock fsspec \
	        tqdm regex pyyaml requests urllib3 idna certifi charset-normalizer packaging \
	        typing-extensions) && \
	    sh scripts/install-packages.sh python3-torch && \
	    $$python bench/foundation.py $(BUILD)/bench_session || \
	    echo "SKIPPED: forward passes against PyTorch"
	@python=$$(sh bench/python-peers.sh $(BUILD)/peers wfdb) && \
	    $$python bench/reading.py $(BUILD)/bench_reading "$(CLEF_SHARED)" || \
	    echo "SKIPPED: reading against the Python wfdb package"
	@python=$$(sh bench/python-peers.sh $(BUILD)/pipeline-peers wfdb scipy 'numpy<2') && \
	    sh scripts/install-packages.sh python3-torch && \
	    $$python bench/pipeline.py $(BUILD)/clef "$(CLEF_SHARED)" || \
	    echo "SKIPPED: files to embeddings against the Python pipeline"
	@python=$$(sh bench/python-peers.sh $(BUILD)/peers wfdb scipy) && \
	    $$python bench/views.py $(BUILD)/bench_views "$(CLEF_SHARED)" || \
	    echo "SKIPPED: views against Python's wfdb, SciPy and NumPy"

fuzz-deps: deps
	@sh scripts/install-packages.sh clang-14 libclang-rt-14-dev

fuzz: fuzz-deps  ## fuzz every reader under the sanitizers, FUZZ_SECONDS each (600)
	@cmake -S . -B $(BUILD)-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=clang-14 \
	    -DCMAKE_CXX_COMPILER=clang++-14 -DCLEF_FUZZ=ON -DCLEF_TRAINING=OFF -DCLEF_TESTS=OFF >/dev/null
	cmake --build $(BUILD)-fuzz --target fuzz_targets
	sh scripts/fuzz.sh $(BUILD)-fuzz $(FUZZ_SECONDS)

lint: lint-deps  ## formatting, include floors, clang-tidy
	@sh scripts/lint.sh $(BUILD)

format: lint-deps  ## rewrite the sources in the house's format
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

clean:   ## remove what was built
	rm -rf $(BUILD) $(BUILD)-static $(BUILD)-aarch64 $(BUILD)-sanitize $(BUILD)-thread-sanitize demo
