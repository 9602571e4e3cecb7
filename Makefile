# SPDX-License-Identifier: Apache-2.0
# The doors to this repository. Each verb does its own set-up first; `make help` lists them.
.PHONY: help build demo test test-kernels fuzz bench lint image container two-machines

help:
	@echo 'make build   set up and build the release: .build/release/saker'
	@echo 'make demo    build, then a live run: a pod is attacked, seen in the kernel, answered, recorded and judged'
	@echo '             INTERACTIVE=1 leaves a pod open for you to attack'
	@echo 'make test    set up, feed the rule loader 10,000 fuzzed inputs, and run all tests'
	@echo 'make test-kernels  run the kernel tests on the stock kernel of Debian too, in QEMU without KVM'
	@echo 'make fuzz    build with libFuzzer and fuzz the rule loader for 30 minutes, or FUZZ_SECONDS'
	@echo 'make bench   build and run the benchmarks against their checked-in thresholds'
	@echo 'make image   build, and make a root filesystem with saker alone: .build/image/saker.tar'
	@echo 'make container     build, and run the container image as its pods would run it, in podman'
	@echo 'make two-machines  build, then an outage between a detector and a responder: nothing may be lost or doubled'
	@echo 'make lint    check the shape of code, rules, playbooks and scripts'

build:
	@scripts/setup
	@scripts/build-release

demo: build
	@scripts/demo

test:
	@scripts/setup-tests
	@fuzz/run short
	@scripts/test

test-kernels:
	@scripts/setup
	@scripts/test-kernels

fuzz:
	@scripts/setup
	@fuzz/run $${FUZZ_SECONDS:-1800}

bench: build
	@scripts/setup-tests
	@bench/run

image: build
	@scripts/image

container: build
	@scripts/container

two-machines: build
	@scripts/setup-tests
	@scripts/two-machines

lint:
	@scripts/setup
	@scripts/lint
