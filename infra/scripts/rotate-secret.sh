#!/bin/sh
# Exchanges a secret without a gap: a new one comes first, the one in use stays valid behind it, an older one goes.
# Run it once, change the senders over to the new one, and run it again to end the old one.
# Usage: KEY_VAULT_NAME=... rotate-secret.sh webhook-keys|tag-secrets
set -eu

name=$1
case $name in
  webhook-keys | tag-secrets) ;;
  *)
    echo "usage: rotate-secret.sh webhook-keys|tag-secrets" >&2
    exit 2
    ;;
esac
old=$(mktemp)
new=$(mktemp)
trap 'rm -f "$old" "$new"' EXIT
az keyvault secret show --vault-name "$KEY_VAULT_NAME" --name "$name" --query value --output tsv > "$old"
{
  openssl rand -hex 32 | tr -d '\n'
  printf ','
  cut -d , -f 1 "$old" | tr -d '\n'
} > "$new"
az keyvault secret set --vault-name "$KEY_VAULT_NAME" --name "$name" --file "$new" --output none
echo "$name: exchanged; the app reads it within a day, or at its next start"
