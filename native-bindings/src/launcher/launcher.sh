# Sourced by the launchers: finds a JDK, builds on first use, starts a module's main class.
# Expects `root`, the repository, and calls: launch MODULE-DIRECTORY MAIN [ARGUMENT ...]
# or, for a server that goes on when the command has returned: launch_server with the same.

JAVA_MIN=22
# From this one on the JVM can keep which classes a run loads, and which methods are busy and how.
JAVA_LEARNS=25

# Sets java_feature to the feature version of a JDK's home, 0 where there is none, and java_name to
# what tells it from others.
java_version() {
  java_feature=0
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=\"[0-9]*)
        line=${line#*\"}
        java_feature=${line%%[!0-9]*}
        java_name=${1##*/}-${line%\"*}
        ;;
    esac
  done <"$1/release"
}

find_java() {
  on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path") || on_path=
  for java_home in "${JAVA_HOME:-}" "${on_path%/bin/java}" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    [ -n "$java_home" ] || continue
    java_version "$java_home"
    [ "$java_feature" -lt "$JAVA_MIN" ] || return 0
  done
  echo "dioring needs a JDK $JAVA_MIN or newer: install one, or set JAVA_HOME to it." >&2
  exit 69
}

# A module's build is stale when a source or pom is newer than its mark.
is_stale() {
  [ -f "$root/$1/target/app/.built" ] || return 0
  [ -n "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main \
    -newer "$root/$1/target/app/.built" -print -quit)" ]
}

# What was learned of a build is of no use for the next, whoever made that.
is_unrehearsed() {
  [ "$java_feature" -ge "$JAVA_LEARNS" ] && [ -n "${rehearsal:-}" ] || return 1
  mark=$root/$1/target/app/$java_name.rehearsed
  [ -f "$mark" ] || return 0
  for jar in "$root/$1"/target/app/*.jar; do
    [ ! "$jar" -nt "$mark" ] || return 0
  done
  return 1
}

# Maven runs on the JDK that was found. From 24 on that JDK warns of what Maven itself does.
run_maven() {
  if [ "$java_feature" -ge 24 ]; then
    quiet="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
  fi
  # Even a quiet build that succeeds prints escape sequences as it ends.
  said=$(JAVA_HOME=$java_home MAVEN_OPTS="${MAVEN_OPTS:-} ${quiet:-}" \
    mvn -q -B -ntp -Dstyle.color=never -f "$root/pom.xml" "$@" 2>&1 </dev/null) || {
    printf '%s\n' "$said" >&2
    return 1
  }
}

build() {
  if is_stale "$1"; then
    [ -w "$root/$1" ] || {
      echo "dioring is not built yet, and $root/$1 is not yours to write: run it once as its owner." >&2
      exit 77
    }
    command -v mvn >/dev/null || {
      echo "dioring needs Maven for its first build: install the package maven." >&2
      exit 69
    }
  elif [ ! -w "$root/$1/target/app" ] || ! is_unrehearsed "$1"; then
    return
  fi
  # Two first starts at once build one after the other, whichever modules they start.
  mkdir -p "$root/native-bindings/target" "$root/$1/target/app"
  (
    if command -v flock >/dev/null; then flock 9; fi
    if is_stale "$1"; then compile "$1"; fi
    if is_unrehearsed "$1"; then rehearse "$1"; fi
  ) 9>"$root/native-bindings/target/.build-lock" || {
    echo "dioring could not be built; the messages above say why." >&2
    exit 70
  }
}

compile() {
  echo "building dioring (once)..." >&2
  mark=$root/$1/target/app/.built
  # The mark is as old as the build's start: what is edited meanwhile is built again.
  touch "$mark.new"
  rm -f "$root/$1"/target/app/*.jar
  run_maven -pl "$1" -am package -Dmaven.test.skip=true -Dspotless.check.skip=true || exit 70
  mv "$mark.new" "$mark"
}

# Runs a module's rehearsal once for the JVM to learn from; without, all works, but starts slower.
rehearse() {
  echo "preparing quick starts (once)..." >&2
  learned=$root/$1/target/app/$java_name
  rm -f "$learned.aot"
  kept=-XX:AOTCacheOutput=$learned.aot.new
  create=
  if run_java "timeout 120" "$1" "$rehearsal" >/dev/null 2>&1 </dev/null; then
    mv "$learned.aot.new" "$learned.aot"
  else
    rm -f "$learned".aot.new*
  fi
  touch "$learned.rehearsed"
}

# Sets `kept` to the option that names what JVMs keep from run to run: what the rehearsal learned or,
# without, an archive of the classes that the first run loads; a mount loads others than a command.
find_kept() {
  app=$root/$1/target/app
  create=
  if [ -r "$app/$java_name.aot" ]; then
    kept=-XX:AOTCache=$app/$java_name.aot
    return
  fi
  [ "${3:-}" = mount ] && user=-mount || user=
  kept=-XX:SharedArchiveFile=$app/$java_name$user.jsa
  # A JVM that may not write it, and finds it missing or stale, would fail when it ends.
  [ ! -w "$app" ] || create=-XX:+AutoCreateSharedArchive
}

# Carriers of virtual threads: half the processors, for the rest belongs to pollers and the kernel.
# A second carrier on two processors only takes turns with the first, at twice the processor time.
carriers() {
  processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || processors=2
  [ "$processors" -gt 3 ] && echo $((processors / 2)) || echo 1
}

launch() {
  find_java
  build "$1"
  find_kept "$@"
  run_java exec "$@"
}

# Starts a server in a session of its own and waits until it says on descriptor 3 that it is ready,
# or with which exit code it ends. Why it does it has told on standard error.
launch_server() {
  find_java
  build "$1"
  find_kept "$@"
  DIORING_JAVA_OPTIONS="-Dext4lite.ready=3 ${DIORING_JAVA_OPTIONS:-}"
  {
    run_java "exec setsid" "$@" 3>&1 >/dev/null </dev/null &
  } | {
    read -r said || said=70
    [ "$said" = ready ] || exit "$said"
  }
}

# Calls $1 with the JVM's command line: run_java HOW MODULE-DIRECTORY MAIN [ARGUMENT ...]
run_java() {
  how=$1
  module=$2
  main=$3
  shift 3
  # shellcheck disable=SC2086
  $how "$java_home/bin/java" \
    ${create:-} "$kept" -Xlog:disable -XX:+UseSerialGC \
    -Djdk.virtualThreadScheduler.parallelism="${DIORING_CARRIERS:-$(carriers)}" \
    --enable-native-access=dev.dioring.bindings ${DIORING_JAVA_OPTIONS:-} \
    -p "$root/$module/target/app" -m "$main" "$@"
}
