# Everything here is a shortcut; the two commands that matter are in README.md.
.DEFAULT_GOAL := help
SHELL := bash
GO ?= go
export CGO_ENABLED = 0

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## start the server on http://localhost:8080
	$(GO) run ./cmd/introspect serve

.PHONY: test
test: ## check everything that this machine can check
	./scripts/test

.PHONY: strict
strict: ## check everything and leave nothing out, as CI does
	./scripts/test --strict

.PHONY: lint
lint: ## run golangci-lint
	golangci-lint run ./...

.PHONY: fmt
fmt: ## format the Go code
	@if command -v golangci-lint >/dev/null; then golangci-lint fmt ./...; else $(GO) fmt ./...; fi

.PHONY: bench
bench: ## run the benchmarks (their table is in docs/performance.md)
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

.PHONY: cover
cover: ## measure the coverage of the tests, per function, in dist/cover.html too
	@mkdir -p dist
	$(GO) test -coverpkg ./... -coverprofile dist/cover.out ./...
	$(GO) tool cover -html dist/cover.out -o dist/cover.html
	@$(GO) tool cover -func dist/cover.out | tail -1

.PHONY: golden
golden: ## rewrite the golden files after a wanted change; read the diff
	$(GO) test ./internal/metric ./internal/scope ./internal/web ./internal/recommend ./internal/contradiction -update
	$(GO) test ./internal/intake -run Golden -update
	$(GO) test ./internal/deploy -run 'Whole|Dry' -update

.PHONY: screenshots
screenshots: ## let a browser go through the whole intake and keep its screens in shots/
	INTROSPECT_SHOTS=$(CURDIR)/shots $(GO) test -count 1 ./internal/story/

.PHONY: build
build: ## build static binaries for every platform into dist/
	@mkdir -p dist
	@for p in $(PLATFORMS); do \
		out=dist/introspect-$${p/\//-}; echo "$$out"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build -trimpath -ldflags '-s -w' -o "$$out" ./cmd/introspect || exit 1; \
	done

.PHONY: release
release: ## build reproducible binaries with checksums and bills of materials into dist/
	$(GO) run ./cmd/release

.PHONY: deploy
deploy: ## deploy this commit to the host (docs/deployment.md); ARGS=--dry-run only checks
	./scripts/deploy.sh $(ARGS)

.PHONY: clean
clean: ## remove what make wrote (never data/)
	rm -rf dist shots
