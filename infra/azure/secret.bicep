metadata description = 'Puts keys into the vault without anybody needing a right to read it. Deployed by itself, when keys change (README, "Rotation").'

param vaultName string

@description('Name of the secret.')
@allowed(['sealing-keys', 'notice-webhook-secrets'])
param secretName string

@description('What apps are given. It is in no record of the deployment.')
@secure()
@minLength(32)
param value string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: secretName
  properties: {
    value: value
    contentType: 'text/plain'
    attributes: {
      enabled: true
    }
  }
}
