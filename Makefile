# sentei: build, run, check. 'make help' lists the targets.
#
# One rule per kind of file; a folder is a library, found by its .c files, so
# adding a file needs no change here. DEBUG=1 builds with ASan and UBSan into
# build/debug, CC=clang with clang.
# SPDX-License-Identifier: Apache-2.0

# As many commands at a time as there are processors, unless -j says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

VERSION  := 0.1.0
COMMIT   := $(shell .ci/commit)
PREFIX   ?= /usr/local
DEBUG    ?= 0
ifeq ($(DEBUG),1)
OUT      ?= build/debug
OPTIMISE ?= -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
else
OUT      ?= build
OPTIMISE ?= -O2
endif

WARN         := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
CFLAGS       ?= -g
# The folder built in shall be in no byte of what is built.
ANYWHERE     := -ffile-prefix-map=$(CURDIR)=.
MPI_CFLAGS   := $(shell pkg-config --cflags ompi-c pmix 2>/dev/null | sed 's/-I/-isystem /g')
MPI_LIBS     := $(shell pkg-config --libs ompi-c pmix 2>/dev/null)
LANGUAGE     := -std=c11 -D_GNU_SOURCE -DSENTEI_VERSION='"$(VERSION)"' -ffp-contract=off $(WARN) -I.
COMPILE       = $(CC) $(LANGUAGE) $(OPTIMISE) $(CFLAGS) $(ANYWHERE) -MMD -MP -pthread
LINK          = $(CC) $(OPTIMISE) -pthread -Wl,--as-needed $(LDFLAGS)
LIBS_base     = -lyaml -ljansson -lm
LIBS_client   = -lcurl
LIBS_launcher = -lmicrohttpd -lsqlite3 -lcairo -lncursesw -ltinfo
LIBS_trainer  = -ldnnl -lgomp -ljpeg -lpng -lxxhash -lmd -lprotobuf-c $(MPI_LIBS)

FOLDERS   := base search client trainer launcher
MAINS     := launcher/sentei.c trainer/program/sentei-train.c trainer/program/sentei-data.c
SOURCES   := $(shell find $(FOLDERS) -name '*.c')
HEADERS   := $(shell find $(FOLDERS) -name '*.h')
KERNELS   := $(shell find $(FOLDERS) -name '*.cu')
KERNEL_HEADERS := $(shell find $(FOLDERS) -name '*.cuh')
TESTS     := $(shell find tests -name '*.[ch]')
PROGRAMS  := $(addprefix $(OUT)/,$(basename $(notdir $(wildcard $(MAINS)))))
PLUGIN    := $(filter trainer/backend/cuda/% trainer/comm/nccl/%,$(SOURCES)) # not in the programs
sources    = $(sort $(filter-out $(MAINS) $(PLUGIN),$(filter $(1)/%,$(SOURCES))))
objects    = $(patsubst %.c,$(OUT)/obj/%.o,$(call sources,$(1))) $(FILES_$(1))
libraries  = $(foreach f,$(1),$(OUT)/lib$(f).a)
test_programs = $(patsubst %.c,$(OUT)/%,$(filter tests/$(1)/%.c,$(TESTS)))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE

# Commands are shown in short; 'make V=1' shows them whole, 'make -s' not at all.
ifneq ($(V),1)
.SILENT:
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf '  %-8s %s\n' $(1) $(2))
endif

# --- build -------------------------------------------------------------------
.PHONY: all help clean cuda
all: $(PROGRAMS) cuda ## build the three programs into build/, and the CUDA backend where nvcc is

help: ## this list
	sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

clean: ## remove build/
	rm -rf build

# What is compiled again when it changes: the command lines, the list of files.
same_or_new = mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@
$(OUT)/stamp/flags: FORCE | $(OUT)/stamp/deps
	$(call same_or_new,'$(subst ','\'',$(COMPILE) $(LINK) $(MPI_CFLAGS) $(MPI_LIBS))')
$(OUT)/stamp/commit: FORCE
	$(call same_or_new,'$(COMMIT)')
$(OUT)/stamp/sources: FORCE
	$(call same_or_new,$(sort $(SOURCES)))
$(OUT)/stamp/deps: .ci/deps
	$(if $(BARE),,.ci/deps --check build)
	mkdir -p $(@D) && touch $@

# oneDNN's threads are libgomp's; clang's would be others beside them.
OPENMP := $(if $(findstring clang,$(CC)),,-fopenmp)
$(OUT)/obj/trainer/backend/cpu/%.o: private OPTIMISE := $(subst -O2,-O3,$(OPTIMISE)) $(OPENMP)
$(OUT)/obj/search/math/%.o: private OPTIMISE := $(subst -O2,-O3,$(OPTIMISE))
$(OUT)/obj/trainer/%.o $(OUT)/obj/tests/unit/trainer/%.o: private COMPILE += $(MPI_CFLAGS)
$(OUT)/obj/base/version.o: private COMPILE += -DSENTEI_COMMIT='"$(COMMIT)"'
$(OUT)/obj/base/version.o: $(OUT)/stamp/commit
$(OUT)/obj/%.o: %.c $(OUT)/stamp/flags
	$(call say,CC,$<)
	mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

# The page's files and the library it draws with, as they are (launcher/page).
PAGE           := $(wildcard launcher/page/*.html launcher/page/*.css launcher/page/*.js)
CHART          := /usr/share/javascript/chart.js/chart.min.js
FILES_launcher  = $(OUT)/obj/launcher/page/files.o
$(FILES_launcher): $(PAGE) $(CHART) $(OUT)/stamp/deps
	$(call say,FILES,launcher/page)
	mkdir -p $(@D)
	cp $(PAGE) $(@D) && cp $(CHART) $(@D)/chart.js
	cd $(@D) && ld -r -b binary -z noexecstack -o $(@F) $(notdir $(PAGE)) chart.js
	objcopy --prefix-symbols=page --rename-section .data=.rodata,alloc,load,readonly,data,contents $@

# ONNX's messages as C, from Debian's onnx.proto (trainer/onnx/graph.c).
ONNX_PROTO      := /usr/include/onnx/onnx.proto
ONNX_MESSAGES   := $(OUT)/generated/onnx.pb-c.c
FILES_trainer    = $(OUT)/obj/trainer/onnx/onnx.pb-c.o
GENERATED        = -isystem $(OUT)/generated
$(ONNX_MESSAGES): $(OUT)/stamp/deps $(ONNX_PROTO)
	$(call say,PROTO,$(ONNX_PROTO))
	mkdir -p $(@D)
	protoc-c --proto_path=$(dir $(ONNX_PROTO)) --c_out=$(@D) $(notdir $(ONNX_PROTO))
$(FILES_trainer): $(ONNX_MESSAGES)
	$(call say,CC,$<)
	mkdir -p $(@D)
	$(COMPILE) -w -c $< -o $@
$(OUT)/obj/trainer/onnx/graph.o: private COMPILE += $(GENERATED)
$(OUT)/obj/trainer/onnx/graph.o: $(ONNX_MESSAGES)

define library
$(OUT)/lib$(1).a: $(call objects,$(1)) $(OUT)/stamp/sources
	$$(call say,AR,$$@)
	rm -f $$@
	ar qcs $$@ $$(filter %.o,$$^)
endef
$(foreach f,$(FOLDERS),$(eval $(call library,$(f))))

$(OUT)/sentei: $(OUT)/obj/launcher/sentei.o $(call libraries,launcher search client base)
	$(call say,LINK,$@)
	$(LINK) -o $@ $^ $(LIBS_launcher) $(LIBS_client) $(LIBS_base)

$(OUT)/sentei-train $(OUT)/sentei-data: $(OUT)/sentei-%: $(OUT)/obj/trainer/program/sentei-%.o $(call libraries,trainer client base)
	$(call say,LINK,$@)
	$(LINK) -o $@ $^ $(LIBS_trainer) $(LIBS_client) $(LIBS_base)

# The CUDA backend, a library that sentei-train opens when it is asked for.
# CUDA=0 leaves it out; CUDA_ARCH='80 90' builds for these compute capabilities.
# Kernels take long to build and know neither CC nor DEBUG: they are shared.
ifneq ($(CUDA),0)
CUDA_FOUND := $(shell CUDA_ARCH='$(CUDA_ARCH)' .ci/cuda | tr '\n' '@')
endif
ifeq ($(findstring NVCC :=,$(CUDA_FOUND)),)
CUDA_WHY := $(if $(filter 0,$(CUDA)),CUDA=0,$(subst @,,$(CUDA_FOUND)))
cuda: $(OUT)/stamp/no-cuda
$(OUT)/stamp/no-cuda: | $(OUT)/stamp/deps
	$(call say,CUDA,'left out: $(CUDA_WHY)')
	touch $@
else
define newline


endef
$(eval $(subst @,$(newline),$(CUDA_FOUND)))
PLUGIN_BUILT   := $(if $(NCCL_INCLUDE),$(PLUGIN),$(filter-out trainer/comm/nccl/%,$(PLUGIN)))
PLUGIN_OBJECTS := $(patsubst %.c,$(OUT)/plugin/%.o,$(PLUGIN_BUILT) $(addprefix base/,error.c log.c text.c clock.c))
cuda: $(OUT)/sentei-cuda.so $(if $(NCCL_INCLUDE),,$(OUT)/stamp/no-nccl) ## build the CUDA backend alone
$(OUT)/stamp/no-nccl: | $(OUT)/stamp/deps
	$(call say,NCCL,'left out: nccl.h was not found; one GPU only')
	touch $@
$(OUT)/plugin/%.o: %.c $(OUT)/stamp/flags
	$(call say,CC,$<)
	mkdir -p $(@D)
	$(COMPILE) -fPIC -fvisibility=hidden $(CUDA_INCLUDE) $(NCCL_INCLUDE) -c $< -o $@
build/cuda/%.o: %.cu $(KERNEL_HEADERS) $(HEADERS) build/cuda/flags
	$(call say,NVCC,$<)
	mkdir -p $(@D)
	$(NVCC) -std=c++17 -O3 $(CUDA_CODE) -I. --Werror all-warnings -Xcompiler -Wall,-Wextra,-fPIC,-fvisibility=hidden -c $< -o $@
build/cuda/flags: FORCE
	$(call same_or_new,'$(NVCC) $(CUDA_CODE)')
$(OUT)/sentei-cuda.so: $(PLUGIN_OBJECTS) $(patsubst %.cu,build/cuda/%.o,$(KERNELS)) $(OUT)/stamp/sources
	$(call say,LINK,$@)
	$(LINK) -shared -Wl,-z,defs -o $@ $(filter %.o,$^) $(CUDA_LIBS) $(NCCL_LIBS) -lstdc++ -lm -ldl -lrt
endif

# What a trial links: client/ and what it needs of base/, only sentei_* visible.
$(OUT)/libsentei.a: $(call libraries,client base)
	ld -r --whole-archive $(OUT)/libclient.a --no-whole-archive $(OUT)/libbase.a -o $(OUT)/libsentei.o
	objcopy -w --keep-global-symbol='sentei_*' $(OUT)/libsentei.o
	rm -f $@
	ar qcs $@ $(OUT)/libsentei.o

# --- run ---------------------------------------------------------------------
.PHONY: deps deps-slurm run data install
deps: ## install the Debian packages that are missing
	.ci/deps all

deps-slurm: ## the same for a Slurm on this machine (slurm/dev-cluster)
	.ci/deps slurm

run: ## the whole in one command: packages, build, data, a study, the leaderboard
	.ci/deps build
	$(MAKE) --no-print-directory data
	$(call say,RUN,'sentei run studies/quickstart.yaml')
	$(OUT)/sentei run studies/quickstart.yaml

data: $(OUT)/data/listings/dataset.json ## the small data set of the quickstart

$(OUT)/data/listings/dataset.json: | all
	$(OUT)/sentei-data synth listings -o $(@D)

install: all $(OUT)/libsentei.a ## install below PREFIX (and DESTDIR)
	.ci/install '$(OUT)' '$(DESTDIR)' '$(PREFIX)' '$(VERSION)'

# The archive is git's own, of the last commit: the same commit, the same bytes.
DIST      := build/dist/sentei-$(VERSION)
.PHONY: dist
dist: all ## a release of the last commit in build/dist: sources, and what the programs are linked with (SPDX)
	mkdir -p $(dir $(DIST))
	git archive --format=tar --prefix=$(notdir $(DIST))/ HEAD | gzip -9n > $(DIST).tar.gz
	.ci/sbom '$(VERSION)' "$$(git rev-parse --short=12 HEAD)" "$$(git log -1 --format=%ct)" $(PROGRAMS) > $(DIST).spdx.json
	cd $(dir $(DIST)) && sha256sum $(notdir $(DIST)).tar.gz $(notdir $(DIST)).spdx.json | tee $(notdir $(DIST)).sha256

# --- tests: tests/unit/<folder>/<file>.c mirrors <folder>/<file>.c -------------
.PHONY: unit check check-slurm fuzz corpus scarce torture bench bench-slurm bench-search bench-functions bench-trainer
UNIT  := $(call test_programs,unit)
BENCH := $(filter-out $(OUT)/tests/bench/swarm/%,$(call test_programs,bench))
FUZZ  := $(call test_programs,fuzz)
THREADED := client/sender client/sentei client/http trainer/batch/sampler trainer/comm/watchdog trainer/data/pack/pack
TORTURE := $(addprefix $(OUT)/tests/torture/,verify disk.so lost_locks.so)
CORPUS := $(patsubst $(OUT)/tests/fuzz/%,$(OUT)/tests/corpus/%,$(FUZZ))
FUZZ_SECONDS ?= 10

unit: $(UNIT) ## build the unit tests (make DEBUG=1 unit)

order = launcher search trainer client base
$(OUT)/tests/unit/trainer/%: private order = trainer client base
$(OUT)/tests/fuzz/%: private LINK += -fsanitize=fuzzer
$(OUT)/tests/unit/%: private LIBS_test = -lcmocka -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup
$(UNIT): $(OUT)/obj/tests/scarce/allocate.o
$(OUT)/tests/bench/reports $(OUT)/tests/bench/load: $(OUT)/obj/tests/bench/swarm/swarm.o
$(OUT)/tests/%: $(OUT)/obj/tests/%.o $(call libraries,$(FOLDERS))
	$(call say,LINK,$@)
	mkdir -p $(@D)
	$(LINK) -o $@ $(filter %.o,$^) $(call libraries,$(order)) $(foreach f,$(order),$(LIBS_$(f))) $(LIBS_test)

$(OUT)/tests/corpus/%: $(OUT)/obj/tests/fuzz/%.o $(OUT)/obj/tests/corpus/replay.o $(call libraries,$(FOLDERS))
	$(call say,LINK,$@)
	mkdir -p $(@D)
	$(LINK) -o $@ $(filter %.o,$^) $(call libraries,$(order)) $(foreach f,$(order),$(LIBS_$(f)))

check: ## every test: unit tests under sanitizers, the whole, the rules of the tree
	.ci/deps all
	$(MAKE) --no-print-directory all $(TORTURE)
	$(MAKE) --no-print-directory DEBUG=1 unit corpus build/debug/sentei
	$(if $(shell command -v clang),$(MAKE) --no-print-directory CC=clang OUT=build/clang build/clang/sentei)
	$(MAKE) --no-print-directory OUT=build/tsan OPTIMISE='-O1 -fno-omit-frame-pointer -fsanitize=thread' \
	    $(addprefix build/tsan/tests/unit/,$(THREADED))
	$(MAKE) --no-print-directory $(OUT)/tests/gpu/ops $(OUT)/tests/gpu/train build/emulated/ops build/emulated/sentei-cuda.so \
	    $(if $(CUDA_INCLUDE),$(addprefix $(OUT)/tests/gpu/,plans pretended/libcuda.so.1)) $(if $(NCCL_INCLUDE),$(OUT)/tests/gpu/nccl)
	tests/run --build $(OUT) $(sort $(patsubst $(OUT)/%,build/debug/%,$(UNIT))) \
	    .ci/static $(sort $(wildcard tests/integration/*.sh tests/e2e/*.sh))

check-slurm: deps-slurm all ## all tests on a real Slurm of four nodes (as root; ten minutes; 'make check' has a part of them)
	SENTEI_TEST_SLURM=1 tests/run --build $(OUT) -j 1 --timeout 1200 $(sort $(wildcard tests/integration/slurm*.sh))

scarce: ## let each allocation that the unit tests lead to fail, one a run (hours): SECONDS=600 SEED=
	$(MAKE) --no-print-directory DEBUG=1 unit
	tests/scarce/run $(if $(SECONDS),--seconds '$(SECONDS)') $(if $(SEED),--seed '$(SEED)')

torture: all $(TORTURE) ## kill controllers, workers, trials at random, and look what is left: KILLS=1000 SEED=
	tests/torture/run --build $(OUT) --kills '$(or $(KILLS),1000)' $(if $(SEED),--seed '$(SEED)')
$(OUT)/tests/torture/lost_locks.so: tests/integration/lost_locks.c
$(OUT)/tests/torture/disk.so: tests/torture/disk.c
$(OUT)/tests/torture/%.so:
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(CC) $(LANGUAGE) -O2 -fPIC -shared -o $@ $< -ldl -pthread

bench: all $(BENCH) ## measure; prints a table, writes build/bench.json
	tests/bench/run --build $(OUT) $(sort $(BENCH))

bench-slurm: deps-slurm all ## what a study costs on a Slurm of this machine (as root; minutes)
	tests/bench/slurm.sh

bench-views: all $(OUT)/tests/bench/leaderboard ## looking at 100,000 trials, beside Optuna on 10,000 (pip install optuna optuna-dashboard)
	python3 tests/bench/views.py --build $(OUT)

bench-search: all ## regret on real curves: LCBENCH=FOLDER PAIRS=default,tpe+median (or all) SEEDS=2
	python3 tests/bench/search.py --build $(OUT) --lcbench '$(LCBENCH)' --pairs '$(or $(PAIRS),default)' \
	    --seeds '$(or $(SEEDS),2)'

bench-trainer: $(OUT)/tests/bench/train ## training speed beside PyTorch: PYTORCH=python3 ROUNDS=3
	python3 tests/bench/trainer.py --build $(OUT) --pytorch '$(PYTORCH)' --rounds '$(or $(ROUNDS),3)'

bench-functions: $(OUT)/tests/bench/functions ## samplers on known functions beside Optuna: SEEDS=20 GP_MINUTES=0 SAMPLERS=tpe,cma-es (pip install optuna cmaes torch)
	python3 -W ignore tests/bench/functions.py --build $(OUT) --seeds '$(or $(SEEDS),20)' \
	    --gp-minutes '$(or $(GP_MINUTES),0)' --samplers '$(SAMPLERS)'

fuzz: ## feed what parses with noise, FUZZ_SECONDS=10 each (clang)
	$(MAKE) --no-print-directory OUT=build/fuzz CC=clang fuzz-programs \
	    OPTIMISE='-O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined'
	.ci/fuzz build/fuzz/tests/fuzz $(FUZZ_SECONDS)
fuzz-programs: $(FUZZ)
corpus: $(CORPUS) ## the same targets without a fuzzer, to read what it has collected (make DEBUG=1 corpus)

# --- the CUDA backend: its kernels on this processor (in 'make check'), and on a GPU
# A machine with a GPU may have no more than a compiler, CUDA and Python: what
# runs there needs none of the libraries above (BARE).
.PHONY: gpu-check gpu-bench pictures
OPS          := tests/gpu/ops.c tests/gpu/open.c trainer/backend/plugin.c trainer/backend/backend.c \
                $(wildcard trainer/backend/plain/*.c) $(addprefix base/,error.c random.c text.c file.c log.c clock.c)
# What is not called is left out of these programs, and with it whatever asks
# for MPI, data sets or their libraries.
UNCALLED     := -ffunction-sections -fdata-sections -Wl,--gc-sections
MODELS       := $(filter-out tests/gpu/ops.c,$(OPS)) $(wildcard trainer/model/*.c trainer/optim/*.c) \
                $(addprefix trainer/batch/,batch.c inputs.c lookup.c positions.c) $(addprefix trainer/comm/,comm.c self.c buckets.c)
TRAIN        := tests/gpu/train.c tests/gpu/pictures.c trainer/metrics.c trainer/data/synth/listing.c $(MODELS)
SPEED        := tests/gpu/bench.c tests/gpu/work.c $(MODELS)
EMULATED     := tests/gpu/emulated.c tests/gpu/emulated_graph.c \
                $(addprefix trainer/backend/cuda/,cuda.c conv.c pieces.c $(addprefix device/,judge.c input.c queue.c graph.c command.c))
EMULATE      := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined

build/gpu/ops: $(OPS) $(HEADERS) $(wildcard tests/gpu/*.h)
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(CC) $(LANGUAGE) -O2 -DBARE -o $@ $(OPS) -lm -ldl -pthread

build/gpu/train: $(TRAIN)
build/gpu/bench: $(SPEED)
build/gpu/train build/gpu/bench: $(HEADERS) $(wildcard tests/gpu/*.h tests/bench/*.h)
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(CC) $(LANGUAGE) -O2 -DBARE $(UNCALLED) -o $@ $(filter %.c,$^) -lm -ldl -pthread
build/gpu/libbench.so: $(SPEED) $(HEADERS) $(wildcard tests/gpu/*.h tests/bench/*.h)
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(CC) $(LANGUAGE) -O2 -DBARE $(UNCALLED) -fPIC -fvisibility=hidden -shared -Wl,-z,defs -o $@ $(filter %.c,$^) -lm -ldl -pthread

build/emulated/%.o: % tests/gpu/emulator.h $(KERNEL_HEADERS) $(HEADERS)
	$(call say,CXX,$<)
	mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra -Werror $(EMULATE) -I. -include tests/gpu/emulator.h -x c++ -c $< -o $@
build/emulated/ops: $(OPS) $(EMULATED) $(HEADERS) $(wildcard tests/gpu/*.h) $(patsubst %,build/emulated/%.o,$(KERNELS) tests/gpu/emulator.cc)
	$(call say,CC,$@)
	$(CC) $(LANGUAGE) $(EMULATE) -DBARE -DEMULATED -o $@ $(filter %.c %.o,$^) -lstdc++ -lm -ldl -pthread

$(OUT)/tests/gpu/train: $(addprefix $(OUT)/obj/tests/gpu/,train.o pictures.o open.o) $(call libraries,trainer client base)
	$(call say,LINK,$@)
	mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS_trainer) $(LIBS_client) $(LIBS_base)

# The same as a plug-in, to train with, on several ranks too.
build/emulated/fast/%.o: % tests/gpu/emulator.h $(KERNEL_HEADERS) $(HEADERS)
	$(call say,CXX,$<)
	mkdir -p $(@D)
	$(CXX) -std=c++17 -O2 -fPIC -fvisibility=hidden -I. -include tests/gpu/emulator.h -x c++ -c $< -o $@
build/emulated/sentei-cuda.so: $(EMULATED) tests/gpu/ranks.c trainer/comm/nccl/device.c $(addprefix base/,error.c log.c text.c clock.c) \
    $(HEADERS) $(wildcard tests/gpu/*.h) $(patsubst %,build/emulated/fast/%.o,$(KERNELS) tests/gpu/emulator.cc)
	$(call say,CC,$@)
	$(CC) $(LANGUAGE) $(MPI_CFLAGS) -O2 -fPIC -fvisibility=hidden -shared -Wl,-z,defs -o $@ $(filter %.c %.o,$^) $(MPI_LIBS) -lstdc++ -lm -ldl -pthread

$(OUT)/tests/gpu/ops: $(addprefix $(OUT)/obj/tests/gpu/,ops.o open.o) $(call libraries,trainer client base)
	$(call say,LINK,$@)
	mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS_trainer) $(LIBS_client) $(LIBS_base)

# Plans for a GPU that is not there; only where the CUDA backend is built.
PLANS        := $(addprefix $(OUT)/plugin/,trainer/backend/cuda/dnn.o $(addprefix base/,error.o log.o text.o clock.o))
$(OUT)/tests/gpu/plans: tests/gpu/plans.c $(PLANS)
	$(call say,LINK,$@)
	mkdir -p $(@D)
	$(COMPILE) -o $@ $^ $(CUDA_LIBS) -lm -ldl -lrt

# The door to NCCL before a library that pretends; only where NCCL is built.
DOOR         := $(addprefix $(OUT)/plugin/,trainer/comm/nccl/nccl.o $(addprefix base/,error.o log.o text.o clock.o))
$(OUT)/tests/gpu/nccl: tests/gpu/nccl.c $(DOOR) $(OUT)/tests/gpu/pretended/libnccl.so.2
	$(call say,LINK,$@)
	$(COMPILE) -o $@ tests/gpu/nccl.c $(DOOR) -lm -ldl
# A driver that pretends, for what is said of drivers.
$(OUT)/tests/gpu/pretended/libcuda.so.1: tests/gpu/pretended_driver.c
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(COMPILE) $(CUDA_INCLUDE) -fPIC -shared -o $@ $<
$(OUT)/tests/gpu/pretended/libnccl.so.2: tests/gpu/pretended_nccl.c
	$(call say,CC,$@)
	mkdir -p $(@D)
	$(COMPILE) $(NCCL_INCLUDE) -fPIC -shared -o $@ $<

gpu-check: build/gpu/ops build/gpu/train ## on a machine with a GPU: each operation, and trainings, against plain loops; memcheck
	$(MAKE) --no-print-directory OUT=build/gpu BARE=1 cuda
	tests/gpu/check build/gpu build/pictures

# Real pictures for it, packed where the libraries are to carry to where they are not.
PICTURES     ?= ../shared/data/clothing
pictures: build/sentei-data ## pack real pictures for gpu-check into build/pictures: PICTURES=../shared/data/clothing
	build/sentei-data pack studies/data/clothing.yaml --source '$(PICTURES)' -o build/pictures

gpu-bench: build/gpu/bench build/gpu/libbench.so ## on a machine with a GPU: training speed beside PyTorch's: PYTHON=python3
	$(MAKE) --no-print-directory OUT=build/gpu BARE=1 cuda
	$(or $(PYTHON),python3) tests/gpu/bench.py --build build/gpu --json build/gpu-bench.json

# --- how the code looks ------------------------------------------------------
.PHONY: format format-check lint tidy cppcheck analyzer shape layers headers
format: ## lay out every C file (clang-format 14)
	clang-format -i $(SOURCES) $(HEADERS) $(TESTS) $(KERNELS) $(KERNEL_HEADERS)

format-check: ## fail when 'make format' would change a file
	clang-format --dry-run -Werror $(SOURCES) $(HEADERS) $(TESTS) $(KERNELS) $(KERNEL_HEADERS)

lint: tidy cppcheck analyzer ## clang-tidy, cppcheck, gcc -fanalyzer

# gcc 12's analyzer loses sight of what arrays and structs hold: its two checks
# that need it are left to LeakSanitizer, UBSan and clang.
ANALYZER  := -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value
PROMISES   = $(if $(filter base/error.c base/reader.c,$<),,-include .ci/analysis.h)

LINTED    := $(filter-out $(if $(CUDA_INCLUDE),$(if $(NCCL_INCLUDE),,trainer/comm/nccl/%),$(PLUGIN)),$(SOURCES))
tidy: $(LINTED:%=$(OUT)/lint/%.tidy)
analyzer: $(LINTED:%=$(OUT)/lint/%.analyzed)
$(OUT)/lint/trainer/%: private LANGUAGE += $(MPI_CFLAGS) $(CUDA_INCLUDE) $(NCCL_INCLUDE) $(GENERATED)
$(OUT)/lint/trainer/onnx/graph.c.tidy $(OUT)/lint/trainer/onnx/graph.c.analyzed: $(ONNX_MESSAGES)
$(OUT)/lint/%.tidy: % .clang-tidy .ci/analysis.h $(HEADERS)
	mkdir -p $(@D)
	$(call say,TIDY,$<)
	clang-tidy --quiet --warnings-as-errors='*' $< -- $(LANGUAGE) $(PROMISES) 2>$@.log || { cat $@.log; false; }
	touch $@
$(OUT)/lint/%.analyzed: % .ci/analysis.h $(HEADERS)
	mkdir -p $(@D)
	$(call say,GCC,$<)
	gcc $(LANGUAGE) $(PROMISES) -O1 $(ANALYZER) -c $< -o /dev/null
	touch $@
# readdir_r, which cppcheck would rather have, is deprecated by the C library.
cppcheck:
	$(call say,CPPCHECK,'$(FOLDERS)')
	cppcheck --quiet -j 2 --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --library=posix --library=gnu --library=libcurl --library=sqlite3 --library=.ci/cppcheck.cfg \
	    --suppress=readdirCalled --error-exitcode=1 -D_GNU_SOURCE -I. $(FOLDERS)

shape: ## sizes of functions and files, the include graph, cycles (prints, never fails)
	.ci/tree shape

layers: ## who may include whom, one door for each library (fails on a violation)
	.ci/tree layers

headers: ## each header compiles alone, sentei.h as C++ too
	printf '%s\n' $(HEADERS) | xargs -P 2 -I{} sh -c \
	    'echo "#include \"{}\"" | $(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(MPI_CFLAGS) -I. -fsyntax-only -x c -'
	echo '#include "client/sentei.h"' | $(CXX) -std=c++11 -Wall -Wextra -Werror -I. -fsyntax-only -x c++ -

-include $(shell find $(OUT)/obj $(OUT)/plugin -name '*.d' 2>/dev/null)
