"""Checks of the Helm chart, by helm: it has no cluster to install the chart in."""

import functools
import subprocess

from harness import golang
from harness.checks import Skipped, check, expect, expect_equal
from harness.entrepot import ROOT

try:
    import yaml
except ImportError:
    yaml = None

CHART = ROOT / "deploy/helm/entrepot"
HELM = "helm.sh/helm/v3/cmd/helm"
# A helm that is built from its module does not know for which Kubernetes it was made.
KUBERNETES = ["--kube-version", "1.31.0"]


@functools.cache
def program():
    return golang.build(ROOT / "src/test/interop/clients", HELM)


def helm(*arguments):
    return subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=60, check=False)


@functools.cache
def rendered(*settings):
    """What the chart makes, by kind."""
    if yaml is None:
        raise Skipped("there is no python3-yaml")
    options = [word for setting in settings for word in ("--set", setting)]
    done = helm("template", "cache", str(CHART), "--namespace", "registry", *KUBERNETES, *options)
    expect(done.returncode == 0, done.stderr[-1000:])
    return {thing["kind"]: thing for thing in yaml.safe_load_all(done.stdout) if thing}


def pod(things):
    return things["Deployment"]["spec"]["template"]["spec"]


@check
def chart_is_without_a_fault(run):
    done = helm("lint", "--strict", str(CHART))
    expect(done.returncode == 0, done.stdout[-1000:])


@check
def pod_has_no_rights_and_a_read_only_root(run):
    made = pod(rendered())
    container = made["containers"][0]
    expect_equal("user", (True, 65532), (made["securityContext"]["runAsNonRoot"], made["securityContext"]["runAsUser"]))
    expect_equal(
        "rights",
        {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        container["securityContext"],
    )
    expect_equal("token of the cluster", False, made["automountServiceAccountToken"])
    expect_equal("folders that are written to", ["/var/lib/entrepot", "/tmp"], written(container))


def written(container):
    return [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")]


@check
def probes_ask_what_is_open_to_everybody(run):
    container = pod(rendered())["containers"][0]
    for name, word in (("startupProbe", "live"), ("livenessProbe", "live"), ("readinessProbe", "ready")):
        asked = container[name]["httpGet"]
        expect_equal(name, (f"/api/health/{word}", "HTTP"), (asked["path"], asked["scheme"]))
    tls = pod(rendered("config.http.tls.certificate=/run/secrets/tls/tls.crt"))["containers"][0]
    expect_equal("with TLS", "HTTPS", tls["livenessProbe"]["httpGet"]["scheme"])


@check
def volume_is_kept_and_has_one_owner(run):
    things = rendered()
    expect_equal("policy", "keep", things["PersistentVolumeClaim"]["metadata"]["annotations"]["helm.sh/resource-policy"])
    expect_equal("an update", "Recreate", things["Deployment"]["spec"]["strategy"]["type"])
    expect_equal("replicas", 1, things["Deployment"]["spec"]["replicas"])
    other = rendered("persistence.existingClaim=mine")
    expect("PersistentVolumeClaim" not in other, "a claim is made beside the one that exists")
    expect_equal("claim", "mine", pod(other)["volumes"][0]["persistentVolumeClaim"]["claimName"])


@check
def secrets_are_named_and_not_held(run):
    things = rendered("secretFiles[0].name=hub", "secretFiles[0].secretName=hub-account", "secretEnv[0]=more")
    expect("Secret" not in things, "the chart makes a secret")
    container = pod(things)["containers"][0]
    expect_equal("variables", [{"secretRef": {"name": "more"}}], container["envFrom"])
    mount = container["volumeMounts"][-1]
    expect_equal("file", ("/run/secrets/hub", True), (mount["mountPath"], mount["readOnly"]))
    expect_equal("secret", "hub-account", pod(things)["volumes"][-1]["secret"]["secretName"])


@check
def network_is_closed_but_for_what_is_needed(run):
    spec = rendered()["NetworkPolicy"]["spec"]
    expect_equal("types", ["Ingress", "Egress"], spec["policyTypes"])
    expect_equal("in", [{"ports": [{"port": "registry"}]}], spec["ingress"])
    expect_equal("ports out", [53, 53, 443], [port["port"] for rule in spec["egress"] for port in rule["ports"]])
    narrow = rendered("networkPolicy.from[0].podSelector.matchLabels.app=builder")["NetworkPolicy"]["spec"]
    expect_equal("from", [{"podSelector": {"matchLabels": {"app": "builder"}}}], narrow["ingress"][0]["from"])


@check
def service_monitor_is_made_on_request(run):
    expect("ServiceMonitor" not in rendered(), "a ServiceMonitor without the operator stops the installation")
    things = rendered("serviceMonitor.enabled=true")
    endpoint = things["ServiceMonitor"]["spec"]["endpoints"][0]
    expect_equal("endpoint", ("registry", "/metrics"), (endpoint["port"], endpoint["path"]))
    labels = things["Service"]["metadata"]["labels"]
    wanted = things["ServiceMonitor"]["spec"]["selector"]["matchLabels"]
    expect(wanted.items() <= labels.items(), f"{wanted} does not select the service {labels}")


@check
def configuration_is_what_was_given_and_what_the_chart_needs(run):
    things = rendered("config.proxy.ttl=24h", "config.http.addr=:1")
    config = yaml.safe_load(things["ConfigMap"]["data"]["config.yml"])
    expect_equal("ttl", "24h", config["proxy"]["ttl"])
    expect_equal("address, which the service knows", ":5000", config["http"]["addr"])
    expect_equal("folder", "/var/lib/entrepot", config["storage"]["filesystem"]["rootdirectory"])
    before = rendered()["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    after = things["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    expect(before != after, "a changed configuration starts no new pod")


THREE = CHART.parent / "three-nodes.yaml"


@functools.cache
def three_nodes():
    """What the chart makes of the values for three nodes, by kind and name."""
    if yaml is None:
        raise Skipped("there is no python3-yaml")
    done = helm("template", "cache", str(CHART), "--namespace", "registry", *KUBERNETES, "-f", str(THREE))
    expect(done.returncode == 0, done.stderr[-1000:])
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in yaml.safe_load_all(done.stdout) if thing}


@check
def values_for_three_nodes_are_without_a_fault(run):
    done = helm("lint", "--strict", str(CHART), "-f", str(THREE))
    expect(done.returncode == 0, done.stdout[-1000:])


@check
def each_of_three_nodes_has_a_name_a_volume_and_the_secret(run):
    things = three_nodes()
    expect(not any(kind in ("Deployment", "PersistentVolumeClaim") for kind, _ in things), f"made: {list(things)}")
    spec = things["StatefulSet", "cache-entrepot"]["spec"]
    expect_equal("replicas", 3, spec["replicas"])
    (claim,) = spec["volumeClaimTemplates"]
    expect_equal("volume of each", ("storage", "50Gi"), (claim["metadata"]["name"], claim["spec"]["resources"]["requests"]["storage"]))
    made = spec["template"]["spec"]
    expect("storage" not in [volume["name"] for volume in made["volumes"]], "all nodes have one volume")
    variables = {each["name"]: each.get("value") for each in made["containers"][0]["env"]}
    expect_equal("address", "http://$(ENTREPOT_CLUSTER_NODE).cache-entrepot-nodes:5001", variables["ENTREPOT_CLUSTER_ADDRESS"])
    expect(list(variables).index("ENTREPOT_CLUSTER_NODE") < list(variables).index("ENTREPOT_CLUSTER_ADDRESS"), "the name comes too late")
    secret = next(volume["secret"] for volume in made["volumes"] if volume["name"] == "cluster")
    expect_equal("the secret is for the group only", ("entrepot-cluster", 0o440), (secret["secretName"], secret["defaultMode"]))
    expect_equal("names of nodes", "None", things["Service", "cache-entrepot-nodes"]["spec"]["clusterIP"])
    expect_equal("updates", 1, things["PodDisruptionBudget", "cache-entrepot"]["spec"]["maxUnavailable"])


@check
def only_nodes_reach_the_port_of_nodes(run):
    spec = three_nodes()["NetworkPolicy", "cache-entrepot"]["spec"]
    to_nodes = [rule for rule in spec["ingress"] if {"port": "nodes"} in rule["ports"]]
    own = {"app.kubernetes.io/name": "entrepot", "app.kubernetes.io/instance": "cache"}
    expect_equal("from", [{"podSelector": {"matchLabels": own}}], to_nodes[0]["from"])
    expect_equal("ports out", [53, 53, 443, 5001, 5432], [port["port"] for rule in spec["egress"] for port in rule["ports"]])


@check
def cluster_without_a_secret_is_refused(run):
    done = helm("template", "cache", str(CHART), *KUBERNETES, "--set", "cluster.enabled=true")
    expect(done.returncode != 0 and "secretName" in done.stderr, f"wanted a refusal, got {done.stderr[-300:]}")


@check
def misspelt_value_is_refused(run):
    done = helm("template", "cache", str(CHART), *KUBERNETES, "--set", "persistance.size=1Gi")
    expect(done.returncode != 0 and "persistance" in done.stderr, f"wanted a refusal, got {done.stderr[-300:]}")
