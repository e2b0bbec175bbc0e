# shellcheck shell=bash
# call.sh FILE NAME: runs the function NAME with the variables of FILE; its first failing command fails it, and is the reason
# that is told where it gives none itself.
# shellcheck source-path=SCRIPTDIR
set -Eeuo pipefail
shopt -s inherit_errexit

# shellcheck source=/dev/null
. "$1"
. "$here/lib.sh"
. "$here/servers.sh"
. "$here/clients.sh"
. "$here/publish.sh"
. "$here/checks-pull.sh"
. "$here/checks-http.sh"
. "$here/checks-fault.sh"
. "$here/checks-upstreams.sh"
. "$here/checks-clients.sh"
. "$here/checks-helm.sh"
. "$here/checks-containerd.sh"
. "$here/checks-login.sh"
. "$here/checks-docker.sh"
. "$here/checks-directory.sh"
. "$here/checks-provider.sh"
. "$here/checks-launcher.sh"
. "$here/checks-import.sh"
. "$here/checks-tomcat.sh"

trap 'because "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
"$2"
