# shellcheck shell=bash
# Sourced by submit.sh. With a class archive Java maps the classes of Spark and of our jobs from one file, where otherwise
# every process finds, checks and links ten thousand of them anew. An archive is made once for a Java and a class path, by
# make-class-archive.sh, behind the first job that ends well without one. Java compares it with itself and with every jar,
# and does without one that does not match.

# archive_classes WORD...: fills "command" with the words of a Java command, and what makes it use an archive. Where there
# is none, the job gets a command in its environment that makes one when the job is done. PAGED_ATTENTION_CLASS_ARCHIVE
# leaves the latter (use) or both (off) out.
archive_classes() {
    command=("$@")
    local folder name archive at path behind wish=${PAGED_ATTENTION_CLASS_ARCHIVE:-${CI:+use}}
    unset PAGED_ATTENTION_ARCHIVE_MAKER
    case ${wish:-auto} in
        auto | use) ;;
        off) return ;;
        *)
            echo "submit.sh: PAGED_ATTENTION_CLASS_ARCHIVE is $wish: set it to auto, use or off" >&2
            exit 2
            ;;
    esac
    if [[ " $* " == *" -Xshare:"* || $* == *-XX:SharedArchiveFile* ]]; then
        return
    fi
    split_class_path
    [[ $path == *'/*' ]] && folder=$(own_folder classes) && name=$(archive_name) || return 0
    archive=$folder/$name.jsa
    if [[ -f $archive ]]; then
        command[at]=$path$behind
        share_with_executors "$archive"
        command=("${command[0]}" "-XX:SharedArchiveFile=$archive" '-Xlog:cds*=off,class+path=off' "${command[@]:1}")
    elif [[ $wish != use ]] && worth_making; then
        PAGED_ATTENTION_ARCHIVE_MAKER=$(printf '%q ' setsid bash "$PROJECT_ROOT/scripts/make-class-archive.sh" "$archive" \
            "${command[0]}" -cp "$path")$(rehearsal_words)
        export PAGED_ATTENTION_ARCHIVE_MAKER
    fi
}

# share_with_executors ARCHIVE: for those of this machine (scripts/cluster.sh), whose class path begins as the driver's.
share_with_executors() {
    local word
    if [[ ${master:-} == spark://127.0.0.1:* ]]; then
        for ((word = 1; word < ${#command[@]}; word++)); do
            if [[ ${command[word]} == spark.executor.defaultJavaOptions=* ]]; then
                command[word]+=" \"-XX:SharedArchiveFile=$1\" -Xlog:cds*=off,class+path=off"
            fi
        done
    fi
}

# Fills "at" with the place of the class path in "command", "path" with the jars at its beginning, which an archive can
# hold, and "behind" with the rest: folders of settings. Ours comes first there.
split_class_path() {
    local entry
    for ((at = 1; at < ${#command[@]}; at++)); do
        if [[ ${command[at - 1]} == -cp ]]; then
            break
        fi
    done
    path='' behind=:$conf_dir/
    while IFS= read -r -d : entry; do
        if [[ $entry == "$conf_dir/" ]]; then
            continue
        elif [[ $behind == ":$conf_dir/" && ! -d $entry ]]; then
            path+=${path:+:}$entry
        else
            behind+=:$entry
        fi
    done <<<"${command[at]}:"
}

# own_folder NAME: makes and prints a folder of this user's, which no other user can open. Java's side is UserFolder.
own_folder() {
    local folder place=${PAGED_ATTENTION_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/paged-attention}
    mkdir -p "$(dirname "$place")" 2>/dev/null || return 1
    for folder in "$place" "$place/$1"; do
        mkdir -m 700 "$folder" 2>/dev/null || true
        [[ -d $folder && ! -L $folder && -O $folder && $(stat -c %a "$folder") == 700 ]] || return 1
    done
    printf '%s' "$folder"
}

# Tells one Java and class path from another, and heaps whose references take eight bytes from others.
archive_name() {
    local java entry files=()
    java=$(readlink -f "${command[0]}") && files=("$java" "${java%/bin/java}/lib/modules") || return 1
    while IFS= read -r -d : entry; do
        if [[ $entry == *'/*' ]]; then
            files+=("${entry%\*}"*.jar)
        elif [[ -e $entry ]]; then
            files+=("$entry")
        fi
    done <<<"$path:"
    { stat -L -c '%n %s %Y %i' "${files[@]}" && wide_references; } 2>/dev/null | sha256sum | cut -c 1-16
}

# Says so of a heap of 32 GiB or more.
wide_references() {
    local word
    for word in "${command[@]}"; do
        if [[ $word =~ ^-Xmx([0-9]+)([kKmMgGtT]?)$ ]]; then
            case ${BASH_REMATCH[2]} in
                [tT]) echo wide ;;
                [gG]) ((BASH_REMATCH[1] < 32)) || echo wide ;;
                [mM]) ((BASH_REMATCH[1] < 32 << 10)) || echo wide ;;
            esac
        fi
    done
}

# Not where it failed today, nor while another process is at it.
worth_making() {
    [[ -z $(find "$archive.failed" -mtime -1 2>/dev/null) ]] && flock --shared --nonblock "$folder/lock" true
}

# Prints those words of "command" that change classes or how they lie, quoted.
rehearsal_words() {
    local word
    for word in "${command[@]}"; do
        if [[ $word == --* || $word == -Xmx* || $word == -XX:+IgnoreUnrecognizedVMOptions ]]; then
            printf '%q ' "$word"
        elif [[ $word == org.apache.spark.deploy.SparkSubmit ]]; then
            break
        fi
    done
}
