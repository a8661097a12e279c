#!/bin/sh
# Fills the vault with the secrets that the app reads, where they are not there yet. Prints none of them.
# Needs: az, signed in; KEY_VAULT_NAME (an output of the deployment).
set -eu

# A vault that cannot be read must not be taken for an empty one: its secrets would be replaced. The role that was
# just assigned may take minutes to be known.
attempt=1
until present=$(az keyvault secret list --vault-name "$KEY_VAULT_NAME" --query '[].name' --output tsv); do
  [ "$attempt" = 10 ] && exit 1
  attempt=$((attempt + 1))
  sleep 30
done

# From a file, so that the secret stands in no list of processes.
file=$(mktemp)
trap 'rm -f "$file"' EXIT
for name in webhook-keys tag-secrets; do
  if echo "$present" | grep -qx "$name"; then
    echo "$name: is there"
    continue
  fi
  openssl rand -hex 32 | tr -d '\n' > "$file"
  az keyvault secret set --vault-name "$KEY_VAULT_NAME" --name "$name" --file "$file" --output none
  echo "$name: created"
done
