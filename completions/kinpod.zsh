#compdef kinpod
# What zsh offers for kinpod: it asks the program itself.

_kinpod() {
  local -a lines offers
  local line value about
  local -i rules=4
  lines=("${(@f)$("${(Q)~words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${lines[-1]} == :* ]]; then
    rules=${lines[-1]#:}
    lines=("${(@)lines[1,-2]}")
  fi
  # What stands before a value in the same word stays.
  compset -P '-*='
  if ((!(rules & 4))); then
    if ((rules & 16)); then _files -/; else _files; fi
    return
  fi
  for line in "${lines[@]}"; do
    [[ -n $line ]] || continue
    value=${line%%$'\t'*}
    about=${line#*$'\t'}
    offers+=("${value//:/\\:}:$about")
  done
  _describe -t kinpod kinpod offers
}

# The first time that a file of $fpath is run it defines the function and has to do its work as well.
if [[ ${funcstack[1]} == _kinpod ]]; then
  _kinpod "$@"
else
  compdef _kinpod kinpod
fi
