"""Checks of deploy/compose: there is no Docker daemon to start it."""

import re

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


CLUSTER = FILE.parent / "cluster.yaml"


@check
def three_nodes_of_compose_differ_in_name_address_and_volume_only(run):
    if yaml is None:
        raise Skipped("there is no python3-yaml")
    file = yaml.safe_load(CLUSTER.read_text())
    nodes = {name: service for name, service in file["services"].items() if name in "abc"}
    expect_equal("nodes", ["a", "b", "c"], sorted(nodes))
    rest = []
    for name, service in nodes.items():
        settings = dict(service["environment"])
        own = (settings.pop("ENTREPOT_CLUSTER_NODE"), settings.pop("ENTREPOT_CLUSTER_ADDRESS"))
        expect_equal("name and address", (name, f"http://{name}:5001"), own)
        expect_equal("volume", [f"{name}:/var/lib/entrepot"], service["volumes"])
        expect_equal("rights", (["ALL"], True), (service["cap_drop"], service["read_only"]))
        rest.append({**service, "environment": settings, "volumes": None})
    expect(rest[0] == rest[1] == rest[2], "the nodes have different settings")
    expect_equal("secrets", sorted(rest[0]["secrets"]), sorted(file["secrets"]))
    balanced = re.findall(r"server (\w):5000", (FILE.parent / "nginx.conf").read_text())
    expect_equal("nodes of the balancer", ["a", "b", "c"], balanced)


def is_setting(line):
    """A line of YAML that is a comment, and no sentence."""
    text = line.strip().removeprefix("# ").lstrip()
    return line.strip().startswith("# ") and (text.startswith("- ") or ":" in text) and not text.endswith(".")
