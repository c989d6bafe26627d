#!/usr/bin/env bash
# code-server, which is Visual Studio Code in a browser, into a folder. Its own installation fetches from elsewhere; this
# one takes everything from npm and Debian: chromium ripgrep libkrb5-dev g++ make python3 pkg-config.
set -euo pipefail
folder=$1
version=4.100.3
[ -f "$folder/.installed-$version" ] && exit 0
mkdir -p "$folder"
cd "$folder"
# `npm init` would take the name of the folder, and refuses one with a dot in front.
echo '{ "name": "vscode-server", "private": true }' >package.json
npm install "code-server@$version" --ignore-scripts --no-audit --no-fund
export npm_config_nodedir=/usr
cd node_modules/code-server/lib/vscode
npm install --omit=dev --ignore-scripts --no-audit --no-fund
mkdir -p node_modules/@vscode/ripgrep/bin
cp "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
npm rebuild @vscode/spdlog native-watchdog kerberos
npm rebuild node-pty || true # terminals only
(cd extensions && npm install --omit=dev --ignore-scripts --no-audit --no-fund)
cd ../../../argon2
node ../.bin/node-pre-gyp install --build-from-source
touch "../../.installed-$version"
