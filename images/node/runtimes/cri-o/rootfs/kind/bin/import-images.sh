#!/bin/sh
# Puts the images of an archive that comes in (Docker's or OCI's layout, not compressed) into CRI-O's store. CRI-O sees them at once.
# Prints a line for each: the digest by which the archive names it, and the image's ID.
set -eu
umask 077
work=$(mktemp -d /var/tmp/import-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
archive=$work/archive.tar
cat >"$archive"

# Of what engines write no path needs more than one of these two forms.
has() { tar --list --file "$archive" "$1" >/dev/null 2>&1 || tar --list --file "$archive" "./$1" >/dev/null 2>&1; }

# full NAME: as CRI has it, `app:1` is docker.io/library/app:1.
full() {
  name=$1
  case ${name##*/} in *[:@]*) ;; *) name=$name:latest ;; esac
  case ${name%%/*} in
    "$name") name=docker.io/library/$name ;;
    *.* | *:* | localhost) ;;
    *) name=docker.io/$name ;;
  esac
  echo "$name"
}

# store SOURCE DIGEST NAME...: the first name comes with the image, the others after it. Without a name it is known by its ID.
store() {
  source=$1 digest=$2
  shift 2
  id=$(skopeo inspect --config --raw "$source" | sha256sum)
  id=${id%% *}
  if [ $# -eq 0 ]; then
    skopeo copy --quiet --insecure-policy "$source" "containers-storage:@$id"
  else
    for name; do skopeo copy --quiet --insecure-policy "$source" "containers-storage:$(full "$name")"; done
  fi
  echo "$digest sha256:$id"
}

from_layout() {
  layout=$work/layout
  mkdir "$layout"
  tar --extract --file "$archive" --directory "$layout"
  rm "$archive"
  mv "$layout/index.json" "$work/index.json"
  # What BuildKit attests about an image lies beside it as if it were one.
  jq --compact-output '.manifests[] | select(.annotations["vnd.docker.reference.type"] == null)' "$work/index.json" >"$work/images"
  while IFS= read -r image; do
    # One at a time: by its place in the index is how skopeo cannot be told which.
    echo "{\"schemaVersion\":2,\"manifests\":[$(printf '%s' "$image" | jq --compact-output 'del(.annotations, .platform)')]}" >"$layout/index.json"
    # A tag alone names nothing that a pod could ask for.
    name=$(printf '%s' "$image" | jq --raw-output '.annotations | (.["io.containerd.image.name"] // (.["org.opencontainers.image.ref.name"] | select(. != null and test("[/:@]")))) // empty')
    digest=$(printf '%s' "$image" | jq --raw-output .digest)
    # shellcheck disable=SC2086 # none, or one without blanks
    store "oci:$layout" "$digest" $name
  done <"$work/images"
}

from_docker() {
  { tar --extract --to-stdout --file "$archive" manifest.json 2>/dev/null ||
    tar --extract --to-stdout --file "$archive" ./manifest.json; } >"$work/manifest.json"
  place=0
  jq --raw-output '.[] | (.RepoTags // []) | join(" ")' "$work/manifest.json" >"$work/names"
  while IFS= read -r names; do
    # shellcheck disable=SC2086 # names have no blanks
    store "docker-archive:$archive:@$place" - $names
    place=$((place + 1))
  done <"$work/names"
}

# containerd's order: an archive that has both is an OCI layout.
if has oci-layout; then
  from_layout
elif has manifest.json; then
  from_docker
else
  echo 'this is not an image archive: it has neither a manifest.json nor an OCI layout' >&2
  exit 1
fi
