metadata description = 'Tells by mail when the costs of the resource group near what was planned.'

param name string
@description('A month, in the currency of the subscription.')
@minValue(1)
param amount int
@description('First day of a month, yyyy-MM-01; Azure takes no earlier one than the current month\'s for a new budget.')
param start string
param emails string[]

resource budget 'Microsoft.Consumption/budgets@2026-06-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: start }
    notifications: {
      actualOver80Percent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: emails
      }
      forecastOver100Percent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: emails
      }
    }
  }
}
