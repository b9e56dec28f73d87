#!/bin/sh
# What the image runs: `serve` unless a command is named. Flags alone are those of serve.
#   docker run image                    hatstand serve
#   docker run image --addr :8080       hatstand serve --addr :8080
#   docker run image push http://…      hatstand push http://…
#   docker run -it image sh             a shell
set -eu
main="$(dirname "$0")/../dist/faces/cli/main.js"

case "${1-}" in
  -h | --help | -v | --version) ;;
  '' | -*) set -- serve "$@" ;;
  sh | bash | node) exec "$@" ;;
  hatstand) shift && exec /bin/sh "$0" "$@" ;;
esac

# In this process's place, so that signals reach it.
exec node "$main" "$@"
