# shellcheck shell=bash
# Docker itself: its login, and a mirror of Docker Hub, to which it sends nothing but its login of Docker Hub.

docker() {
  DOCKER_CONFIG=$work/docker-login timeout 120 "$root/target/debian/docker.io/usr/bin/docker" --host "unix://$work/docker/docker.sock" "$@"
}

# docker_start [OPTION...]: a daemon with nothing in it.
docker_start() {
  [ "$(id -u)" = 0 ] || skip "dockerd needs root"
  stop docker
  rm -rf "$work/docker" "$work/docker-login"
  mkdir "$work/docker"
  launch docker python3 "$here/daemon.py" "$work/docker" "$@"
  wait_until 60 docker version >/dev/null || skip "dockerd does not start here: $(tail -n 1 "$work/docker.err")"
}

docker_logs_in_and_pulls() {
  local host=127.0.0.1:$subject_port
  with_users
  docker_start
  mark private
  if docker login -u ann -p wrong "$host"; then fail "docker logs in by a wrong password"; fi
  if docker pull --quiet "$host/team/small:1"; then fail "docker pulls without a login"; fi
  docker login -u bob -p bob-password "$host" || fail "docker does not log bob in: $(tail -n 1 "$scratch/check.log")"
  if docker pull --quiet "$host/team/small:1"; then fail "docker pulls what bob may not pull"; fi
  expect "asked of the upstream" "" "$(requests private)"
  docker login -u ann -p ann-password "$host" || fail "docker does not log ann in: $(tail -n 1 "$scratch/check.log")"
  docker pull --quiet "$host/team/small:1" || fail "docker pulls nothing: $(tail -n 1 "$scratch/check.log")"
  expect_docker_has "$host/team/small"
  docker logout "$host"
  docker image rm --force "$host/team/small:1"
  if docker pull --quiet "$host/team/small:1"; then fail "docker pulls after its logout"; fi
}

buildkit_pulls_a_base_with_the_login_of_docker() {
  local host=127.0.0.1:$subject_port
  with_users
  alive docker || docker_start
  printf 'FROM %s/team/small:1\nLABEL built=here\n' "$host" >"$scratch/Dockerfile"
  if DOCKER_BUILDKIT=1 docker build --quiet --file "$scratch/Dockerfile" "$scratch"; then fail "BuildKit pulls without a login"; fi
  docker login -u ann -p ann-password "$host"
  DOCKER_BUILDKIT=1 docker build --quiet --file "$scratch/Dockerfile" "$scratch" || fail "BuildKit pulls nothing: $(tail -n 1 "$scratch/check.log")"
}

# expect_docker_has REPOSITORY: the digest under which it has the image is that of small.
expect_docker_has() {
  docker image inspect --format '{{join .RepoDigests " "}}' "$1:1" >"$scratch/digests"
  grep -qF "$(index_of small)" "$scratch/digests" || fail "docker has another digest: $(cat "$scratch/digests")"
}

docker_pulls_through_a_mirror_with_its_login_of_the_hub() {
  push small "127.0.0.1:$open_port" library/small:1 --preserve-digests
  write_users
  ready=/api/health/live subject_fresh --set "auth.htpasswd.path=$work/users" --set auth.lenient=true --set "access=anonymous pull library/*"
  docker_start --registry-mirror "$(subject_url)"
  mkdir "$work/docker-login"
  printf '{"auths":{"https://index.docker.io/v1/":{"auth":"%s"}}}' "$(printf hub-user:hub-password | base64)" >"$work/docker-login/config.json"
  docker pull --quiet small:1 || fail "docker pulls nothing through its mirror: $(tail -n 1 "$scratch/check.log")"
  docker image inspect --format '{{join .RepoDigests " "}}' small:1 | grep -qF "$(index_of small)" || fail "docker got another digest"
  if grep -F hub-password "$work/subject.out" "$work/subject.err"; then fail "the password of Docker Hub is in the log"; fi
  stop docker
}
