#!/bin/sh
# Fills the vault with the secrets that the app reads, where they are not there yet. Prints none of them.
# Needs: az, signed in; KEY_VAULT_NAME (an output of the deployment).
set -eu

for name in webhook-keys tag-secrets; do
  if az keyvault secret show --vault-name "$KEY_VAULT_NAME" --name "$name" --query id --output tsv > /dev/null 2>&1; then
    echo "$name: is there"
    continue
  fi
  # From a file, so that the secret stands in no list of processes.
  file=$(mktemp)
  trap 'rm -f "$file"' EXIT
  openssl rand -hex 32 | tr -d '\n' > "$file"
  az keyvault secret set --vault-name "$KEY_VAULT_NAME" --name "$name" --file "$file" --output none
  rm -f "$file"
  echo "$name: created"
done
