#!/bin/sh
# Stands in for pkg-config while Go programs with C in them are compiled: the compiler looks for all that it needs in one tree
# (packages/c-library.list), so that only the names of libraries are left to be told.
libs=''
for word; do
  case $word in
    --libs) libs=yes ;;
    lib*) names="${names:-} -l${word#lib}" ;;
  esac
done
[ -z "$libs" ] || echo "${names:-}"
