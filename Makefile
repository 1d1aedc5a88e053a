# The one command surface: the commands of README.md and of .ci/run are targets of this file.

CARGO ?= cargo
QUADRA = $(CARGO) run --release --locked --quiet -p quadra --

# A made-up Province: its files, its ledger and its report, all in one folder that git ignores.
PROVINCE = target/province
NOTICES ?= 2000

.PHONY: run test simulate fuzz lint lint-cloud cloud cloud-test cloud-local oracle bench clean

run: ## the main job on a made-up Province, from its files to its report
	$(CARGO) build --release --locked -p quadra
	@rm -rf $(PROVINCE)
	$(QUADRA) sample --notices $(NOTICES) --seed 1 --out $(PROVINCE)
	$(QUADRA) run $(PROVINCE)/inputs --config $(PROVINCE)/quadra.toml \
		--data $(PROVINCE)/data --out $(PROVINCE)/report --as-of 2026-11-15T08:00:00+01:00

test: lint oracle ## everything that must hold before a change goes in
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --locked --workspace --no-fail-fast \
			&& $(CARGO) test --locked --workspace --doc; \
	else \
		$(CARGO) test --locked --workspace --no-fail-fast; \
	fi
	$(MAKE) cloud-test

simulate: ## the simulator: SEEDS=n seeds from 1, or one again with SEED=n
	SEEDS=$(or $(SEEDS),20000) $(if $(SEED),SEED=$(SEED)) \
		$(CARGO) test --locked -p conformance --test simulator -- --nocapture

fuzz: ## damaged inputs for TIME seconds: of one reader with TARGET=name, else of each in turn
	TIME=$(or $(TIME),60) TARGET=$(TARGET) \
		$(CARGO) test --locked -p fuzz --test readers -- --ignored --nocapture long_run

lint: lint-cloud ## format, lints, documentation, the template of the cloud: a warning fails
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --quiet

# Tools of the cloud, from PyPI, each with what it needs for itself.
CLOUD = target/cloud

lint-cloud: $(CLOUD)/sam/ready $(CLOUD)/checkov/ready ## the template of the cloud: its linters, and what they do not see
	$(CLOUD)/sam/bin/cfn-lint -r eu-south-1 -t infra/template.yaml -a cfn_lint_serverless.rules
	$(CLOUD)/sam/bin/cfn-lint -r us-east-1 -t infra/budget.yaml
	SAM_CLI_TELEMETRY=0 $(CLOUD)/sam/bin/sam validate --lint -t infra/template.yaml --region eu-south-1
	$(CLOUD)/checkov/bin/checkov -f infra/template.yaml infra/budget.yaml --framework cloudformation \
		--skip-download --compact --quiet
	$(CLOUD)/sam/bin/python -m unittest discover -s infra/test

cloud: $(CLOUD)/sam/ready $(CLOUD)/emu/ready
	$(CARGO) build --locked --workspace --bins

cloud-test: cloud ## the functions on an emulator of AWS: the contract of the ports, and the report of make run to the byte
	$(CLOUD)/emu/bin/python infra/test/cloud.py contract test

cloud-local: cloud ## the functions on an emulator of AWS, left running
	$(CLOUD)/emu/bin/python infra/test/cloud.py local

$(CLOUD)/%/ready: infra/requirements-%.txt
	python3 -m venv $(CLOUD)/$*
	$(CLOUD)/$*/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# What the client of IO is tested against and is not ours; without node those tests say that they
# are skipped.
oracle: target/oracle/installed ## the codecs of IO and a stand-in server, for the tests

target/oracle/installed: shared/appio/oracle/package.json
	@mkdir -p target/oracle && cp $< target/oracle/
	@if command -v npm >/dev/null; then \
		npm install --prefix target/oracle --no-package-lock --no-audit --no-fund --ignore-scripts --silent \
			--fetch-timeout 30000 --fetch-retries 5 \
			&& touch $@; \
	else echo "npm is not there: the tests against the codecs of IO will be skipped"; fi

bench: $(CLOUD)/sam/ready $(CLOUD)/emu/ready ## speed, memory and cost, measured
	PYTHONPATH=infra/test python3 bench/program.py
	PYTHONPATH=infra/test $(CLOUD)/emu/bin/python bench/functions.py

clean: ## removes what was built and the made-up Province
	$(CARGO) clean
	rm -rf target
