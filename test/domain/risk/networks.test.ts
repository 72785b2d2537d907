import { describe, expect, it } from 'vitest';
import { isEverybody, publicAddresses, rangeOf, sourceOf } from '../../../shared/domain/risk/networks.ts';

describe('what lets everybody in', () => {
  it.each([
    [['*']],
    [['Any']],
    [[' Internet ']],
    [['0.0.0.0/0']],
    [['0/0']],
    [['::/0']],
    [['2000::/3']],
    [['0.0.0.0/1', '128.0.0.0/1']],
    [['128.0.0.0/2', '0.0.0.0/2']],
    [['0.0.0.0-255.255.255.255']],
    [['255.255.255.255-0.0.0.0']],
    [['0.0.0.0/0.0.0.0']],
    [['8.0.0.0/8']],
    [['8.0.0.0/9', '9.128.0.0/9']],
    [['10.0.0.0/7']],
    [['::ffff:0.0.0.0/96']],
    [['0x00000000/0']],
    [['000.000.000.000/00 ']],
    [['1.2.3']],
    [['1.2.3.4.5']],
    [['1.2.3.4/33']],
    [['1.2.3.4/-1']],
    [['300.0.0.0/8']],
  ])('%j', (sources) => {
    expect(isEverybody(sources.map(sourceOf))).toBe(true);
  });
});

describe('what does not', () => {
  it.each([
    [[]],
    [['203.0.113.7']],
    [['203.0.113.0/24', '198.51.100.0/24']],
    [['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']],
    [['8.0.0.0/9']],
    [['8.0.0.0/9', '8.0.0.0/9', '8.0.0.0/9']],
    [['VirtualNetwork', 'AzureLoadBalancer', 'Storage.WestEurope']],
    [['fd00::/8', 'fe80::/10']],
    [['2001:db8::/32']],
    [['2001:db8::1']],
    [['/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/a']],
  ])('%j', (sources) => {
    expect(isEverybody(sources.map(sourceOf))).toBe(false);
  });
});

it('all of Azure is nobody in particular, and anybody', () => {
  expect(sourceOf('AzureCloud').kind).toBe('azure');
  expect(sourceOf('azurecloud.WestEurope').kind).toBe('azure');
  expect(sourceOf('AzureCloudPrivate').kind).toBe('named');
});

it.each([
  ['10.1.2.3/8', { from: 167_772_160, to: 184_549_375 }],
  ['1.2.3.4', { from: 16_909_060, to: 16_909_060 }],
  ['255.255.255.255/32', { from: 4_294_967_295, to: 4_294_967_295 }],
  ['1.2.3.0/255.255.255.0', { from: 16_909_056, to: 16_909_311 }],
  ['1.2.3.4-1.2.3.5', { from: 16_909_060, to: 16_909_061 }],
  ['1.2.3.0/255.0.255.0', undefined],
  ['1.2.3.4/8/8', undefined],
  ['', undefined],
])('%s is a range', (text, range) => {
  expect(rangeOf(text)).toEqual(range);
});

it('public addresses are counted once, and private ones not at all', () => {
  const ranges = ['9.255.255.0/24', '10.0.0.0/8', '11.0.0.0/24', '11.0.0.128/25'].flatMap((text) => rangeOf(text) ?? []);
  expect(publicAddresses(ranges)).toBe(512);
});
