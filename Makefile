# SPDX-License-Identifier: MIT
#
# deconform: reference and verification suite for transposed convolution.
# `make` alone prints the goals; `make deps verify` is the main job.

# ---- what a packager or a user may change ---------------------------------

ifeq ($(origin CC),default) # make's own `cc`, which `?=` would keep
CC       := gcc
endif
CFLAGS   ?= -O2 -g
TIER     ?= ci
IMPL     ?= fast
VS       ?=
JOBS     ?=
PREFIX   ?= /usr/local
FLAVOUR  ?= release
SAN      ?=
COVERAGE ?=

# ---- how it is built -------------------------------------------------------

B       := .build/$(FLAVOUR)
BIN     := $(if $(filter release,$(FLAVOUR)),./deconform,$(B)/deconform)
PLUGINS := $(if $(filter release,$(FLAVOUR)),.build/plugins,$(B)/plugins)

WARN  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
         -Wmissing-prototypes -Wwrite-strings -Wvla
BASE  := -std=c11 -D_GNU_SOURCE -fPIC -pthread -ffp-contract=off -fno-fast-math
FLAGS  = $(BASE) $(WARN) $(CFLAGS) -I. -I/usr/include/libxml2 -I$(B)/proto \
         $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all) \
         $(if $(COVERAGE),--coverage -fprofile-update=atomic)
LIBS  := -lmpfr -lgmp -ljansson -lxml2 -lzip -lprotobuf-c -lnettle -ldl -lm

# Every C file of a tree, at any depth; adapters have a build of their own.
below    = $(foreach d,$(wildcard $(1)/*),$(filter %.c %.h,$d) $(call below,$d))
ROOMS   := $(call below,ref) $(call below,cases) $(call below,oracle) \
           $(call below,fast)
TESTC   := $(call below,tests)
ALLC    := $(ROOMS) $(TESTC)
MAINS   := oracle/main.c fast/plugin.c fast/packed.c fast/sample.c
SOURCES := $(filter-out $(MAINS) oracle/adapters/%,$(filter %.c,$(ROOMS)))
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(B)/proto/onnx.pb-c.o
TESTS   := $(foreach t,$(filter %.c,$(TESTC)), \
             $(if $(filter test_%,$(notdir $t)),$(t:%.c=$(B)/%)))
TESTSO  := $(patsubst tests/plugins/%.c,$(PLUGINS)/%.so, \
             $(filter tests/plugins/%.c,$(TESTC)))
FASTSRC := $(filter fast/%,$(SOURCES)) fast/plugin.c
FASTSO  := $(addprefix $(PLUGINS)/,fast.so fast-packed.so sample.so)

# ---- packages, by the goal that needs them --------------------------------

PKG_build    := gcc libc6-dev make libmpfr-dev libgmp-dev libcmocka-dev \
                libjansson-dev libxml2-dev libzip-dev nettle-dev \
                libprotobuf-c-dev protobuf-c-compiler
PKG_test     := python3 python3-numpy python3-jsonschema
PKG_lint     := clang clang-format python3
PKG_sanitize := clang
PKG_coverage := lcov
PKG_adapters := libdnnl-dev libxnnpack-dev libpthreadpool-dev python3 \
                python3-torch python3-numpy libopenblas0-pthread
PKG_fuzz     := clang
GOALPKGS      = $(PKG_build) $(foreach g,$(MAKECMDGOALS),$(PKG_$(g)))

.DEFAULT_GOAL := help
.PHONY: help deps all verify self-check test bench vectors adapters coverage \
        lint sanitize fuzz format install clean

help: ## print this list
	@grep -hE '^[a-z-]+:.*##' Makefile | \
	  awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

deps: ## install what the goals named beside it need (Debian, Ubuntu)
	@missing=; for p in $(sort $(GOALPKGS)); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | \
	    grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "deps: please install:$$missing" >&2; exit 1; fi; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	echo "deps: installing$$missing"; \
	$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  $$sudo apt-get install -qq -y --no-install-recommends $$missing >/dev/null

# With `deps` among the goals everything else waits for it, also under -j.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(filter-out deps,$(MAKECMDGOALS)) lint-gcc lint-clang sanitize-gcc sanitize-clang \
  $(OBJECTS) $(MAINS:%.c=$(B)/%.o) $(TESTS:%=%.o) $(TESTSO) $(FASTSO): | deps
endif

# ---- goals -----------------------------------------------------------------

all: $(BIN) $(FASTSO) ## build ./deconform and the plug-ins of fast/

verify: all ## the main job: self-check, then judge IMPL on TIER
	$(BIN) self-check
	$(BIN) verify --impl $(IMPL) --tier $(TIER) $(if $(JOBS),--jobs $(JOBS))

self-check: all ## is the judge itself sound?
	$(BIN) self-check

test: all $(TESTS) $(TESTSO) ## cmocka programs, each under a time limit
	@B=$(B) BIN=$(BIN) PLUGINS=$(PLUGINS) sh tests/run.sh $(TESTS)

bench: all ## speed of IMPL, beside VS="onednn onednn-plain ..."
	$(BIN) bench --impl $(IMPL) $(VS:%=--vs %)

vectors: all ## make the checked-in golden pack again; it must not change
	@rm -rf .build/golden
	$(BIN) vectors .build/golden --format json \
	  $$(sed 's/^/--case /' cases/pack/golden.txt)
	diff -r cases/pack/golden .build/golden

adapters: all ## build the adapters whose libraries are here, name the others
	@CC="$(CC)" PLUGINS=$(PLUGINS) sh oracle/adapters/build.sh

coverage: ## lcov report in .build/coverage/html, floors enforced
	@sh coverage/run.sh

lint: lint-gcc lint-clang ## include direction, formatting, warnings as errors
	@sh tests/lint.sh

# clang warns while it reads, gcc also while it optimises.
lint-gcc: HOW = -O1
lint-clang: HOW = -fsyntax-only
lint-gcc lint-clang: lint-%:
	@echo "lint: $*"
	@$(MAKE) -s CC=$* FLAVOUR=lint-$* CFLAGS="$(HOW) -Werror" lint-objects

.PHONY: lint-objects lint-gcc lint-clang sanitize-gcc sanitize-clang
lint-objects: $(OBJECTS) $(MAINS:%.c=$(B)/%.o) $(TESTS:%=%.o) \
  $(TESTSO:$(PLUGINS)/%.so=$(B)/tests/plugins/%.o)

# One compiler after the other: the test programs alone fill the machine.
sanitize: ## the tests under address and undefined
	@$(MAKE) -s sanitize-gcc
	@$(MAKE) -s sanitize-clang

# Both compilers share AddressSanitizer's runtime, so one of them has it; what
# they know of undefined behaviour differs.
sanitize-gcc: CHECKS = address,undefined
sanitize-clang: CHECKS = undefined
sanitize-gcc sanitize-clang: sanitize-%:
	@echo "sanitize: $*"
	@TEST_LIMIT=1800 $(MAKE) -s CC=$* FLAVOUR=san-$* SAN=$(CHECKS) \
	  CFLAGS="-O1 -g -fno-omit-frame-pointer" test

fuzz: ## fuzz the parsers for a minute
	@sh tests/fuzz.sh

format: ## clang-format every C file in place
	clang-format -i $(ALLC)

install: all ## copy the binary and the public header below PREFIX
	install -D -m 755 deconform $(DESTDIR)$(PREFIX)/bin/deconform
	install -D -m 644 ref/deconform.h $(DESTDIR)$(PREFIX)/include/deconform.h

clean: ## remove everything that was built
	rm -rf .build deconform

# ---- rules -----------------------------------------------------------------

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c $< -o $@

# The messages of ONNX: generated, never in git.
$(B)/proto/onnx.pb-c.h: cases/pack/onnx.proto
	@mkdir -p $(@D)
	protoc-c -I cases/pack --c_out=$(@D) $<
$(B)/proto/onnx.pb-c.c: $(B)/proto/onnx.pb-c.h ;
$(B)/proto/onnx.pb-c.o: $(B)/proto/onnx.pb-c.c
	$(CC) $(filter-out -W%,$(FLAGS)) -c $< -o $@
$(B)/cases/pack/pack_onnx.o $(B)/cases/pack/pack_onnx_read.o: $(B)/proto/onnx.pb-c.h

$(B)/rooms.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BIN): $(B)/oracle/main.o $(B)/rooms.a
	$(CC) $(FLAGS) $^ -o $@ $(LIBS)

$(B)/tests/%: $(B)/tests/%.o $(B)/rooms.a
	$(CC) $(FLAGS) $^ -o $@ $(LIBS) -lcmocka

$(PLUGINS)/fast.so: $(FASTSRC:%.c=$(B)/%.o)
$(PLUGINS)/fast-packed.so: $(patsubst %/plugin.o,%/packed.o, \
                             $(FASTSRC:%.c=$(B)/%.o))
$(PLUGINS)/sample.so: $(B)/fast/sample.o
$(FASTSO):
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -shared $^ -o $@ -lm

$(PLUGINS)/%.so: tests/plugins/%.c
	@mkdir -p $(@D) $(B)/tests/plugins
	$(CC) $(FLAGS) -MMD -MP -MF $(B)/tests/plugins/$*.d -shared $< -o $@ -lm

.SECONDARY:
-include $(patsubst %.c,$(B)/%.d,$(filter %.c,$(ALLC)))
