# Settings in files that the image brings.

# replace_in FILE OLD NEW: a file without OLD, as after an earlier start, is left alone.
replace_in() {
  local text
  text=$(<"$1")
  [[ "$text" == *"$2"* ]] || return 0
  printf '%s\n' "${text//"$2"/"$3"}" >"$1"
}
