"""Checks of deploy/compose: there is no Docker daemon to start it."""

from harness.checks import Skipped, check, expect, expect_equal
from harness.entrepot import ROOT

try:
    import yaml
except ImportError:
    yaml = None

FILE = ROOT / "deploy/compose/compose.yaml"


@check
def service_of_compose_has_no_rights_and_builds_the_image(run):
    if yaml is None:
        raise Skipped("there is no python3-yaml")
    service = yaml.safe_load(FILE.read_text())["services"]["entrepot"]
    dockerfile = (FILE.parent / service["build"]["context"] / service["build"]["dockerfile"]).resolve()
    expect(dockerfile.is_file(), f"{dockerfile} does not exist")
    expect_equal("root", True, service["read_only"])
    expect_equal("rights", (["ALL"], ["no-new-privileges:true"]), (service["cap_drop"], service["security_opt"]))
    expect_equal("health check", ["CMD", "/opt/entrepot/health"], service["healthcheck"]["test"])
    expect_equal("storage", ["entrepot:/var/lib/entrepot"], service["volumes"])


@check
def secret_of_compose_is_complete_when_its_lines_are_opened(run):
    if yaml is None:
        raise Skipped("there is no python3-yaml")
    lines = FILE.read_text().splitlines()
    opened = [line.replace("# ", "", 1) if is_setting(line) else line for line in lines]
    file = yaml.safe_load("\n".join(opened))
    service = file["services"]["entrepot"]
    expect_equal("secrets", ["upstream_password"], service["secrets"])
    expect_equal("file", "/run/secrets/upstream_password", service["environment"]["ENTREPOT_PROXY_PASSWORDFILE"])
    expect_equal("source", {"upstream_password": {"file": "./upstream_password"}}, file["secrets"])


def is_setting(line):
    """A line of YAML that is a comment, and no sentence."""
    text = line.strip().removeprefix("# ").lstrip()
    return line.strip().startswith("# ") and (text.startswith("- ") or ":" in text) and not text.endswith(".")
