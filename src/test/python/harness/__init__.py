"""What the programs of src/test/interop, src/test/faults and bench have in common. Only the standard library.

  checks      checks that are counted and reported; expectations; what a check needs of the machine
  waiting     waiting for a condition, and work in threads
  ports       free ports of the loopback interface
  client      whole answers to HTTP requests
  socketget   GETs over bare sockets, which cost next to nothing
  herd        very many such GETs in one thread
  contents    digests, media types, manifests, noise; writing a content to where its digest belongs
  procfs      what Linux tells about a process
  server      a server in a process of its own: its start, its end, its log
  local       HTTP servers in this process
  upstream    a registry in this process, which counts what it is asked and can be told to misbehave
  registry    Debian's docker-registry, and how its folder is laid out
  entrepot    the packaged WAR, by `java -jar` and in Tomcat, and how its folder is laid out
  relay       a relay of connections at a bounded rate
  certificate a certificate that its server signs itself
  debian      installing what Debian has
  golang      building programs written in Go

`python3 -m harness --help` names what shell scripts can ask for. Python 3.11, with src/test/python on PYTHONPATH.
"""
