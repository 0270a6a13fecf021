# sentei: build, run, check. 'make help' lists the targets.
#
# One rule per kind of file; a folder is a library, found by its .c files, so
# adding a file needs no change here. DEBUG=1 builds with ASan and UBSan into
# build/debug, CC=clang with clang.
# SPDX-License-Identifier: Apache-2.0

CC       ?= cc
DEBUG    ?= 0
ifeq ($(DEBUG),1)
OUT      ?= build/debug
OPTIMISE ?= -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
else
OUT      ?= build
OPTIMISE ?= -O2
endif
PREFIX   ?= /usr/local

WARN   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
CFLAGS ?= -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -ffp-contract=off $(WARN) $(OPTIMISE) $(CFLAGS) -I. -MMD -MP -pthread
LIBS_launcher = -lmicrohttpd -lsqlite3
LIBS_client   = -lcurl
LIBS_base     = -lyaml -ljansson -lm
LIBS_trainer  = -ldnnl -lopenblas -ljpeg -lpng -lxxhash -lmd $(MPI_LIBS)
MPI_CFLAGS   := $(shell pkg-config --cflags ompi-c 2>/dev/null | sed 's/-I/-isystem /g')
MPI_LIBS     := $(shell pkg-config --libs ompi-c 2>/dev/null)

MAINS    := launcher/sentei.c trainer/sentei-train.c trainer/sentei-data.c
sources   = $(sort $(filter-out $(MAINS),$(shell find $(1) -name '*.c')))
objects   = $(patsubst %.c,$(OUT)/obj/%.o,$(call sources,$(1)))
FOLDERS  := base search client trainer launcher
LIBRARY   = $(OUT)/lib$(1).a
PROGRAMS := $(OUT)/sentei $(OUT)/sentei-train $(OUT)/sentei-data

.DEFAULT_GOAL := all
.PHONY: all help clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) ## build the three programs into build/

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

define library
$(call LIBRARY,$(1)): $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call library,$(f))))

$(OUT)/obj/trainer/%.o: ALL_CFLAGS += $(MPI_CFLAGS)
$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c $< -o $@

$(OUT)/sentei: $(OUT)/obj/launcher/sentei.o $(foreach f,launcher search client base,$(call LIBRARY,$(f)))
	$(CC) $(OPTIMISE) -pthread $(LDFLAGS) -o $@ $^ $(LIBS_launcher) $(LIBS_client) $(LIBS_base)

$(OUT)/sentei-train $(OUT)/sentei-data: $(OUT)/sentei-%: $(OUT)/obj/trainer/sentei-%.o $(foreach f,trainer client base,$(call LIBRARY,$(f)))
	$(CC) $(OPTIMISE) -pthread $(LDFLAGS) -o $@ $^ $(LIBS_trainer) $(LIBS_client) $(LIBS_base)

# --- tests: tests/unit/<folder>/<file>.c mirrors <folder>/<file>.c ----------
UNIT := $(patsubst tests/%.c,$(OUT)/tests/%,$(shell find tests/unit -name '*.c' 2>/dev/null))

unit: $(UNIT) ## build the unit tests (make DEBUG=1 unit)

$(OUT)/tests/unit/trainer/%: LINK = $(foreach f,trainer client base,$(call LIBRARY,$(f))) $(LIBS_trainer) $(LIBS_client) $(LIBS_base)
$(OUT)/tests/%: LINK = $(foreach f,launcher search client base,$(call LIBRARY,$(f))) $(LIBS_launcher) $(LIBS_client) $(LIBS_base)
$(OUT)/tests/%: $(OUT)/obj/tests/%.o $(foreach f,$(FOLDERS),$(call LIBRARY,$(f)))
	@mkdir -p $(@D)
	$(CC) $(OPTIMISE) -pthread $(LDFLAGS) -o $@ $< $(LINK) -lcmocka

clean: ## remove build/
	rm -rf build

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
