"""The subjects of a run, each with its cache in a fresh folder."""

import getpass
import os
import tempfile

from harness.checks import need_program
from harness.entrepot import Executable, Jetty, Tomcat
from harness.registry import Registry
from harness.server import Server

FRESH = "fresh"
"""A tag that begins with this is served for an hour without asking; all others are revalidated each time."""

TAGS = f"{FRESH}*=1h"


def new_server(cls, work, upstream=None, heap="512m", **options):
    """A server in a folder of its own; those of Entrepot all with the same settings."""
    if cls.is_entrepot:
        java_options = os.environ.get("BENCH_JAVA_OPTIONS", "").split()
        # All clients of a herd come from this machine.
        settings = {"proxy.tags": TAGS, "http.maxperclient": "0"} | options.pop("settings", {})
        options |= {"settings": settings, "heap": heap, "java_options": java_options}
    else:
        options.pop("settings", None)
    return cls(tempfile.mkdtemp(prefix=f"{cls.name}-", dir=work), upstream, **options)


def drop_large(server):
    """Deletes large files from the cache, so that the cold cases do not fill the disk."""
    for file in server.data.rglob("*"):
        if file.is_file() and file.stat().st_size > 1 << 20 and "index" not in file.parts:
            file.unlink(missing_ok=True)


class Distribution(Registry):
    name = "distribution-v3"
    program = os.environ.get("BENCH_DISTRIBUTION", "registry")


class Zot(Server):
    name = "zot"
    program = os.environ.get("BENCH_ZOT", "zot")

    def prepare(self):
        need_program(self.program)
        (self.folder / "config.json").write_text(
            f"""{{"storage": {{"rootDirectory": "{self.data}"}},
"http": {{"address": "127.0.0.1", "port": "{self.port}"}}, "log": {{"level": "error"}},
"extensions": {{"sync": {{"enable": true, "registries": [{{"urls": ["{self.upstream}"], "onDemand": true,
"tlsVerify": false, "content": [{{"prefix": "**"}}]}}]}}}}}}"""
        )

    def command(self):
        return [self.program, "serve", "config.json"]


class Nginx(Server):
    """nginx as a cache with a lock, which knows nothing of registries: it asks about nothing for an hour."""

    name = "nginx"

    def prepare(self):
        need_program("nginx")
        (self.folder / "nginx.conf").write_text(
            f"""
daemon off;
user {getpass.getuser()};
pid {self.folder}/pid;
worker_processes auto;
worker_rlimit_nofile 65536;
events {{ worker_connections 8192; }}
http {{
  access_log {self.folder}/access.log;
  sendfile on; tcp_nopush on; keepalive_requests 100000;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/temp;
  fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  proxy_cache_path {self.data} levels=1:2 keys_zone=registry:64m max_size=200g inactive=7d use_temp_path=off;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location /v2/ {{
      proxy_pass {self.upstream};
      proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache registry; proxy_cache_valid 200 1h; proxy_max_temp_file_size 0;
      proxy_cache_lock on; proxy_cache_lock_timeout 10m; proxy_cache_lock_age 10m;
    }}
  }}
}}
"""
        )

    def command(self):
        return ["nginx", "-e", f"{self.folder}/error.log", "-c", f"{self.folder}/nginx.conf", "-p", str(self.folder)]


ALL = (Registry, Nginx, Tomcat, Jetty, Executable, Distribution, Zot)
