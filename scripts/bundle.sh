#!/usr/bin/env bash
# Makes a folder that runs our jobs on hosts without internet, Maven or JDK, wherever it is put:
#   scripts/bundle.sh [--with-jre] [--with-cudf] [--with-tests] [--archive] [--output DIR]
#
#   --with-jre     a Java runtime in jre/, cut from this machine's JDK; used where JAVA_HOME is not set
#   --with-cudf    cuDF's jar for CUDA 13 (337 MB) beside ours, for score --io direct; submit.sh adds it by itself
#   --with-tests   the tests and their libraries in tests/, with bin/test-gpu to run those that need a GPU
#   --archive      also DIR-parts/{app,spark-jars,jre,cudf}.tgz: each unpacks into the same folder, so that after a change
#                  only app.tgz needs to be carried again
#   --output DIR   default: target/paged-attention-VERSION
#
# In the bundle, scripts/submit.sh JOB [options] is the entry. cuDNN, the GPU's driver and cuDF are the host's.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# java.se is what any library may ask of Java; the others hold what Spark, Hadoop and our kernels use beyond it, and
# jcmd for a look at a running job. Listed, since jdeps cannot see what Spark loads by name.
RUNTIME_MODULES=(java.se jdk.unsupported jdk.incubator.vector jdk.management jdk.crypto.ec jdk.security.auth
    jdk.security.jgss jdk.naming.dns jdk.zipfs jdk.charsets jdk.net jdk.httpserver jdk.jfr jdk.jcmd)

main() {
    parse_options "$@"
    if in_bundle; then
        echo "bundle.sh: this is a bundle already; run it where the sources are" >&2
        exit 2
    fi
    version=$(pom_value version)
    output=$(absolute "${output:-$PROJECT_ROOT/target/paged-attention-$version}")
    partial=$output.partial
    check_replaceable "$output"
    if $with_jre; then
        find_jlink
    fi

    build
    rm -rf "$partial"
    mkdir -p "$partial"
    add_app
    add_spark
    if $with_cudf; then
        add_cudf
    fi
    if $with_tests; then
        add_tests
    fi
    if $with_jre; then
        add_jre
    fi
    # Whole or not at all: a bundle that was broken off is never mistaken for one.
    rm -rf "$output"
    mv "$partial" "$output"

    if $archive; then
        write_archives
    fi
    report
}

parse_options() {
    with_jre=false with_cudf=false with_tests=false archive=false output=''
    while (($# > 0)); do
        case $1 in
            --with-jre) with_jre=true ;;
            --with-cudf) with_cudf=true ;;
            --with-tests) with_tests=true ;;
            --archive) archive=true ;;
            --output=?*) output=${1#*=} ;;
            --output)
                output=${2:-}
                if [[ -z $output ]]; then
                    echo "bundle.sh: --output needs a folder" >&2
                    exit 2
                fi
                shift
                ;;
            -h | --help)
                sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
                exit 0
                ;;
            *)
                echo "bundle.sh: unknown option $1 (see --help)" >&2
                exit 2
                ;;
        esac
        shift
    done
}

# pom_value NAME: the first <NAME> of the parent pom, on one line there.
pom_value() {
    local value
    value=$(sed -n "s:^ *<$1>\(.*\)</$1>\$:\1:p" "$PROJECT_ROOT/pom.xml" | head -n 1)
    if [[ -z $value || $value == *\$* ]]; then
        echo "bundle.sh: pom.xml has no plain <$1>" >&2
        return 1
    fi
    printf '%s' "$value"
}

absolute() {
    mkdir -p "$(dirname "$1")"
    printf '%s/%s' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")"
}

# A mistyped --output must not cost anyone a folder.
check_replaceable() {
    if [[ -e $1 && ! -f $1/scripts/lib.sh && -n $(ls -A "$1") || -f $1/pom.xml ]]; then
        echo "bundle.sh: $1 exists and is not a bundle: remove it or choose another --output" >&2
        exit 2
    fi
}

find_jlink() {
    jlink=${JAVA_HOME:+$JAVA_HOME/bin/}jlink
    if ! command -v "$jlink" >/dev/null; then
        echo "bundle.sh: --with-jre needs the jlink of a JDK 17 or newer: set JAVA_HOME to one" >&2
        exit 1
    fi
}

build() {
    local profile=()
    if $with_tests; then
        profile=(--activate-profiles bundle-tests)
    fi
    # What an earlier version of a dependency left there must not travel along.
    rm -rf "$(assembled_spark_home)" "$PROJECT_ROOT/spark-plugin/target/bundle-tests"
    echo "Building the jars." >&2
    maven --quiet -DskipTests ${profile[@]+"${profile[@]}"} package >&2
}

add_app() {
    mkdir "$partial/jars" "$partial/scripts"
    cp "$PROJECT_ROOT/spark-plugin/target/paged-attention-spark-plugin-$version.jar" \
        "$PROJECT_ROOT/jobs/target/paged-attention-jobs-$version.jar" "$partial/jars"
    cp -R "$PROJECT_ROOT/conf" "$PROJECT_ROOT/LICENSE" "$partial"
    local script
    for script in "$PROJECT_ROOT"/scripts/*.sh; do
        case ${script##*/} in
            bundle.sh | test.sh) ;; # need the sources
            *) cp "$script" "$partial/scripts" ;;
        esac
    done
}

add_spark() {
    mkdir "$partial/spark"
    cp -R "$(assembled_spark_home)/jars" "$partial/spark"
}

# Apart from the app, since it is thirty times as large and changes with cuDF's releases only.
add_cudf() {
    mkdir "$partial/cudf"
    echo "Fetching cuDF." >&2
    maven --quiet --non-recursive dependency:copy -Dartifact="ai.rapids:cudf:$(pom_value cudf.version):jar:cuda13" \
        -DoutputDirectory="$partial/cudf" >&2
}

add_tests() {
    mkdir "$partial/bin" "$partial/tests"
    cp "$PROJECT_ROOT/scripts/bundle/test-gpu" "$partial/bin"
    cp "$PROJECT_ROOT/spark-plugin/target/bundle-tests"/*.jar \
        "$PROJECT_ROOT/spark-plugin/target/paged-attention-spark-plugin-$version-tests.jar" "$partial/tests"
    pom_value spark.jvm.options >"$partial/tests/jvm.options"
}

add_jre() {
    local modules strip=--strip-java-debug-attributes
    # The whole --strip-debug also strips the native libraries, and fails without this tool.
    if command -v objcopy >/dev/null; then
        strip=--strip-debug
    fi
    modules=$(printf ',%s' "${RUNTIME_MODULES[@]}")
    echo "Linking the Java runtime." >&2
    "$jlink" --add-modules "${modules#,}" --compress=2 --no-header-files --no-man-pages "$strip" \
        --output "$partial/jre" >&2
    # Java's own class archives, which jlink leaves out: for usual heaps, and for those of 32 GiB and more.
    "$partial/jre/bin/java" -Xshare:dump >/dev/null
    "$partial/jre/bin/java" -XX:-UseCompressedOops -Xshare:dump >/dev/null
}

# Everything lies in the bundle's folder, in every archive; the same files give the same bytes. Jars hardly shrink, so no
# time goes there.
write_archives() {
    local parts=$output-parts path app=()
    mkdir -p "$parts"
    rm -f "$parts"/{app,spark-jars,jre,cudf}.tgz
    for path in "$output"/*; do
        case ${path##*/} in
            spark | jre | cudf) ;;
            *) app+=("${path##*/}") ;;
        esac
    done
    echo "Writing the archives." >&2
    pack app.tgz -6 "${app[@]}"
    pack spark-jars.tgz -1 spark
    if $with_jre; then
        pack jre.tgz -6 jre
    fi
    if $with_cudf; then
        pack cudf.tgz -1 cudf
    fi
}

# pack ARCHIVE LEVEL PATH...: of paths in the bundle.
pack() {
    local archive=$1 level=$2
    shift 2
    tar --create --directory "${output%/*}" --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="$(pom_value project.build.outputTimestamp)" "${@/#/${output##*/}/}" \
        | gzip --no-name "$level" >"$output-parts/$archive"
}

report() {
    local path
    echo "$output"
    for path in "$output"/*; do
        printf '%12d  %s\n' "$(du -sb "$path" | cut -f 1)" "${path##*/}"
    done
    if $archive; then
        echo "$output-parts"
        for path in "$output-parts"/*; do
            printf '%12d  %s\n' "$(stat -c %s "$path")" "${path##*/}"
        done
    fi
}

main "$@"
