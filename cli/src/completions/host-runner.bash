# Completion of host-runner for bash.

_host_runner() {
    # bash splits words at `:` and `=`, too. They are put together again, as they stand in the line
    # up to the cursor; what bash has split off in front of the cursor is not repeated.
    local line="${COMP_LINE:0:COMP_POINT}" words=() word last=-1 index
    for (( index = 0; index < COMP_CWORD; index++ )); do
        word="${COMP_WORDS[index]}"
        if [[ $last -lt 0 || "$line" == [[:space:]]* ]]; then
            last=$(( last + 1 ))
            words[last]=""
            line="${line#"${line%%[![:space:]]*}"}"
        fi
        words[last]+="$word"
        line="${line#"$word"}"
    done
    if [[ "$line" == [[:space:]]* ]]; then
        last=$(( last + 1 ))
        words[last]=""
        line="${line#"${line%%[![:space:]]*}"}"
    fi
    words[last]+="$line"
    local front="${words[last]%"$2"}"
    if [[ "$front" == [\'\"]* ]]; then
        words[last]="$2"
        front=""
    fi

    local IFS=$'\n'
    COMPREPLY=( $(HOST_RUNNER_COMPLETE=bash PROGRAM -- "${words[@]}" 2> /dev/null) )
    COMPREPLY=( "${COMPREPLY[@]#"$front"}" )
    if [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *[=/:] ]]; then
        compopt -o nospace 2> /dev/null
    fi
}

complete -o bashdefault -o nosort -F _host_runner host-runner 2> /dev/null ||
    complete -o bashdefault -F _host_runner host-runner
