# Makefile - builds moot and runs its tests.  `make help` lists the targets.
#
# Everything that is made lands under build/<variant>/.  The variants are
# release (the default), debug, asan, tsan, coverage and fuzz:
#
#     make                    the program, build/release/moot
#     make VARIANT=debug      the same, to be debugged
#     make test               what every change must pass, under ten seconds
#     make V=1                shows the commands
#
# The order of the layers stands in docs/layers.txt and nowhere else.

VARIANT ?= release
BUILD ?= build
PREFIX ?= /usr/local
V ?= 0

.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules --no-builtin-variables

B := $(BUILD)/$(VARIANT)
GEN := $(B)/gen

ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
Q := @
say = @:
else ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)'
else
Q :=
say = @:
endif

# --- layers ------------------------------------------------------------------

# Sets LAYERS (highest first), QUIET_LAYERS and BELOW_<layer>.
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
include $(BUILD)/layers.mk
endif

$(BUILD)/layers.mk: docs/layers.txt scripts/layers
	$(Q)mkdir -p $(@D)
	$(Q)scripts/layers --make > $@

# --- flags -------------------------------------------------------------------

CC := gcc
AR := ar

WARN := -Wall -Wextra -Werror -Wshadow -Wswitch-enum -Wvla \
	-Wmissing-prototypes -Wstrict-prototypes -Wundef -Wformat=2 \
	-Wconversion -Wsign-conversion
# The macros of check trip over these two; the tests are held to the others.
WARN_TESTS := $(WARN) -Wno-sign-conversion -Wno-conversion

include scripts/variants.mk

# Instrumented code makes a compiler see ghosts: the two others judge.
ifeq ($(filter release debug,$(VARIANT)),)
WARN := -w
WARN_TESTS := -w
endif

CPPFLAGS_ALL := -D_GNU_SOURCE -Iinclude -Isrc -I$(GEN) $(CPPFLAGS)
CFLAGS_ALL := -std=c11 -fPIE -pthread $(VARIANT_CFLAGS) $(CFLAGS)
LDFLAGS_ALL := -pie -pthread -Wl,--as-needed $(VARIANT_LDFLAGS) $(LDFLAGS)

# What a layer may need of the outside; the quiet half gets no system library.
LIBS_QUIET := -lprotobuf-c -ljansson -lutf8proc -lsodium -lcrypto
LIBS := -lsqlite3 -lev -lmicrohttpd -lcurl -lcares -lreadline -lssl $(LIBS_QUIET)
LIBS_TESTS := -lcheck_pic -lsubunit -lm -lrt
libs_of = $(if $(filter $(1),$(QUIET_LAYERS)),$(LIBS_QUIET),$(LIBS))

# --- what there is -----------------------------------------------------------

PROTOS := $(wildcard src/*/*.proto)
GEN_C := $(PROTOS:src/%.proto=$(GEN)/%.pb-c.c)
GEN_H := $(GEN_C:.c=.h)

srcs_of = $(sort $(wildcard src/$(1)/*.c))
objs_of = $(patsubst %.c,$(B)/%.o,$(call srcs_of,$(1))) \
	$(patsubst %.c,%.o,$(filter $(GEN)/$(1)/%,$(GEN_C)))
lib_of = $(B)/lib/libmoot_$(1).a

# Highest first: what a layer calls is always to its right.
LIB_FILES := $(foreach l,$(LAYERS),$(call lib_of,$(l)))
ALONE := $(foreach l,$(LAYERS),$(B)/alone/$(l))

TEST_DIRS := $(LAYERS) trace
ONLY ?= $(TEST_DIRS)
TEST_SRCS := $(sort $(foreach d,$(ONLY),$(wildcard tests/$(d)/*.c)))
SUITES := $(sort $(foreach d,$(ONLY),$(wildcard tests/$(d)/test_*.c)))
SIM_OWN := tests/sim/main.c tests/sim/model_sign.c tests/sim/real_sign.c
SIM_SRCS := $(sort $(filter-out $(SIM_OWN),\
	$(wildcard tests/sim/*.c)))
TOOL_SRCS := $(sort $(wildcard tests/tools/*.c))
TOOLS := $(TOOL_SRCS:tests/tools/%.c=$(B)/tools/%) \
	$(patsubst tests/preload/%.c,$(B)/tools/%.so,$(wildcard tests/preload/*.c))
BENCH_SRCS := $(sort $(wildcard tests/bench/*.c))
FUZZ_SRCS := $(sort $(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
FUZZERS := $(FUZZ_SRCS:tests/fuzz/%.c=%)

PROGRAM := $(if $(wildcard src/app/main.c),$(B)/moot)
SIM := $(if $(wildcard tests/sim/main.c),$(B)/moot-sim)
UNIT := $(B)/tests/unit

# --- program -----------------------------------------------------------------

.PHONY: all libs alone tools unit-runner debug asan tsan
all: $(PROGRAM) alone

debug asan tsan:
	+$(Q)$(MAKE) VARIANT=$@ all unit-runner tools $(if $(SIM),sim-program)

libs: $(LIB_FILES)
alone: $(ALONE)
tools: $(TOOLS)
unit-runner: $(UNIT)

$(B)/moot: $(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# Each layer is linked once with nothing but the layers below it: a call to a
# layer above, or to a neighbour, is an undefined reference.  Within the program
# the order of the archives alone would not do, because a member that was
# pulled in for a higher layer's sake is there for all.
define alone_rule
$(B)/alone/$(1): $(call lib_of,$(1)) $(foreach l,$(BELOW_$(1)),$(call lib_of,$(l)))
	$$(call say,ALONE,$(1))
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -nostartfiles -Wl,-e,0 -Wl,--defsym=__dso_handle=0 -o $$@ \
		-Wl,--whole-archive $$< -Wl,--no-whole-archive \
		$$(filter-out $$<,$$^) $(call libs_of,$(1))
endef
$(foreach l,$(LAYERS),$(eval $(call alone_rule,$(l))))

# --- objects and archives ----------------------------------------------------

OBJS := $(foreach l,$(LAYERS),$(call objs_of,$(l)))
TEST_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/*.c) $(TEST_SRCS) \
	$(wildcard tests/sim/*.c) $(TOOL_SRCS) $(wildcard tests/fuzz/*.c) \
	$(BENCH_SRCS))
-include $(OBJS:.o=.d) $(TEST_OBJS:.o=.d)

$(B)/src/%.o: src/%.c | $(GEN_H)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(WARN) -MMD -MP -c -o $@ $<

$(B)/tests/%.o: tests/%.c | $(GEN_H)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) $(WARN_TESTS) -MMD -MP \
		-c -o $@ $<

$(GEN)/%.o: $(GEN)/%.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -w -MMD -MP -c -o $@ $<

$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h &: src/%.proto
	$(call say,PROTOC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --proto_path=src --c_out=$(GEN) $<

# An archive is made anew when the list of its members changes.
define lib_rule
$(call lib_of,$(1)): $(call objs_of,$(1)) $(B)/lib/$(1).list
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$(filter %.o,$$^)
endef
$(foreach l,$(LAYERS),$(eval $(call lib_rule,$(l))))

$(B)/lib/%.list: FORCE
	$(Q)scripts/if-changed $@ '$(call objs_of,$*)'

.PHONY: FORCE
FORCE:
.SECONDARY:

# --- tests -------------------------------------------------------------------

# tests/<dir>/test_<x>.c defines suite_<dir>_<x>(); the runner calls them all.
$(GEN)/tests/suites.list: FORCE
	$(Q)scripts/if-changed $@ '$(SUITES)'

$(GEN)/tests/suites.c: $(GEN)/tests/suites.list scripts/suites
	$(Q)scripts/suites < $< > $@

$(GEN)/tests/suites.o: $(GEN)/tests/suites.c tests/runner.h
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) $(WARN) -c -o $@ $<

$(B)/lib/libtest_words.a: $(B)/tests/words.o $(B)/tests/cast.o \
		$(B)/tests/crashvfs.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/lib/libtest_sim.a: $(SIM_SRCS:%.c=$(B)/%.o) $(B)/lib/test_sim.list
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(B)/lib/test_sim.list: FORCE
	$(Q)scripts/if-changed $@ '$(SIM_SRCS)'

TEST_LIBS := $(B)/lib/libtest_sim.a $(B)/lib/libtest_words.a

# The tests of a directory become one object that shows nothing but its suites:
# the words they share among themselves are not in the way of others.
TEST_PARTS := $(foreach d,$(sort $(notdir $(patsubst %/,%,$(dir $(TEST_SRCS))))),\
	$(B)/tests/all-$(d).o)
define part_rule
$(B)/tests/all-$(1).o: $(patsubst %.c,$(B)/%.o,$(filter tests/$(1)/%,$(TEST_SRCS))) \
		$(GEN)/tests/suites.list
	$$(Q)ld -r -o $$@ $$(filter %.o,$$^)
	$$(Q)objcopy --wildcard --keep-global-symbol='suite_*' $$@
endef
$(foreach d,$(TEST_DIRS),$(eval $(call part_rule,$(d))))

$(UNIT): $(B)/tests/runner.o $(GEN)/tests/suites.o $(TEST_PARTS) $(TEST_LIBS) \
		$(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LIBS_TESTS)

# The simulator by itself.  model_sign.c, put before the archives, replaces
# ident/sign.c there: the seeds test what is done with signatures, not Ed25519
# (unless the databases are real, too).
$(B)/moot-sim: $(SIM_OWN:%.c=$(B)/%.o) $(TEST_LIBS) $(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LIBS_TESTS)

$(B)/tools/%: $(B)/tests/tools/%.o $(TEST_LIBS) $(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) $(LIBS_TESTS)

# To be put before the C library of the program under test.
$(B)/tools/%.so: tests/preload/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

$(B)/moot-bench: $(BENCH_SRCS:%.c=$(B)/%.o) $(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

include scripts/checks.mk
