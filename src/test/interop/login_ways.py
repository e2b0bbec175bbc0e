"""The ways to log in: an Entrepot of its own for each, in front of Debian's docker-registry. ann may pull, bob may not."""

import re
import subprocess
import time
from pathlib import Path

import login_clients
from harness import golang
from harness.certificate import write_certificate
from harness.checks import Skipped, expect
from harness.entrepot import ROOT, Executable, Jetty, Tomcat
from harness.ports import free_port
from harness.waiting import wait_until
from login_clients import Cell, Login
from login_parts import Authority, Program, tomcat_user, users_file

HERE = Path(__file__).resolve().parent
ANN, BOB = Login("ann", "ann-password"), Login("bob", "bob-password")
PASSWORDS = {"right": ANN, "too little right": BOB, "none": Login(), "wrong": Login("ann", "wrong")}
# A token of ours lives at least so long.
LIFETIME_SECONDS = 60


class Way:
    """A way to log in: the Entrepot that takes it, and who logs in for which outcome."""

    server = Executable
    rule = "user:ann pull ann/**"
    outcomes = PASSWORDS
    authority = None
    # Clients that cannot log in this way.
    without = ()

    def __init__(self, folder):
        self.folder = folder
        self.opened = []
        self.expired = None
        self.expired_at = 0
        self.failed_at = 0
        self.upstream = None
        self.skipped = None

    def launch(self, upstream):
        """Starts what it needs, and waits for no Entrepot."""
        self.folder.mkdir()
        self.upstream = upstream
        try:
            self.prepare()
            settings = {"access": self.rule, "auth.tokenlifetime": f"{LIFETIME_SECONDS}s"} | self.settings()
            self.entrepot = self.opening(self.make(settings))
            self.entrepot.launch()
        except Skipped as e:
            self.skipped = e

    def opening(self, server):
        self.opened.append(server)
        return server

    def prepare(self):
        """Starts what Entrepot asks, if anything."""

    def make(self, settings):
        return self.server(self.folder / "entrepot", self.upstream, settings=settings)

    def settings(self):
        raise NotImplementedError

    def await_start(self):
        if self.skipped:
            raise self.skipped
        entrepot = self.entrepot
        wait_until(120, f"the start of {entrepot.name}", lambda: entrepot.has_ended() or self.answers())
        expect(not entrepot.has_ended(), f"{entrepot.name} has not started: {entrepot.last_words()}")

    def answers(self):
        return self.entrepot.answers()

    @property
    def host(self):
        return f"127.0.0.1:{self.entrepot.port}"

    @property
    def realm(self):
        return f"{'https' if self.authority else 'http'}://{self.host}/v2/token"

    def cell(self, folder, login):
        return Cell(folder, self.host, login, self.authority, self.realm)

    def expired_token(self, folder):
        """A token that holds now, and not for long."""
        bearer = login_clients.token(self.cell(folder, ANN))
        self.expired_at = time.monotonic() + LIFETIME_SECONDS + 1
        return Login(bearer=bearer)

    def close(self):
        while self.opened:
            self.opened.pop().close()


class Users(Way):
    """A file of users."""

    name = "htpasswd"

    def settings(self):
        return {"auth.htpasswd.path": str(users_file(self.folder / "users"))}


class TomcatRealm(Way):
    """Users of tomcat-users.xml, with passwords as tomcat-conf derives them."""

    name = "tomcat_realm"
    server = Tomcat
    rule = "group:pullers pull ann/**"

    def make(self, settings):
        server = Tomcat(self.folder / "entrepot", self.upstream, tls_port=free_port(), settings=settings)
        file = server.folder / "conf/tomcat-users.xml"
        users = tomcat_user("ann", "pullers") + tomcat_user("bob", "others")
        head = file.read_text().rstrip().removesuffix("/>")
        file.write_text(f"{head}>\n{users}</tomcat-users>\n")
        return server

    def settings(self):
        return {"auth.container": "true"}


class JettyRealm(TomcatRealm):
    """Users of a HashLoginService, as docs/servers.md sets it up."""

    name = "jetty_realm"

    def make(self, settings):
        server = Jetty(self.folder / "entrepot", self.upstream, settings=settings)
        page = (ROOT / "docs/servers.md").read_text()
        realm = next(block for block in re.findall(r"```xml\n(.*?)```", page, re.S) if "HashLoginService" in block)
        file = server.folder / "webapps/root.xml"
        file.write_text(file.read_text().replace("</Configure>", f"{realm}</Configure>"))
        (server.folder / "etc/users.properties").write_text("ann: ann-password, pullers\nbob: bob-password, others\n")
        return server


class Directory(Way):
    """Debian's slapd, by LDAPS."""

    name = "slapd"
    rule = "group:ldap:pullers pull ann/**"

    def prepare(self):
        write_certificate(self.folder / "key.pem", self.folder / "certificate.pem")
        (self.folder / "password").write_text("reader-password")
        self.port = free_port()
        command = ["python3", HERE / "directory.py", self.folder, str(free_port()), str(self.port)]
        self.opening(Program(self.folder / "slapd", command, self.port)).start()

    def settings(self):
        return {
            "auth.ldap.url": f"ldaps://127.0.0.1:{self.port}",
            "auth.ldap.ca": str(self.folder / "certificate.pem"),
            "auth.ldap.binddn": "cn=reader,dc=example,dc=com",
            "auth.ldap.bindpasswordfile": str(self.folder / "password"),
            "auth.ldap.userbase": "ou=people,dc=example,dc=com",
            "auth.ldap.groupbase": "ou=groups,dc=example,dc=com",
        }


class Provider(Way):
    """npm's oidc-provider. A token is the password of any user name."""

    name = "oidc_provider"
    rule = "group:oidc.ci:pullers pull ann/**"

    def prepare(self):
        modules = ROOT / "target/oidc-provider"
        modules.mkdir(parents=True, exist_ok=True)
        if not (modules / "node_modules/oidc-provider").is_dir():
            install = ["npm", "install", "--prefix", modules, "--no-audit", "--no-fund", "--silent", "oidc-provider@8.8.1"]
            if subprocess.run(install, timeout=300, check=False).returncode:
                raise Skipped("npm's oidc-provider is not to be had here")
        self.port = free_port()
        command = ["node", HERE / "provider.mjs", str(self.port), modules, "job-secret"]
        self.opening(Program(self.folder / "provider", command, self.port)).start()
        self.short = self.login("short")  # of one second, and clocks may differ by thirty
        self.expired_at = time.monotonic() + 32
        self.outcomes = {
            "right": self.login("cache"),
            "too little right": self.login("stranger"),
            "none": Login(),
            "wrong": self.login("other"),
        }

    def login(self, audience):
        form = ["-d", "grant_type=client_credentials", "-d", "scope=pull", "-d", f"resource=urn:{audience}"]
        command = ["curl", "-sS", "-f", "-u", "ci:job-secret", *form, f"http://127.0.0.1:{self.port}/token"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return Login("any", re.search(r'"access_token":"([^"]+)"', answer)[1])

    def settings(self):
        issuer = f"http://127.0.0.1:{self.port}"
        return {"auth.oidc.names": "ci", "auth.oidc.ci.issuer": issuer, "auth.oidc.ci.audience": "cache"}

    def expired_token(self, folder):
        return self.short


class TokenService(Way):
    """distribution's own token server, which gives everybody the repositories below their name."""

    name = "token_service"
    without = ("crane",)  # it asks no token service on another private address than the registry's

    def prepare(self):
        program = golang.PROGRAMS / "token-server"
        if not program.exists():
            raise Skipped("distribution's token-server is not built")
        self.port = free_port()
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        make_key = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]
        certify = ["openssl", "req", "-x509", "-new", "-key", key, "-days", "2", "-subj", "/CN=tokens", "-out", certificate]
        for command in (make_key, certify):
            subprocess.run(command, check=True, capture_output=True)
        users = users_file(self.folder / "users")
        command = [program, "-addr", f"127.0.0.1:{self.port}", "-issuer", "tokens", "-key", key, "-passwd", users, "-realm", "tokens"]
        self.opening(Program(self.folder / "token-server", command, self.port)).start()

    @property
    def realm(self):
        return f"http://127.0.0.1:{self.port}/token/"

    def make(self, settings):
        del settings["access"], settings["auth.tokenlifetime"]
        return super().make(settings)

    def settings(self):
        certificate = str(self.folder / "certificate.pem")
        service = {"realm": self.realm, "service": "cache", "issuer": "tokens", "rootcertbundle": certificate}
        return {f"auth.token.{name}": value for name, value in service.items()}

    def expired_token(self, folder):
        return None  # its tokens live a quarter of an hour, however it is set up


class Certificate(Way):
    """Client certificates, which `java -jar` asks for."""

    name = "client_certificate"
    rule = "user:tls:ann pull ann/**"
    without = ("crane",)  # it has no option for a certificate

    def prepare(self):
        self.authority = self.folder / "server.pem"
        write_certificate(self.folder / "server.key", self.authority)
        ours, theirs = Authority(self.folder / "ours"), Authority(self.folder / "theirs")
        self.outcomes = {
            "right": Login(certificate=ours.certify("ann")),
            "too little right": Login(certificate=ours.certify("bob")),
            "none": Login(),
            "wrong": Login(certificate=theirs.certify("ann")),
            "expired": Login(certificate=ours.certify("ann", days=-1)),
        }
        self.ours = ours

    def settings(self):
        return {
            "http.tls.certificate": str(self.authority),
            "http.tls.key": str(self.folder / "server.key"),
            "auth.tls.clientca": str(self.ours.file),
            "auth.tls.user": "cn",
        }

    def answers(self):
        command = ["curl", "-s", "-o", "/dev/null", "--cacert", self.authority, f"https://{self.host}/v2/"]
        return subprocess.run(command, check=False).returncode == 0

    def expired_token(self, folder):
        return None


WAYS = (Users, TomcatRealm, JettyRealm, Directory, Provider, TokenService, Certificate)
