#!/bin/sh
# Read by Tomcat's catalina.sh. Memory does not grow with the size of a blob or the number of clients; the rest of the
# machine's memory serves best as the page cache from which blobs are sent.

CATALINA_PID="${CATALINA_PID:-$CATALINA_BASE/temp/tomcat.pid}"

# -XX:+ExitOnOutOfMemoryError: a server that has lost a thread to that is better started anew.
# jdk.nio.maxCachedBufferSize: bounds the direct buffer that each thread keeps for its file and socket channels.
CATALINA_OPTS="-Xms${TOMCAT_HEAP:-512m} -Xmx${TOMCAT_HEAP:-512m} -XX:MaxDirectMemorySize=${TOMCAT_DIRECT_MEMORY:-384m} \
-XX:+ExitOnOutOfMemoryError -Djdk.nio.maxCachedBufferSize=262144 -Djava.awt.headless=true ${CATALINA_OPTS:-}"
