# Sourced by the launchers: finds a JDK, builds on first use, starts a module's main class.
# Expects `root`, the repository, and calls: launch MODULE-DIRECTORY MAIN [ARGUMENT ...]

JAVA_MIN=22

# Prints the feature version of a JDK's home, or nothing.
java_version() {
  [ -x "$1/bin/java" ] && [ -f "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_java() {
  on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path") || on_path=
  for home in "${JAVA_HOME:-}" "${on_path%/bin/java}" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    [ -n "$home" ] || continue
    version=$(java_version "$home")
    if [ -n "$version" ] && [ "$version" -ge "$JAVA_MIN" ]; then
      java_home=$home
      return 0
    fi
  done
  echo "dioring needs a JDK $JAVA_MIN or newer: install one, or set JAVA_HOME to it." >&2
  exit 69
}

# A build is stale when a source or pom is newer than its mark.
is_stale() {
  [ -f "$1" ] || return 0
  [ -n "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main -newer "$1" -print -quit)" ]
}

build() {
  mark=$root/$1/target/app/.built
  is_stale "$mark" || return 0
  command -v mvn >/dev/null || {
    echo "dioring needs Maven for its first build: install the package maven." >&2
    exit 69
  }
  mkdir -p "$root/$1/target"
  (
    # Two first starts at once build one after the other.
    if command -v flock >/dev/null; then flock 9; fi
    is_stale "$mark" || exit 0
    echo "building dioring (once)..." >&2
    mvn -q -B -ntp -f "$root/pom.xml" -pl "$1" -am package -DskipTests -Dmaven.test.skip=true \
      -Dspotless.check.skip=true >&2 || exit 70
    touch "$mark"
  ) 9>"$root/$1/target/.build-lock" || {
    echo "dioring could not be built; the messages above say why." >&2
    exit 70
  }
}

launch() {
  find_java
  build "$1"
  module=$1
  main=$2
  shift 2
  app=$root/$module/target/app
  exec "$java_home/bin/java" \
    -XX:+AutoCreateSharedArchive -XX:SharedArchiveFile="$app/$(basename "$java_home").jsa" \
    -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off -Xlog:disable -Xlog:all=off \
    $JAVA_FLAGS \
    --enable-native-access=dev.dioring.bindings \
    -p "$app" -m "$main" "$@"
}
