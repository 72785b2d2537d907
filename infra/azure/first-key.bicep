metadata description = 'Makes the first key that seals what is stored. Where the vault has one already nothing happens, whoever made it and however shortly before.'

param vaultName string

@description('One key, as the setting COUNTERSIGN_SEALING_KEYS has it. It is in no record of the deployment.')
@secure()
@minLength(32)
param value string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

// A key in its place would lose everything that was sealed meanwhile.
@onlyIfNotExists()
resource sealingKeys 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'sealing-keys'
  properties: {
    value: value
    contentType: 'text/plain'
    attributes: {
      enabled: true
    }
  }
}
