# shellcheck shell=bash
# What bash offers for kinpod: it asks the program itself. Runs with bash 3.2 and newer, and without bash-completion.

_kinpod_complete() {
  local program=${COMP_WORDS[0]/#\~/$HOME} tab=$'\t'
  local word last line rules=4 glued=
  local -a words=() lines=()
  # bash splits words at "=" and ":" too; the program gets them as they were typed.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((${#words[@]} - 1))
    if ((last >= 0)) && { [[ $word == [=:]* ]] || [[ $glued ]]; }; then
      words[last]+=$word
    else
      words+=("$word")
    fi
    glued=
    [[ $word == *[=:] ]] && glued=1
  done

  while IFS= read -r line; do
    lines+=("$line")
  done < <("$program" __complete "${words[@]}" 2>/dev/null)
  last=$((${#lines[@]} - 1))
  if ((last >= 0)) && [[ ${lines[last]} == :* ]]; then
    rules=${lines[last]#:}
    unset "lines[last]"
  fi

  COMPREPLY=()
  word=${COMP_WORDS[COMP_CWORD]}
  [[ $word == [=:] ]] && word=
  if ((rules & 4)); then
    for line in "${lines[@]}"; do
      COMPREPLY+=("${line%%"$tab"*}")
    done
  else
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do
      COMPREPLY+=("$line")
    done < <(if ((rules & 16)); then compgen -d -- "$word"; else compgen -f -- "$word"; fi)
  fi
}

complete -F _kinpod_complete kinpod
