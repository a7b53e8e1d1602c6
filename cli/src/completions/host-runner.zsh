#compdef host-runner
# Completion of host-runner for zsh.

_host-runner() {
    local -a lines folders others
    local line
    lines=("${(@f)$(HOST_RUNNER_COMPLETE=zsh PROGRAM -- "${(@Q)words[1,CURRENT-1]}" "$PREFIX" 2> /dev/null)}")
    for line in "${(@)lines:#}"; do
        if [[ "$line" == */ ]]; then
            folders+=("${line%/}")
        else
            others+=("$line")
        fi
    done
    (( ${#folders} )) && _describe -V 'folders' folders -S '/' -r '/'
    (( ${#others} )) && _describe -V 'host-runner' others
}

# A file of `fpath` is run when the first word is completed; one that is sourced registers itself.
if [[ "${funcstack[1]}" == _host-runner ]]; then
    _host-runner "$@"
else
    compdef _host-runner host-runner
fi
