metadata description = 'Tells somebody when the month gets dear. It stops nothing.'

@description('In the currency of the subscription.')
@minValue(0)
param monthlyAmount int

@description('First day of the month in which it begins, as 2026-12-01. Azure refuses a month that is over when the budget is first made.')
@minLength(10)
@maxLength(10)
param startDate string

@description('Addresses that are told.')
@minLength(1)
param emails string[]

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: 'countersign'
  properties: {
    category: 'Cost'
    amount: monthlyAmount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
    notifications: {
      spent80: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: emails
      }
      willBeOver: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: emails
      }
    }
  }
}
