# checks.mk - what is run on the code: tests, checkers, sanitizers, fuzzing.
# Read by the Makefile.

.PHONY: test unit check-layers lint format format-check tidy sim sim-program \
	fuzz corpus bench campaign demo mutate coverage valgrind man install uninstall \
	clean help

T ?= 10
N ?= 1000
SEED ?=
TRACE ?=

# The code that is held to the format.
FORMATTED = $(sort $(wildcard include/*/*.h src/*/*.[ch] tests/*.[ch] \
	tests/*/*.[ch]))

# --- every change ------------------------------------------------------------

# The parts run side by side, unless make was told how many jobs it has.
test:
	+$(Q)$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc)) \
		--output-sync=target --no-print-directory test-parts
	@echo 'make test: all is well'

.PHONY: test-parts
test-parts: unit check-layers format-check corpus

unit: $(UNIT)
	$(Q)scripts/unit $(UNIT)

check-layers: alone $(LIB_FILES)
	$(call say,LAYERS,objects)
	$(Q)scripts/layers --objects $(B)
	$(call say,LAYERS,sources)
	$(Q)scripts/layers

format:
	$(Q)clang-format -i $(FORMATTED)

# Only what is newer than the last time all was well.
format-check: $(BUILD)/format.stamp
	@:

$(BUILD)/format.stamp: $(FORMATTED) .clang-format scripts/checks.mk
	$(call say,FORMAT,$(words $?) files)
	$(Q)clang-format --version > /dev/null
	$(Q)printf '%s\n' $(if $(filter-out %.c %.h,$?),$(FORMATTED),$?) | \
		xargs clang-format --dry-run 2>&1 | \
		sed -n 's/:[0-9]*:[0-9]*: warning: .*/: not formatted (make format)/p' | \
		sort -u | awk '{ print } END { exit NR > 0 }'
	$(Q)touch $@

lint: check-layers format-check tidy

tidy:
	$(call say,CPPCHECK,include src)
	$(Q)cppcheck --quiet --std=c11 -j2 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppressions-list=scripts/cppcheck.supp \
		-D_GNU_SOURCE -Iinclude -Isrc src
	$(call say,SHELL,scripts tests/system)
	$(Q)shellcheck -x -S style $$(scripts/list-shell)

# --- simulator ---------------------------------------------------------------

sim-program: $(SIM)

# SEED= one seed, else N= that many from 0 (or from FROM=); TRACE=1 narrates.
sim: sim-program
	$(Q)$(SIM) $(if $(SEED),--seed $(SEED),--from $(or $(FROM),0) -n $(N)) \
		$(if $(TRACE),--trace)

# --- hostile bytes -----------------------------------------------------------

# tests/fuzz/<x>.c is a target, tests/corpus/<x>/ its seeds.  Here they are
# replayed; `make fuzz T=300` looks for new ones, T seconds a target.
corpus: $(FUZZERS:%=$(B)/fuzz/%)
	$(Q)for t in $(FUZZERS); do \
		$(B)/fuzz/$$t tests/corpus/$$t || exit 1; done

fuzz:
	+$(Q)$(MAKE) VARIANT=fuzz fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZERS:%=$(B)/fuzz/%)
	$(Q)for t in $(FUZZERS); do scripts/fuzz $(B)/fuzz/$$t $(T) || exit 1; done

ifeq ($(VARIANT),fuzz)
FUZZ_MAIN := -fsanitize=fuzzer
else
FUZZ_MAIN := $(B)/tests/fuzz/replay.o
endif

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(filter %.o,$(FUZZ_MAIN)) $(LIB_FILES)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter -f%,$(FUZZ_MAIN)) -o $@ \
		$^ $(LIBS)

# --- the thorough ones -------------------------------------------------------

coverage:
	+$(Q)$(MAKE) VARIANT=coverage coverage-run

.PHONY: coverage-run
coverage-run: $(UNIT)
	$(Q)find $(B) -name '*.gcda' -delete
	$(Q)CK_FORK=no scripts/unit $(UNIT)
	$(Q)scripts/coverage $(B)

valgrind:
	+$(Q)$(MAKE) VARIANT=debug valgrind-run

.PHONY: valgrind-run
valgrind-run: $(UNIT)
	$(Q)CK_FORK=no CK_TIMEOUT_MULTIPLIER=20 scripts/unit $(UNIT) \
		valgrind -q --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --error-exitcode=99 \
		--suppressions=scripts/valgrind.supp

mutate: $(UNIT) $(SIM)
	$(Q)scripts/mutate $(B)

# QUICK=1: every measurement once, and shorter.
bench: all $(B)/moot-bench $(B)/tools/history $(B)/tools/noflush.so
	$(Q)QUICK=$(QUICK) TIMES=$(TIMES) SAVE=$(SAVE) scripts/bench $(B)

# As long as they are meant to be; scripts/test takes a taste of each.
campaign: all sim-program
	$(Q)scripts/campaign

demo: all
	$(Q)scripts/demo

# --- putting it in place -----------------------------------------------------

man: docs/moot.1
	$(Q)man -l docs/moot.1

install: all
	install -D -m 755 $(B)/moot $(DESTDIR)$(PREFIX)/bin/moot
	install -D -m 644 docs/moot.1 $(DESTDIR)$(PREFIX)/share/man/man1/moot.1

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/moot
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/moot.1

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#     make/    make/p' Makefile
	@echo '    make debug|asan|tsan    the other variants, in build/<variant>/'
	@echo '    make check-layers format format-check tidy lint'
	@echo '    make sim N=1000         that many seeds of the simulator'
	@echo '    make sim SEED=7 TRACE=1 one of them, narrated'
	@echo '    make fuzz T=60          every decoder, T seconds each'
	@echo '    make campaign           the long tests of real processes'
	@echo '    make coverage valgrind mutate bench demo man'
	@echo '    make install PREFIX=/usr/local, uninstall, clean'
