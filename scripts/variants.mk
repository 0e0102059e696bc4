# variants.mk - how the variants of a build differ.  Read by the Makefile.

# Each is used only where the compiler knows it (-fcf-protection is of x86).
known = $(shell echo 'int x;' | $(CC) -Werror $(1) -xc -c -o /dev/null - \
	2>/dev/null && echo '$(1)')

HARDEN_CFLAGS := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -ftrivial-auto-var-init=zero
HARDEN_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack
SANITIZE := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all

ifeq ($(VARIANT),release)
VARIANT_CFLAGS := -O2 -g $(HARDEN_CFLAGS) $(call known,-fcf-protection=full)
VARIANT_LDFLAGS := $(HARDEN_LDFLAGS)
else ifeq ($(VARIANT),debug)
VARIANT_CFLAGS := -O1 -g3 -fno-omit-frame-pointer
else ifeq ($(VARIANT),asan)
VARIANT_CFLAGS := $(SANITIZE) -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
VARIANT_CFLAGS := $(SANITIZE) -fsanitize=thread
else ifeq ($(VARIANT),coverage)
VARIANT_CFLAGS := -O0 -g --coverage -fprofile-abs-path
else ifeq ($(VARIANT),fuzz)
CC := clang
VARIANT_CFLAGS := $(SANITIZE) -fsanitize=fuzzer-no-link,address,undefined
else
$(error no variant is called $(VARIANT): release debug asan tsan coverage fuzz)
endif
