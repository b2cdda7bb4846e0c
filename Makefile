# stagex-maint. `make check` and `make demo` also install what a new Debian machine lacks.
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

release = .build/release/stagex-maint
manual = .build/plugins/GenerateManual/outputs/stagex-maint
share = $(DESTDIR)$(PREFIX)/share

.PHONY: all build check demo bench format man install clean
# Two runs of swift in one folder wait for each other; and `man` leaves another release binary than `build`.
.NOTPARALLEL:

all: build

# One file that needs neither Swift nor libraries on the machine it runs on, only gpg.
# LIBRARIES=shared: with the machine's libgit2 and GPGME as shared libraries.
build:
	scripts/install-dependencies build
	scripts/with-static-libraries $(SWIFT) build --configuration release --static-swift-stdlib --product stagex-maint

check:
	scripts/install-dependencies check
	scripts/check-scripts
	scripts/check-layers
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m unittest discover --quiet -s Tests/VirtualCard/tests -t Tests/VirtualCard
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	bench/instructions --debug

demo:
	scripts/install-dependencies demo
	$(SWIFT) build --product stagex-maint
	scripts/demo

bench: build
	scripts/bench

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

man:
	scripts/install-dependencies build
	$(SWIFT) package plugin generate-manual --multi-page

install: man build
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(share)/stagex-maint/hooks' '$(share)/doc/stagex-maint' '$(share)/man/man1'
	install -m 755 $(release) '$(DESTDIR)$(PREFIX)/bin/stagex-maint'
	install -m 755 hooks/* '$(share)/stagex-maint/hooks/'
	install -m 644 LICENSE $(wildcard *.md) '$(share)/doc/stagex-maint/'
	install -m 644 $(manual)/*.1 '$(share)/man/man1/'

clean:
	$(SWIFT) package clean
