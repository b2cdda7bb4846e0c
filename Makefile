# stagex-maint. `make check` and `make demo` also install what a new Debian machine lacks.
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# How long `make fuzz` spends on each parser, in seconds.
TIME ?= 60

release = .build/release/stagex-maint
share = $(DESTDIR)$(PREFIX)/share

.PHONY: all build check demo bench fuzz fuzz-coverage format man completions install release deb clean
# Two runs of swift in one folder wait for each other.
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
	scripts/check-house
	scripts/check-text
	scripts/check-duplicates
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m unittest discover --quiet -s Tests/VirtualCard/tests -t Tests/VirtualCard
	$(SWIFT) build --build-tests
	scripts/run-tests "$$($(SWIFT) build --build-tests --show-bin-path)/stagex-maintPackageTests.xctest"
	bench/instructions --debug
	@scripts/run-tests --skipped

demo:
	scripts/install-dependencies demo
	$(SWIFT) build --product stagex-maint
	scripts/demo

bench: build
	scripts/bench

# Each parser of untrusted bytes for TIME seconds; and how much of them that reaches.
fuzz:
	scripts/install-dependencies build
	scripts/fuzz --all $(TIME)

fuzz-coverage:
	scripts/install-dependencies build
	scripts/fuzz --coverage

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

# What the program says of itself, as pages and completions: .build/man, .build/completions.
man: build
	rm -rf .build/man
	$(release) man --directory .build/man

completions: build
	mkdir -p .build/completions
	$(release) completions bash >.build/completions/stagex-maint
	$(release) completions zsh >.build/completions/_stagex-maint
	$(release) completions fish >.build/completions/stagex-maint.fish

install: build man completions
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(share)/stagex-maint/hooks' '$(share)/stagex-maint/ci' '$(share)/doc/stagex-maint' '$(share)/man/man1'
	install -d '$(share)/bash-completion/completions' '$(share)/zsh/site-functions' '$(share)/fish/vendor_completions.d'
	install -m 755 $(release) '$(DESTDIR)$(PREFIX)/bin/stagex-maint'
	install -m 755 hooks/* '$(share)/stagex-maint/hooks/'
	install -m 644 ci/*.yml '$(share)/stagex-maint/ci/'
	install -m 644 LICENSE $(wildcard *.md) $(wildcard docs/*) '$(share)/doc/stagex-maint/'
	install -m 644 .build/man/*.1 '$(share)/man/man1/'
	install -m 644 .build/completions/stagex-maint '$(share)/bash-completion/completions/'
	install -m 644 .build/completions/_stagex-maint '$(share)/zsh/site-functions/'
	install -m 644 .build/completions/stagex-maint.fish '$(share)/fish/vendor_completions.d/'

# dist/: the stripped program, built twice in different folders to the same bytes, with its checksum and bill of materials.
release:
	scripts/install-dependencies build
	scripts/release

# dist/*.deb of it.
deb:
	scripts/deb "$$(ls -t dist/stagex-maint-*-linux-"$$(uname -m)" | head -n 1)"

clean:
	$(SWIFT) package clean
