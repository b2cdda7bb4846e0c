# stagex-maint. `make check` and `make demo` also install what a new Debian machine lacks.
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

release = .build/release/stagex-maint
share = $(DESTDIR)$(PREFIX)/share

.PHONY: all build check demo bench format install clean

all: build

# One file that needs no Swift on the machine it runs on: only libgit2, GPGME and gpg.
build:
	scripts/install-dependencies build
	$(SWIFT) build --configuration release --static-swift-stdlib --product stagex-maint

check:
	scripts/install-dependencies check
	scripts/check-scripts
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

demo:
	scripts/install-dependencies demo
	$(SWIFT) build --product stagex-maint
	scripts/demo

bench: build
	scripts/bench

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

install: build
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(share)/stagex-maint/hooks' '$(share)/doc/stagex-maint'
	install -m 755 $(release) '$(DESTDIR)$(PREFIX)/bin/stagex-maint'
	install -m 755 hooks/* '$(share)/stagex-maint/hooks/'
	install -m 644 LICENSE $(wildcard *.md) '$(share)/doc/stagex-maint/'
	for page in $(wildcard man/*.1); do \
	  install -D -m 644 "$$page" "$(share)/man/man1/$${page##*/}" || exit 1; \
	done

clean:
	$(SWIFT) package clean
