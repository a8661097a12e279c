#!/bin/sh
# Creates or updates everything in the subscription that az is signed in to, and deploys the app: what `azd up` does, without azd.
# Needs: az, node, npm, and the settings that infra/main.bicepparam reads from the environment.
set -eu
cd "$(dirname "$0")/../.."

deployment="twinwrite-$AZURE_ENV_NAME"
az deployment sub create --name "$deployment" --location "$AZURE_LOCATION" \
  --template-file infra/main.bicep --parameters infra/main.bicepparam --output none
output() {
  az deployment sub show --name "$deployment" --query "properties.outputs.$1.value" --output tsv
}
KEY_VAULT_NAME=$(output KEY_VAULT_NAME)
export KEY_VAULT_NAME
infra/scripts/create-secrets.sh

npm run package -- --durable-back-end "$(output DURABLE_BACK_END)"
# New roles take minutes to be known everywhere; until then the app may not reach its packages (403).
for attempt in 1 2 3 4 5 6; do
  if az functionapp deployment source config-zip --resource-group "$(output AZURE_RESOURCE_GROUP)" \
    --name "$(output APP_NAME)" --src dist/twinwrite.zip --output none; then
    break
  fi
  [ "$attempt" = 6 ] && exit 1
  echo "not yet; again in a minute"
  sleep 60
done
url=$(output APP_URL)
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if curl --fail --silent --show-error --max-time 30 "$url/api/health"; then
    echo
    echo "ready: $url"
    exit 0
  fi
  sleep 15
done
echo "deployed, but $url/api/health does not answer 200" >&2
exit 1
