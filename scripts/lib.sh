# shellcheck shell=bash
# Shared by the scripts beside it; sourced, not run. Sets PROJECT_ROOT.

PROJECT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The Maven that is installed, otherwise the wrapper, which brings its own.
maven() {
    local command=$PROJECT_ROOT/mvnw
    if command -v mvn >/dev/null; then
        command=mvn
    fi
    "$command" --batch-mode --no-transfer-progress --file "$PROJECT_ROOT/pom.xml" "$@"
}

# The java of JAVA_HOME, otherwise the one on the PATH.
java_command() {
    printf '%s' "${JAVA_HOME:+$JAVA_HOME/bin/}java"
}

# built_jar MODULE ARTIFACT: the path of the module's jar; fails where it is not built.
built_jar() {
    local jar
    for jar in "$PROJECT_ROOT/$1/target/$2"-[0-9]*.jar; do
        case $jar in
            *-tests.jar | *-sources.jar | *-javadoc.jar) ;;
            *)
                if [[ -f $jar ]]; then
                    printf '%s' "$jar"
                    return 0
                fi
                ;;
        esac
    done
    return 1
}

plugin_jar() {
    built_jar spark-plugin paged-attention-spark-plugin
}

jobs_jar() {
    built_jar jobs paged-attention-jobs
}

# The Spark that the build assembles from its own dependencies.
assembled_spark_home() {
    printf '%s' "$PROJECT_ROOT/jobs/target/spark"
}

# Builds what submit.sh needs, unless it is there.
build_if_needed() {
    if plugin_jar >/dev/null && jobs_jar >/dev/null \
        && compgen -G "$(assembled_spark_home)/jars/spark-core_*.jar" >/dev/null; then
        return 0
    fi
    echo "Building the jars first; this happens once." >&2
    maven --quiet -DskipTests package >&2
}
