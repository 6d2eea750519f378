# Hands proxy settings to every service.

# https://www.freedesktop.org/software/systemd/man/systemd-system.conf.html: DefaultEnvironment
configure_proxy() {
  local file=/etc/systemd/system.conf.d/proxy-default-environment.conf name settings=''
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
    [[ -z "${!name:-}" ]] || settings+=" \"$name=${!name}\""
  done
  if [[ -n "$settings" ]]; then
    mkdir -p "${file%/*}"
    printf '[Manager]\nDefaultEnvironment=%s\n' "${settings# }" >"$file"
  elif [[ -e "$file" ]]; then
    rm "$file"
  fi
}
