# What fish offers for kinpod: it asks the program itself.

function __kinpod_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l rules (string replace -- ':' '' $lines[-1])
    set -e lines[-1]
    # What stands before a value in the same word is part of what fish replaces.
    set -l before (string match -r -- '^-[^=]*=' "$current")
    set -l typed (string replace -r -- '^-[^=]*=' '' "$current")
    switch $rules
        case 0
            set lines (__fish_complete_path "$typed")
        case 16
            set lines (__fish_complete_directories "$typed")
    end
    for line in $lines
        echo "$before$line"
    end
end

complete -c kinpod -e
complete -c kinpod -f -a '(__kinpod_complete)'
