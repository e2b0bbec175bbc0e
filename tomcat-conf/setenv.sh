#!/bin/sh
# Read by Tomcat's catalina.sh. Memory does not grow with the size of a blob or the number of clients; the rest of the
# machine's memory serves best as the page cache from which blobs are sent.

CATALINA_PID="${CATALINA_PID:-$CATALINA_BASE/temp/tomcat.pid}"

# Each connection takes a tenth of a MiB of the heap, most of it for buffers of Tomcat. So they are limited, or clients could use it up.
heap="${TOMCAT_HEAP:-512m}"
case "$heap" in
  *[gG]) mebibytes=$((${heap%?} * 1024)) ;;
  *[mM]) mebibytes=${heap%?} ;;
  *) mebibytes=128 ;;
esac
connections=$(((mebibytes - 40) * 10))
[ "$connections" -ge 32 ] || connections=32
[ "$connections" -le 4000 ] || connections=4000

# -XX:+ExitOnOutOfMemoryError: a server that has lost a thread to that is better started anew.
# jdk.nio.maxCachedBufferSize: bounds the direct buffer that each thread keeps for its file and socket channels.
CATALINA_OPTS="-Xms$heap -Xmx$heap -XX:MaxDirectMemorySize=${TOMCAT_DIRECT_MEMORY:-384m} \
-XX:+ExitOnOutOfMemoryError -Djdk.nio.maxCachedBufferSize=262144 -Djava.awt.headless=true \
-Dtomcat.max.connections=$connections ${CATALINA_OPTS:-}"
